"""What an export is held against: the registry that PyYAML, ruamel and our own reader find in it."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from ruamel.yaml import YAML

from specql_lsp.items.registry_file import read_registry
from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Discrepancy
from specql_lsp.registry.yaml_edits.export import export_registry
from specql_lsp.registry.yaml_edits.resolution import keep_postgresql_side
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.workspace.documents import Document

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
STAMP = "2026-03-04T05:06:07.000Z"
"""``NOW`` as it is written into a YAML."""
PLAIN_DIGITS = re.compile(r": 0[0-9]+$", re.MULTILINE)
"""A code without quotes that is a text to PyYAML, as it is no octal number, and an integer to ruamel (YAML 1.2)."""


def read(text: str) -> Snapshot:
    """The registry that our reader finds in a text."""
    tree = parse(text.removeprefix("\ufeff"))
    return snapshot_of(read_registry(tree), tree)


def as_specql_reads(data: Any) -> dict[str, Any]:
    """What PyYAML's (or ruamel's) data say of everything that PostgreSQL holds, too."""
    return {
        _key(number): (
            _text(domain["name"]),
            _text(domain.get("description")),
            bool(domain.get("multi_tenant")),
            {_text(alias) for alias in domain.get("aliases") or ()},
            {
                _key(sub): (
                    _text(subdomain["name"]),
                    _text(subdomain.get("description")),
                    _counter(subdomain.get("next_entity_sequence")),
                    {
                        _name(name): _code(entity if isinstance(entity, str) else entity["table_code"])
                        for name, entity in (subdomain.get("entities") or {}).items()
                    },
                )
                for sub, subdomain in (domain.get("subdomains") or {}).items()
            },
        )
        for number, domain in data["domains"].items()
    }


def as_postgresql_holds(snapshot: Snapshot) -> dict[str, Any]:
    """The same of a snapshot."""
    return {
        _key(d.number): (
            d.name,
            d.description or None,
            d.multi_tenant,
            set(d.aliases),
            {
                _key(s.number): (
                    s.name,
                    s.description or None,
                    _counter(s.next_entity_sequence),
                    {_name(e.name): _code(e.table_code) for e in s.entities},
                )
                for s in d.subdomains
            },
        )
        for d in snapshot.domains
    }


def _key(number: str | int) -> str:
    return str(number).upper()


def _counter(value: Any) -> int:
    assert value is None or isinstance(value, int)
    return 1 if value is None else value


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _name(value: Any) -> str:
    assert isinstance(value, str)
    return value.lower()  # SpecQL looks entities up without regard to case


def _code(value: Any) -> str:
    assert isinstance(value, str), value
    return value.strip().upper()


def exported(postgresql: Snapshot, text: str | None) -> str:
    """An export that was checked: every reader finds PostgreSQL's content, and a second one changes nothing."""
    after = export_registry(postgresql, text, NOW)
    wanted = as_postgresql_holds(postgresql)
    assert as_specql_reads(yaml.safe_load(after)) == wanted
    by_ruamel = YAML(typ="safe", pure=True).load(io.StringIO(after.removeprefix("\ufeff")))
    if not PLAIN_DIGITS.search(text or ""):
        assert as_specql_reads(by_ruamel) == wanted
    assert compare_all(postgresql, read(after)) == ()
    assert export_registry(postgresql, after, LATER) == after
    return after


def keep_postgresql(
    document: Document, discrepancy: Discrepancy, postgresql: Snapshot, now: datetime
) -> tuple[TextEdit, ...]:
    """The edits after which a registry YAML holds PostgreSQL's side of one discrepancy."""
    return keep_postgresql_side(document, [discrepancy], postgresql, now).edits
