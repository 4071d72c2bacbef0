"""Other codes for entities that share one: one suite for every writable source, and PostgreSQL's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.renumbering import RenumberAnswer
from specql_lsp.registry.requests import AllocationRequest, EntityMove
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

CONTACT = EntityMove("crm", "Contact", "customer", "012031", frozenset({"012031"}), renumbers=True)
COMPANY = EntityMove("crm", "Company", "customer", "012032", frozenset({"012032"}), renumbers=True)
LEAD = AllocationRequest("Lead", "crm", "customer", used=frozenset({"012031"}))


@pytest.fixture
def postgresql(database_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(database_url)
    fill(source, small_registry())
    yield source
    source.close()


def codes(source: WritableSource) -> dict[str, str]:
    return {each.entity.name: each.entity.table_code for each in source.load().registrations()}


def counter(source: WritableSource) -> int | None:
    subdomain = source.load().domains[0].subdomain("customer")
    assert subdomain is not None
    return subdomain.next_entity_sequence


def given(answers: tuple[RenumberAnswer, ...]) -> list[str]:
    return ["refused" if isinstance(each, Refused) else each.table_code for each in answers]


def test_all_get_free_codes_at_once_and_the_counter_follows(source: WritableSource) -> None:
    before = codes(source)
    answers = source.renumber([CONTACT, LEAD, COMPANY], Rules())
    assert given(answers) == ["012033", "012035", "012036"]
    assert codes(source) == {**before, "Contact": "012033", "Lead": "012035", "Company": "012036"}
    assert counter(source) == 7


def test_a_code_that_is_given_up_is_given_to_none_of_the_others(source: WritableSource) -> None:
    requests = [replace(each, used=frozenset()) for each in (CONTACT, COMPANY, LEAD)]
    assert given(source.renumber(requests, Rules())) == ["012033", "012035", "012036"]


def test_asked_again_it_changes_nothing(source: WritableSource) -> None:
    first = given(source.renumber([CONTACT, LEAD], Rules()))
    before = source.load()
    again = source.renumber([CONTACT, LEAD], Rules())
    assert given(again) == first
    assert source.load() == before
    assert given(source.renumber([], Rules())) == []


def test_what_is_refused_alone_does_not_keep_others_from_their_codes(source: WritableSource) -> None:
    nowhere = AllocationRequest("Thing", "nowhere")
    missing = EntityMove("crm", "Nobody", "customer", "012031", renumbers=True)
    first, second, third = source.renumber([nowhere, CONTACT, missing], Rules())
    assert isinstance(first, Refused) and first.kind is RefusalKind.UNKNOWN_DOMAIN
    assert isinstance(third, Refused) and third.kind is RefusalKind.CONFLICT
    assert not isinstance(second, Refused)
    assert codes(source)["Contact"] == second.table_code


def test_several_domains_and_the_same_entity_twice(source: WritableSource) -> None:
    maker = EntityMove("catalog", "Manufacturer", "02", "013021", frozenset({"013021"}), renumbers=True)
    once_more = AllocationRequest("Contact", "crm", used=frozenset({"012031"}))
    assert given(source.renumber([CONTACT, maker, once_more], Rules())) == ["012033", "013022", "012033"]
    assert codes(source)["Manufacturer"] == "013022"


def test_a_full_subdomain_refuses_the_last_one_alone(source: WritableSource) -> None:
    every = frozenset(f"01203{digit}" for digit in "123456789ABCDEF")
    requests = [replace(CONTACT, used=every - {"01203F"}), replace(COMPANY, used=every)]
    first, second = source.renumber(requests, Rules())
    assert not isinstance(first, Refused) and first.table_code == "01203F"
    assert isinstance(second, Refused) and second.kind is RefusalKind.SUBDOMAIN_FULL
    assert codes(source)["Company"] == "012032"


def test_who_looks_before_the_commit_sees_what_is_written_and_can_refuse_all_of_it(source: WritableSource) -> None:
    before = source.load()
    seen: list[tuple[list[str], list[str]]] = []

    def look(answers: tuple[RenumberAnswer, ...], written: Snapshot) -> None:
        held = [each.entity.name for code in given(answers) for each in written.by_code(code)]
        seen.append((given(answers), held))
        raise Refused(RefusalKind.CONFLICT, "The disk is full.")

    with pytest.raises(Refused, match="The disk is full"):
        source.renumber([CONTACT, LEAD], Rules(), look)
    assert seen == [(["012033", "012035"], ["Contact", "Lead"])]
    assert source.load() == before
    assert given(source.renumber([CONTACT], Rules(), lambda *_: None)) == ["012033"]


def test_a_code_that_is_registered_twice_becomes_two() -> None:
    twice = Subdomain("03", "customer", None, 2, (Entity("Contact", "012031", 1), Entity("Lead", "012031", 1)))
    source = InMemorySource(Snapshot((Domain("2", "crm", None, subdomains=(twice,)),)))
    lead = EntityMove("crm", "Lead", "customer", "012031", frozenset({"012031"}), renumbers=True)
    assert given(source.renumber([lead], Rules())) == ["012032"]
    assert codes(source) == {"Contact": "012031", "Lead": "012032"}


def test_in_postgresql_it_is_one_transaction(postgresql: PostgresqlSource, database_url: str) -> None:
    postgresql.renumber([CONTACT, LEAD, COMPANY], Rules())
    with psycopg.connect(database_url) as other:
        rows = other.execute(
            "SELECT count(DISTINCT xmin::text) FROM specql_registry.tb_entity_registration"
            " WHERE entity_name IN ('Contact', 'Lead', 'Company')"
        ).fetchall()
    assert rows == [(1,)]


def test_in_postgresql_one_row_that_cannot_be_written_keeps_all_of_them(
    postgresql: PostgresqlSource, database_url: str
) -> None:
    before = codes(postgresql)
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION specql_registry.fn_odd() RETURNS trigger LANGUAGE plpgsql"
            " AS $body$ BEGIN IF NEW.entity_name = 'Company' THEN RETURN NULL; END IF; RETURN NEW; END $body$;"
            " CREATE TRIGGER tr_odd BEFORE UPDATE ON specql_registry.tb_entity_registration"
            " FOR EACH ROW EXECUTE FUNCTION specql_registry.fn_odd()"
        )
    with pytest.raises(Refused) as caught:
        postgresql.renumber([CONTACT, COMPANY], Rules())
    assert caught.value.kind is RefusalKind.CONFLICT
    assert codes(postgresql) == before
