"""The history as it is read: filters, entities under all their names, moves, words; why there is none; pruning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specql_lsp.registry import open_registry
from specql_lsp.registry.history import (
    MOST,
    NOT_INSTALLED,
    History,
    HistoryRequest,
)
from specql_lsp.registry.history_in_words import history_to_json, summary
from specql_lsp.registry.history_request import is_code
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, DomainRename, EntityMove, EntityRename
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.events_support import ENTITY
from tests.registry.events_support import url as url
from tests.support.ports import own_port
from tests.support.registries import small_registry, yaml_text
from tests.support.sources import postgresql_source


@pytest.fixture
def source(url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(url)
    source.load()
    yield source
    source.close()


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def said(source: WritableSource, **filters: Any) -> list[str]:
    """The summaries, oldest first."""
    history = source.history(HistoryRequest(**filters))
    assert history.unavailable is None
    return [summary(event, small_registry()) for event in reversed(history.events)]


def test_what_our_own_operations_leave_in_words(source: PostgresqlSource) -> None:
    source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
    source.rename_entity(EntityRename("crm", "Contact", "Person"))
    source.move_entity(EntityMove("crm", "Person", "core"), Rules())
    source.register_domain("9", "fresh")
    source.register_subdomain("9", "01", "core")
    crm = "domain 2 (crm)"
    source.rename_domain(DomainRename("9", "fresh", "new"))
    assert said(source) == [
        "registered Partner with 012033 in domain 2 (crm), subdomain 03 (customer)",
        "renamed Contact to Person (012031)",
        f"moved Person from 012031 in {crm}, subdomain 03 (customer) to 012011 in {crm}, subdomain 01 (core)",
        "registered domain 9 (fresh)",
        "registered subdomain 01 (core) of domain 9",
        "renamed domain 9 from fresh to new",
    ]


def test_what_others_change_in_words(url: str, source: PostgresqlSource) -> None:
    execute(
        url,
        f"UPDATE {ENTITY} SET table_code = '01203a', entity_sequence = 10 WHERE entity_name = 'Contact'",
        "UPDATE specql_registry.tb_domain SET description = NULL, multi_tenant = false, aliases = '{a,b}'"
        " WHERE domain_number = '2'",
        "UPDATE specql_registry.tb_subdomain SET subdomain_name = 'client', description = 'New'"
        " WHERE subdomain_name = 'customer'",
        "UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 77",
        "DELETE FROM specql_registry.tb_domain WHERE domain_number = '5'",
        f"DELETE FROM {ENTITY} WHERE entity_name = 'Manufacturer'",
        f"TRUNCATE {ENTITY}",
    )
    old = "'Customer relations'"
    assert said(source) == [
        "changed Contact (01203A): table code '012031' → '01203A', sequence 1 → 10",
        f"changed domain 2 (crm): description {old} → nothing, multi-tenant yes → no, aliases [management] → [a, b]",
        "renamed subdomain 03 of domain 2 (crm) from customer to client and changed: description 'Customers' → 'New'",
        "removed domain 5 (billing)",
        "removed Manufacturer with 013021 from domain 3 (catalog), subdomain 02 (manufacturer)",
        "removed all entities",
    ]


def test_an_entity_is_found_by_every_name_and_code_that_it_had(url: str, source: PostgresqlSource) -> None:
    source.allocate(AllocationRequest("First", "crm", "customer"), Rules())
    source.rename_entity(EntityRename("crm", "First", "Second"))
    source.move_entity(EntityMove("crm", "Second", "core"), Rules())
    source.rename_entity(EntityRename("crm", "Second", "Third"))
    execute(url, f"UPDATE {ENTITY} SET table_code = '01201F' WHERE entity_name = 'Third'")
    source.allocate(AllocationRequest("Other", "crm", "customer"), Rules())  # it gets the code that First had
    whole = said(source)[:5]
    assert [line.split()[0] for line in whole] == ["registered", "renamed", "moved", "renamed", "changed"]
    for name in ("First", "second", "THIRD"):
        assert said(source, entity=name) == whole, name
    for code in ("012011", "01201f"):
        assert said(source, table_code=code) == whole, code
    assert said(source, table_code="012033") == said(source)  # both had it
    assert said(source, entity="Other") == said(source)[5:]
    assert said(source, entity="Nobody") == []


def test_an_entity_with_the_name_of_another_domain_is_another_one(source: PostgresqlSource) -> None:
    source.allocate(AllocationRequest("Thing", "crm", "customer"), Rules())
    source.allocate(AllocationRequest("Thing", "catalog", "core"), Rules())
    assert len(said(source, entity="Thing")) == 2
    assert said(source, entity="Thing", domain="3") == said(source, table_code="013011")
    assert said(source, table_code="012033") == said(source, domain="2")


def test_a_registry_that_was_made_again_does_not_mix_entities_by_their_keys(url: str, source: PostgresqlSource) -> None:
    source.rename_entity(EntityRename("crm", "Contact", "Person"))
    execute(
        url,
        f"TRUNCATE {ENTITY} RESTART IDENTITY",
        f"INSERT INTO {ENTITY} (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, 'New' || n, '01200' || n, n FROM specql_registry.tb_subdomain, generate_series(1, 9) n"
        " WHERE subdomain_name = 'customer'",
    )
    assert said(source, entity="Person") == ["renamed Contact to Person (012031)"]
    assert len(said(source, entity="New1")) == 1


def test_the_newest_come_first_and_are_cut(source: PostgresqlSource) -> None:
    for number in "6789":
        source.register_domain(number, f"d{number}")
    events = source.history(HistoryRequest(limit=2)).events
    assert [event.domain for event in events] == ["9", "8"]
    assert events[0].at >= events[1].at and events[0].at.tzinfo is not None


def test_the_document_of_an_event(url: str, source: PostgresqlSource) -> None:
    source.rename_entity(EntityRename("crm", "Contact", "Person"))
    document = history_to_json(source.history(HistoryRequest()), source.load())
    assert (document["available"], document["reason"]) == (True, None)
    (event,) = document["events"]
    assert datetime.fromisoformat(event.pop("at")) <= datetime.now(UTC)
    node = {"domain": "2", "subdomain": "03", "tableCode": "012031", "sequence": 1}
    assert event == {
        "id": event["id"],
        "by": "postgres",
        "sessionRole": "postgres",
        "application": "specql-lsp",
        "author": None,
        "workspace": None,
        "action": "entity-renamed",
        "summary": "renamed Contact to Person (012031)",
        "domain": "2",
        "subdomain": "03",
        "entity": "Person",
        "tableCode": "012031",
        "before": {"name": "Contact", **node},
        "after": {"name": "Person", **node},
        "lease": None,
    }


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("012031", True), ("01203a", True), ("Facade", False), ("Decade", False), ("0120311", False), ("Contact", False)],
)
def test_what_is_taken_for_a_code(text: str, is_one: bool) -> None:
    assert is_code(text) is is_one


# Where there is none.


def test_before_the_installation_there_is_none(database_url: str) -> None:
    source = postgresql_source(database_url)
    assert source.history(HistoryRequest()) == History(unavailable=NOT_INSTALLED)
    assert source.origins(None) is None
    source.close()


def test_without_the_right_there_is_none(url: str) -> None:
    role = "few_" + url.rsplit("/", 1)[1]
    execute(url, f"CREATE ROLE {role} LOGIN", f"GRANT USAGE ON SCHEMA specql_registry TO {role}")
    source = postgresql_source(url.replace("postgres@", f"{role}@", 1))
    lacks = f'The role "{role}" lacks the right '
    assert source.history(HistoryRequest()).unavailable == (
        f"{lacks}USAGE on the schema specql_registry_lsp and SELECT on specql_registry_lsp.tb_event."
    )
    execute(url, f"GRANT USAGE ON SCHEMA specql_registry_lsp TO {role}")
    assert source.history(HistoryRequest()).unavailable == f"{lacks}SELECT on specql_registry_lsp.tb_event."
    execute(url, f"GRANT SELECT ON specql_registry_lsp.tb_event TO {role}")
    assert source.history(HistoryRequest()) == History()
    with pytest.raises(Refused) as caught:
        source.prune_history(datetime.now(UTC))
    assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
    assert caught.value.message == f"{lacks}DELETE on specql_registry_lsp.tb_event."
    source.close()


def test_in_memory_there_is_none() -> None:
    assert InMemorySource().history(HistoryRequest()).unavailable == "A registry in memory keeps no history."


# From Python.


def test_from_python(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with open_registry(url, environment={}) as registry:
        registry.allocate("crm", "customer", "Partner")
        registry.rename_entity("crm", "Partner", "Ally")
        assert [event.action for event in registry.history("ally").events] == ["entity-renamed", "entity-registered"]
        assert [event.action for event in registry.history(table_code="012033", domain="crm", limit=1).events] == [
            "entity-renamed"
        ]
        assert registry.history(domain="E").events == ()  # no domain has that number now
        with pytest.raises(Refused) as caught:
            registry.history(domain="crn")
        assert (caught.value.kind, "crm" in caught.value.message) == (RefusalKind.UNKNOWN_DOMAIN, True)
        for limit in (0, MOST + 1):
            with pytest.raises(Refused, match=f"The limit must be from 1 to {MOST}"):
                registry.history(limit=limit)
        for odd in ("Con\0tact", "Con\ud800tact"):
            with pytest.raises(Refused):
                registry.history(odd)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_while_the_yaml_answers_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "registry.yaml").write_text(yaml_text(small_registry()))
    away = f"postgresql://postgres@127.0.0.1:{own_port()}/db"
    with open_registry(away, "registry.yaml", environment={}) as registry:
        found = registry.history("Contact")
        assert found.events == ()
        assert found.unavailable == (
            "Only PostgreSQL keeps a history. PostgreSQL refused the connection: nothing listens at that address."
        )
    with open_registry(None, "registry.yaml", "yaml", environment={}) as registry:
        assert (registry.history().unavailable or "").startswith("Only PostgreSQL keeps a history. ")


def test_a_history_that_goes_while_it_is_read(url: str) -> None:
    with open_registry(url, environment={}) as registry:
        execute(url, "DROP SCHEMA specql_registry_lsp CASCADE")
        assert registry.history().unavailable == NOT_INSTALLED
        assert registry.status["source"] == "postgresql"


# Who gave a code.


def test_who_gave_the_codes(url: str, source: PostgresqlSource) -> None:
    first = source.origins(None)
    assert first is not None and first.by_code == {}
    source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
    source.rename_entity(EntityRename("crm", "Contact", "Person"))
    origins = source.origins(first)
    assert origins is not None
    partner = origins.of("012033")
    assert partner is not None
    assert (partner.role, partner.application, partner.author) == ("postgres", "specql-lsp", None)
    assert origins.of("012031") is None  # a name is no code
    execute(url, f"UPDATE {ENTITY} SET table_code = '01203b' WHERE entity_name = 'Partner'")
    later = source.origins(origins)
    assert later is not None and later.of("01203B") is not None and later.of("012033") == partner
    assert later.last_event > origins.last_event
    assert source.origins(later) == later


# Pruning.


def test_passwords_that_others_have_recorded_are_not_shown(url: str, source: PostgresqlSource) -> None:
    said = {
        "application_name": "postgresql://bob:s3cret@host/db",
        "specql_lsp.author": "Bob password=s3cret",
        "specql_lsp.workspace": "https://bob:s3@cret@example.org/x.git",
    }
    settings = (f"SELECT set_config('{name}', '{value}', false)" for name, value in said.items())
    execute(url, *settings, f"UPDATE {ENTITY} SET table_code = '012036' WHERE entity_name = 'Contact'")
    (event,) = source.history(HistoryRequest(entity="Contact")).events
    assert event[5:8] == ("postgresql://host/db", "Bob password=***", "https://example.org/x.git")
    origins = source.origins(None)
    origin = origins.of("012036") if origins is not None else None
    assert origin is not None and origin[2:] == event[5:7]


def test_pruning_deletes_what_is_old_and_says_so(url: str, source: PostgresqlSource) -> None:
    for number in "6789":
        source.register_domain(number, f"d{number}")
    execute(
        url, "UPDATE specql_registry_lsp.tb_event SET at = at - interval '10 days' WHERE domain_number IN ('6', '7')"
    )
    before = datetime.now(UTC) - timedelta(days=5)
    assert source.prune_history(before, dry_run=True) == 2
    assert len(said(source)) == 4
    assert source.prune_history(before) == 2
    assert said(source) == [
        "registered domain 8 (d8)",
        "registered domain 9 (d9)",
        f"pruned the history: 2 events before {before:%Y-%m-%d %H:%M} UTC",
    ]
    assert source.prune_history(before) == 0
    assert len(said(source)) == 3
    assert source.load().domain_numbered("6") is not None


def test_pruning_what_was_never_installed(database_url: str) -> None:
    source = postgresql_source(database_url)
    with pytest.raises(Refused) as caught:
        source.prune_history(datetime.now(UTC))
    assert (caught.value.kind, caught.value.message) == (RefusalKind.REGISTRY_UNAVAILABLE, NOT_INSTALLED)
    source.close()
