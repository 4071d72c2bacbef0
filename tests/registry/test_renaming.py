"""A registration's and a domain's other name: one suite for every writable source, and what PostgreSQL alone can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest

from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, DomainRename, EntityRename
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source


def rename(entity: str, new_name: str, domain: str = "crm", **more: Any) -> EntityRename:
    return EntityRename(domain, entity, new_name, **more)


def refusal(call: Callable[[], object]) -> tuple[RefusalKind, str]:
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.message[0].isupper() or caught.value.message[0] in "'\""
    assert caught.value.message.endswith(".")
    return caught.value.kind, caught.value.message


# Entities


def test_a_renamed_entity_keeps_all_but_its_name(source: WritableSource) -> None:
    got = source.rename_entity(rename("Contact", "Person"))
    assert (got.entity, got.previous, got.renamed) == ("Person", "Contact", True)
    assert (got.table_code, got.entity_code, got.sequence) == ("012031", "PRS", 1)
    assert (got.domain.name, got.subdomain.name) == ("crm", "customer")
    loaded = source.load()
    assert loaded.by_entity("Contact") == ()
    (found,) = loaded.by_entity("Person")
    assert found.entity == Entity("Person", "012031", 1)
    crm, before = loaded.domains[0], small_registry().domains[0]
    assert crm._replace(subdomains=()) == before._replace(subdomains=())
    assert crm.subdomains[1].next_entity_sequence == before.subdomains[1].next_entity_sequence
    assert crm.entity_count == before.entity_count


def test_asking_again_changes_nothing(source: WritableSource) -> None:
    first = source.rename_entity(rename("Contact", "Person", table_code="012031"))
    before = source.load()
    for again in (
        rename("Contact", "Person"),
        rename("Contact", "Person", "management", subdomain="customer", table_code="012031"),
        rename("Person", "Person"),
    ):
        got = source.rename_entity(again)
        assert (got.entity, got.table_code, got.renamed) == ("Person", first.table_code, False)
        assert source.load() is before


def test_there_and_back_is_where_it_was(source: WritableSource) -> None:
    before = source.load()
    source.rename_entity(rename("Contact", "Person"))
    source.rename_entity(rename("person", "Contact"))
    assert source.load().domains == before.domains


def test_only_the_case_changes(source: WritableSource) -> None:
    assert source.rename_entity(rename("Contact", "CONTACT")).renamed
    assert not source.rename_entity(rename("Contact", "CONTACT")).renamed
    assert [r.entity.name for r in source.load().by_entity("contact")] == ["CONTACT"]


def test_the_old_name_is_free_and_the_new_one_is_not(source: WritableSource) -> None:
    source.rename_entity(rename("Contact", "Person"))
    again = source.allocate(AllocationRequest("Person", "crm"), Rules())
    assert (again.table_code, again.created) == ("012031", False)
    fresh = source.allocate(AllocationRequest("Contact", "crm", "customer"), Rules())
    assert (fresh.table_code, fresh.created) == ("012033", True)


TWICE = Domain(
    "2",
    "crm",
    subdomains=(
        Subdomain("01", "core", None, 1, (Entity("Note", "012011", 1),)),
        Subdomain("03", "customer", None, 1, (Entity("Note", "012031", 1), Entity("NOTE", "012032", 2))),
    ),
)


def test_of_several_registrations_the_one_that_is_named(empty: WritableSource) -> None:
    fill(empty, Snapshot((TWICE,)))
    kind, message = refusal(lambda: empty.rename_entity(rename("Note", "Remark")))
    assert kind is RefusalKind.INVALID_ARGUMENT
    assert "01 (core, code 012011), 03 (customer, code 012031)" in message
    assert empty.rename_entity(rename("Note", "Remark", table_code="012031")).subdomain.number == "03"
    assert empty.rename_entity(rename("Note", "Comment", subdomain="core")).table_code == "012011"
    kind, message = refusal(lambda: empty.rename_entity(rename("NOTE", "remark")))
    assert (kind, "012031" in message) == (RefusalKind.ALREADY_REGISTERED, True)
    assert empty.rename_entity(rename("note", "Third")).table_code == "012032"


REFUSALS = [
    (rename("Contact", "Company"), RefusalKind.ALREADY_REGISTERED, "012032"),
    (rename("Contact", "COMPANY"), RefusalKind.ALREADY_REGISTERED, "012032"),
    (rename("Gone", "Company", table_code="012039"), RefusalKind.ALREADY_REGISTERED, "012032"),
    (rename("Contct", "Person"), RefusalKind.INVALID_ARGUMENT, "'Contact'"),
    (rename("Gone", "Person", table_code="012039"), RefusalKind.CONFLICT, "'Gone'"),
    (rename("Contact", "Person", table_code="012039"), RefusalKind.CONFLICT, "012031 by now"),
    (rename("Contact", "Person", subdomain="core"), RefusalKind.INVALID_ARGUMENT, "'Contact'"),
    (rename("Contact", "Person", "catalog"), RefusalKind.INVALID_ARGUMENT, "'Contact'"),
    (rename("Contact", "Person", "crn"), RefusalKind.UNKNOWN_DOMAIN, "'crm'"),
    (rename("Contact", "Person", subdomain="custmer"), RefusalKind.UNKNOWN_SUBDOMAIN, "'customer'"),
    (rename("Contact", "1st"), RefusalKind.INVALID_ARGUMENT, "'1st'"),
    (rename("Contact", "Drop table; --"), RefusalKind.INVALID_ARGUMENT, "letters"),
    (rename("Contact", ""), RefusalKind.INVALID_ARGUMENT, "letters"),
    (rename("Contact", "A" * 101), RefusalKind.INVALID_ARGUMENT, "100"),
    (rename("Con\0tact", "Person"), RefusalKind.INVALID_ARGUMENT, "U+0000"),
]


def test_refusals_say_why_and_change_nothing(source: WritableSource) -> None:
    before = source.load()
    for asked, kind, part in REFUSALS:
        found, message = refusal(partial(source.rename_entity, asked))
        assert (found, part in message) == (kind, True), (asked, message)
        assert source.load() is before


def test_another_domain_may_have_the_name(source: WritableSource) -> None:
    assert source.rename_entity(rename("Manufacturer", "Contact", "catalog")).table_code == "013021"


# Domains


def test_a_name_and_an_alias_of_a_domain(source: WritableSource) -> None:
    assert source.rename_domain(DomainRename("2", "crm", "customers")).name == "customers"
    assert source.rename_domain(DomainRename("customers", "management", "crm")).aliases == ("crm",)
    before = source.load()
    assert before.domains[0]._replace(name="crm", aliases=("management",)) == small_registry().domains[0]
    assert source.rename_domain(DomainRename("2", "management", "crm")).name == "customers"
    assert source.load() is before


DOMAIN_REFUSALS = [
    (DomainRename("2", "crm", "catalog"), RefusalKind.ALREADY_REGISTERED, "domain 3"),
    (DomainRename("2", "crm", "management"), RefusalKind.ALREADY_REGISTERED, "domain 2"),
    (DomainRename("2", "sales", "selling"), RefusalKind.CONFLICT, "'sales'"),
    (DomainRename("8", "crm", "selling"), RefusalKind.UNKNOWN_DOMAIN, "'8'"),
    (DomainRename("2", "crm", "New Name"), RefusalKind.INVALID_ARGUMENT, "lower-case"),
]


def test_domains_that_cannot_have_a_name(source: WritableSource) -> None:
    before = source.load()
    for asked, kind, part in DOMAIN_REFUSALS:
        found, message = refusal(partial(source.rename_domain, asked))
        assert (found, part in message) == (kind, True), (asked, message)
        assert source.load() is before


# PostgreSQL


@pytest.fixture
def postgresql(database_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(database_url)
    fill(source, small_registry())
    yield source
    source.close()


def rows(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT ctid, xmin, * FROM specql_registry.tb_entity_registration ORDER BY 3"
        ).fetchall()


TRIGGERS = {
    "RETURN NULL;": "stored no entity Person in subdomain 03 in domain 2",
    "NEW.entity_name := OLD.entity_name; RETURN NEW;": "stored no entity Person",
    "NEW.entity_name := 'Personage'; RETURN NEW;": "stored no entity Person",
    "NEW.table_code := '01203F'; RETURN NEW;": "stored something else than what was written for entity Person",
    "RAISE EXCEPTION 'no renames on Fridays';": 'says "no renames on Fridays"',
}


@pytest.mark.parametrize("body", TRIGGERS)
def test_a_rename_that_a_trigger_swallows_changes_or_refuses(
    postgresql: PostgresqlSource, database_url: str, body: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION specql_registry.fn_odd() RETURNS trigger LANGUAGE plpgsql"
            f" AS $body$ BEGIN {body} END $body$;"
            " CREATE TRIGGER tr_odd BEFORE UPDATE ON specql_registry.tb_entity_registration"
            " FOR EACH ROW EXECUTE FUNCTION specql_registry.fn_odd()".encode()
        )
        before = rows(database_url)
        kind, message = refusal(lambda: postgresql.rename_entity(rename("Contact", "Person")))
        assert (kind, TRIGGERS[body] in message) == (RefusalKind.CONFLICT, True), message
        assert rows(database_url) == before
        admin.execute("DROP FUNCTION specql_registry.fn_odd CASCADE")
    assert postgresql.rename_entity(rename("Contact", "Person")).renamed


def test_allocations_at_the_same_moment_give_nothing_twice(database_url: str) -> None:
    """A rename to a name that is being allocated: one of the two comes first, and the other knows it."""
    with ThreadPoolExecutor() as pool:
        sources = [postgresql_source(database_url) for _ in range(6)]
        fill(sources[0], small_registry())

        def work(number: int) -> str:
            source = sources[number]
            try:
                if number % 2:
                    return source.allocate(AllocationRequest("Person", "crm", "customer"), Rules()).table_code
                return source.rename_entity(rename("Contact", "Person")).table_code
            except Refused as refused:
                assert refused.kind is RefusalKind.ALREADY_REGISTERED
                return "refused"

        results = list(pool.map(work, range(6)))
        loaded = sources[0].load()
        for each in sources:
            each.close()
    (person,) = loaded.by_entity("Person")
    assert set(results) <= {person.entity.table_code, "refused"}
    assert person.entity.table_code in {"012031", "012033"}
    held = [r.entity.table_code for r in loaded.registrations()]
    assert len(held) == len(set(held))
