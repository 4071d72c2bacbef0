"""Migrations that are refused: the reasons, held to carets below the lines of a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specql_lsp.registry.migration.migrate import MigrationFinding, MigrationRefused, migrate_file
from tests.support.sources import postgresql_source

GOOD = """\
version: 1.0.0
domains:
  '2':
    name: crm
    description: Customers
    multi_tenant: true
    aliases: [management]
    subdomains:
      '03':
        name: customer
        next_entity_sequence: 3
        entities:
          Contact: {table_code: '012031', entity_code: CNT}
          Company: '012032'
reserved_codes: []
"""

_EXPECTATION = re.compile(r"[ ]*(?P<caret>\^) (?P<message>.+)\Z")


def problems(text: str, url: str, folder: Path, *, name: str = "it.yaml") -> tuple[MigrationFinding, ...]:
    """Why a text is refused: in a dry run and in earnest alike, with nothing written."""
    path = folder / "registry.yaml"
    path.write_bytes(text.encode())
    source = postgresql_source(url)
    before = source.load()
    refusals = []
    for dry_run in (True, False):
        with pytest.raises(MigrationRefused) as caught:
            migrate_file(path, source, dry_run=dry_run, name=name)
        refusals.append(caught.value)
    assert refusals[0].findings == refusals[1].findings
    assert [r.kind for r in refusals] == [refusals[0].kind] * 2
    count = len(refusals[0].findings)
    reasons = "one reason" if count == 1 else f"{count} reasons"
    assert refusals[1].message == f"{name} cannot be migrated for {reasons}; nothing was changed."
    assert source.load() is before
    source.close()
    return refusals[0].findings


def check(marked: str, url: str, folder: Path) -> None:
    """Migrates a text in which ``^ message`` below a line expects a problem at that column; no other may be found.

    The message is the whole one, or its beginning where it ends with an ellipsis.
    """
    kept: list[str] = []
    expected: list[tuple[int, int, str]] = []
    for line in marked.split("\n"):
        found = _EXPECTATION.match(line)
        if found is None:
            kept.append(line)
        else:
            expected.append((len(kept), found.start("caret") + 1, found["message"]))
    actual = [(p.line, p.column, p.message) for p in problems("\n".join(kept), url, folder)]
    assert [a[:2] for a in actual] == [e[:2] for e in expected], actual
    for (_, _, message), (_, _, wanted) in zip(actual, expected, strict=True):
        assert message.startswith(wanted[:-1]) if wanted.endswith("…") else message == wanted
