"""What passes the validator of a registry YAML is read alike by SpecQL's reader, PyYAML, and by ours."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specql_lsp.registry.consistency.changes import completed
from specql_lsp.registry.migration.candidate import read_candidate
from specql_lsp.registry.migration.checks import storage_findings
from specql_lsp.registry.sources.base import SourceUnavailableError
from tests.support.corpus import REGISTRIES
from tests.support.effort import times
from tests.support.exports import as_postgresql_holds, as_specql_reads

ROOT = Path(__file__).parents[2]
REAL = [
    *REGISTRIES,
    ROOT / "fixtures" / "workspace" / "registry" / "domain_registry.yaml",
]
TEXT = """\
domains:
  '2':
    name: crm
    description: >-
      Customers
      and more
    multi_tenant: true
    aliases: [management, &d dim]
    subdomains: &subs
      '03':
        name: customer
        description: |
          a
           b

        next_entity_sequence: 3
        entities:
          Contact: {table_code: '012031', entity_code: CNT}
          Company: '012032'
          Tag:
            table_code: "012033"
            sequence: 3
  3:
    name: *d
    subdomains: *subs
reserved_codes: []
"""
PIECES = (
    *("'", '"', ":", ": ", "\n", "\r\n", "\t", "  ", "- ", "{", "}", "[", "]", ",", "#", " # ", "|", ">", "|+", ">2"),
    *("01", "012", "yes", "no", "on", "~", "null", "0x1", "1:30", "1.5", "2025-01-01", "0b1", "true", "False", "12"),
    *(
        "<<: *d",
        "&a ",
        "*d",
        "!!str ",
        "!x ",
        "? ",
        "\\",
        "é",
        "---\n",
        "...\n",
        "\u2028",
        "\x85",
        "\xa0",
        ".",
        "=",
        "%",
    ),
    *("name: x\n", "      '03': {name: x}\n", "          Tag: '1'\n", "A", "Z"),
)


def is_read_alike(path: Path) -> bool:
    """Whether a file passes; then it is read alike."""
    try:
        candidate = read_candidate(path)
    except SourceUnavailableError:
        return False
    if candidate.snapshot is None or candidate.findings:
        assert candidate.findings
        return False
    wanted = completed(candidate.snapshot)
    if any(storage_findings(wanted)):
        return False
    assert as_specql_reads(yaml.safe_load(path.read_bytes().decode())) == as_postgresql_holds(wanted)
    return True


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_registries_are_read_alike(path: Path) -> None:
    assert is_read_alike(path)


@settings(deadline=None, max_examples=times(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 5), st.sampled_from(PIECES)), max_size=2))
def test_what_passes_is_read_alike(tmp_path: Path, changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for at, length, piece in changes:
        text = text[:at] + piece + text[at + length :]
    path = tmp_path / "registry.yaml"
    path.write_bytes(text.encode())
    assert is_read_alike(path) or changes
