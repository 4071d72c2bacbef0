"""A registry YAML with unresolved merge conflicts: what is known of it, and that neither side's codes are given out."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.client import Registry
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.source import RegistryConflictError, YamlSource
from specql_lsp.registry.state import Source
from tests.registry.yaml_texts import SMALL

PATH = Path("registry") / "domain_registry.yaml"
BASE = SMALL.partition("reserved_codes")[0]
ENTRY = """\
          {name}:
            table_code: '{code}'
            entity_code: XYZ
            assigned_at: '2026-01-20T10:00:00'
"""


def entries(*given: tuple[str, str]) -> str:
    return "".join(ENTRY.format(name=name, code=code) for name, code in given)


OURS = entries(("Lead", "012032"), ("Deal", "012033"))
THEIRS = entries(("Note", "012032"), ("Deal", "012034"))
CONFLICTED = f"{BASE}<<<<<<< HEAD\n{OURS}=======\n{THEIRS}>>>>>>> topic\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / PATH).write_text(CONFLICTED)
    return tmp_path


@pytest.fixture
def url(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        connection.execute("""
            INSERT INTO specql_registry.tb_domain (domain_number, domain_name, description, multi_tenant)
            VALUES ('2', 'crm', 'Customers', true);
            INSERT INTO specql_registry.tb_subdomain
                (fk_domain, subdomain_number, subdomain_name, description, next_entity_sequence)
            VALUES (1, '03', 'customer', 'People', 2);
            INSERT INTO specql_registry.tb_entity_registration
                (fk_subdomain, entity_name, table_code, entity_sequence)
            VALUES (1, 'Contact', '012031', 1);""")
    return database_url


def conflict(path: Path) -> RegistryConflictError:
    with pytest.raises(RegistryConflictError) as caught:
        YamlSource(path, name="it.yaml").load()
    return caught.value


def entities(snapshot: Snapshot | None) -> list[tuple[str, str]]:
    assert snapshot is not None
    return [(r.entity.name, r.entity.table_code) for r in snapshot.registrations()]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_both_sides_are_known(workspace: Path, line_break: str) -> None:
    (workspace / PATH).write_bytes(CONFLICTED.replace("\n", line_break).encode())
    error = conflict(workspace / PATH)
    line = BASE.count("\n") + 1
    assert error.reason == f"The registry file it.yaml has an unresolved merge conflict (line {line}): resolve it."
    found = error.conflicted
    assert found.withheld == {"012032", "012033", "012034"}
    assert entities(found.snapshot)[-5:] == [
        ("Contact", "012031"),
        ("Lead", "012032"),
        ("Deal", "012033"),
        ("Note", "012032"),
        ("Deal", "012034"),
    ]
    assert found.snapshot is not None and found.snapshot.rules.withheld_codes == found.withheld
    assert found.snapshot_after(None) is found.snapshot_after(found.snapshot) is found.snapshot


def test_lines_that_both_sides_have_are_outside_of_the_conflict(workspace: Path) -> None:
    entry = entries(("Lead", "012032"))
    text = BASE + entry.replace(
        "          Lead:\n", "<<<<<<< HEAD\n          Lead:\n=======\n          Note:\n>>>>>>> topic\n"
    )
    (workspace / PATH).write_text(text)
    found = conflict(workspace / PATH).conflicted
    assert entities(found.snapshot)[-2:] == [("Lead", "012032"), ("Note", "012032")]
    assert found.withheld == {"012032"}


def test_sides_that_are_no_yaml_withhold_their_codes_nevertheless(workspace: Path) -> None:
    (workspace / PATH).write_text(CONFLICTED + "  odd: ]\n")
    found = conflict(workspace / PATH).conflicted
    assert found.snapshot is None and found.withheld == {"012032", "012033", "012034"}
    assert found.snapshot_after(None) is None
    before = Snapshot((), Rules())
    after = found.snapshot_after(before)
    assert after is not None and after.rules.withheld_codes == found.withheld
    assert found.snapshot_after(after) is after


def test_the_yaml_alone_answers_and_says_that_it_is_in_conflict(workspace: Path) -> None:
    with Registry(RegistrySettings(), workspace) as registry:
        state = registry.state
        assert (state.provenance.source, state.provenance.stale) == (Source.YAML, True)
        assert "unresolved merge conflict" in state.provenance.reason
        assert [r.entity.name for r in registry.snapshot.by_code("012032")] == ["Lead", "Note"]
        snapshot = registry.snapshot
        assert registry.refresh().snapshot is snapshot
        (workspace / PATH).write_text(BASE)
        state = registry.refresh()
        assert not state.provenance.stale and state.snapshot is not None
        assert state.snapshot.rules.withheld_codes == frozenset()


def test_postgresql_gives_out_no_code_of_either_side(workspace: Path, url: str) -> None:
    with Registry(RegistrySettings(database_url=url), workspace) as registry:
        assert registry.state.provenance.writable and registry.state.discrepancies is None
        with pytest.raises(Refused) as refused:
            registry.allocate("crm", "customer", "Lead", table_code="012032")
        assert refused.value.kind is RefusalKind.CODE_TAKEN
        assert refused.value.message == (
            "The code 012032 is in a merge conflict of the registry YAML: resolve the conflict, or take another code."
        )
        assert registry.allocate("crm", "customer", "Visit").table_code == "012035"
        (workspace / PATH).write_text(BASE)
        registry.refresh()
        assert registry.allocate("crm", "customer", "Lead").table_code == "012032"


def test_nothing_of_the_yaml_was_ever_understood(workspace: Path, url: str) -> None:
    (workspace / PATH).write_text(CONFLICTED + "  odd: ]\n")
    with Registry(RegistrySettings(database_url=url), workspace) as registry:
        assert registry.allocate("crm", "customer", "Visit").table_code == "012035"
    with Registry(RegistrySettings(), workspace) as registry:
        assert registry.state.snapshot is None  # unavailable is not empty
        assert "unresolved merge conflict" in registry.state.provenance.reason


def test_memory_gives_out_no_code_of_either_side(workspace: Path) -> None:
    with Registry(RegistrySettings(backend=Backend.IN_MEMORY), workspace) as registry:
        registry.register_domain("2", "crm", "Customers")
        registry.register_subdomain("2", "03", "customer", "People")
        given = [registry.allocate("crm", "customer", name).table_code for name in ("One", "Two")]
        assert given == ["012031", "012035"]
