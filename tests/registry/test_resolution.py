"""Many discrepancies resolved at once in favour of the YAML, over every source, in one transaction."""

from __future__ import annotations

import random
import subprocess
from itertools import count

import psycopg
import pytest
from hypothesis import given, settings

from specql_lsp.registry.consistency.comparison import compare, compare_all
from specql_lsp.registry.consistency.resolution import Resolution, plan_keep_yaml
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.registry.test_consistency import registries
from tests.support.effort import SEED
from tests.support.forks import start_script
from tests.support.registries import large_registry, small_registry
from tests.support.sources import fill, postgresql_source

KINDS = DiscrepancyType
CONTACT, COMPANY, ACCOUNT = small_registry().domains[0].subdomains[1].entities


def customers(*entities: Entity, counter: int = 5, other: tuple[Entity, ...] = ()) -> Snapshot:
    """The small registry with other entities in crm's subdomain customer, and some in its subdomain core."""
    crm, *rest = small_registry().domains
    core, customer = crm.subdomains
    customer = customer._replace(entities=entities, next_entity_sequence=counter)
    highest = max((e.sequence or 0 for e in other), default=0)
    core = core._replace(entities=other, next_entity_sequence=highest + 1)
    return Snapshot((crm._replace(subdomains=(core, customer)), *rest))


def everything(source: WritableSource, yaml: Snapshot) -> Resolution:
    return source.keep_yaml(compare(source.load(), yaml), yaml)


def kept(source: WritableSource, yaml: Snapshot, *names: str) -> Resolution:
    """Resolves the discrepancies of some entities."""
    return source.keep_yaml([d for d in compare(source.load(), yaml) if d.entity in names], yaml)


def test_all_kinds_at_once(source: WritableSource) -> None:
    crm, catalog, _ = small_registry().domains
    core, customer = crm.subdomains
    yaml = Snapshot(
        (
            crm._replace(
                name="customers",
                description=None,
                aliases=("sales", "management"),
                subdomains=(
                    core._replace(name="basics", next_entity_sequence=9),
                    customer._replace(
                        name="clients",
                        description=None,
                        next_entity_sequence=8,
                        entities=(CONTACT, COMPANY._replace(table_code="012036", sequence=6), Entity("Lead", "012037")),
                    ),
                    Subdomain("0A", "fresh", None, 2, (Entity("New", "0120A1"),)),
                ),
            ),
            catalog._replace(subdomains=catalog.subdomains[1:]),
            Domain("6", "stock", "Goods", True, ("store",), (Subdomain("01", "core", None, 1),)),
        )
    )
    found = compare(source.load(), yaml)
    assert {d.type for d in found} == set(KINDS)
    result = source.keep_yaml(found, yaml)
    assert (result.resolved, result.refused) == (found, ())
    assert compare_all(source.load(), yaml) == ()


def test_nothing_to_resolve_changes_nothing(source: WritableSource) -> None:
    before = source.load()
    assert source.keep_yaml([], small_registry()) == Resolution()
    assert source.load() is before


@pytest.mark.parametrize("turn", [1, 2])
def test_codes_that_go_round_in_a_circle(source: WritableSource, turn: int) -> None:
    codes = [(e.table_code, e.sequence) for e in (CONTACT, COMPANY, ACCOUNT)]
    codes = codes[turn:] + codes[:turn]
    entities = (Entity(e.name, *code) for e, code in zip((CONTACT, COMPANY, ACCOUNT), codes, strict=True))
    yaml = customers(*entities)
    assert everything(source, yaml).refused == ()
    assert compare_all(source.load(), yaml) == ()


def test_a_code_is_freed_before_it_is_taken(source: WritableSource) -> None:
    """A chain: Account leaves its code, Company takes it, Contact takes Company's, and a new entity Contact's."""
    yaml = customers(
        Entity("Contact", COMPANY.table_code, 2), Entity("Company", ACCOUNT.table_code, 4), Entity("Lead", "012031", 1)
    )
    assert everything(source, yaml).refused == ()
    assert compare_all(source.load(), yaml) == ()


def test_an_entity_that_moved_with_its_code(source: WritableSource) -> None:
    yaml = customers(CONTACT, ACCOUNT, other=(COMPANY,))
    assert everything(source, yaml).refused == ()
    assert compare_all(source.load(), yaml) == ()


def test_a_code_is_not_registered_twice(source: WritableSource) -> None:
    yaml = customers(CONTACT, ACCOUNT, Entity("Lead", "012037", 7), other=(COMPANY,), counter=8)
    additions = [d for d in compare(source.load(), yaml) if d.type is KINDS.MISSING_ENTITY_IN_POSTGRESQL]
    result = source.keep_yaml(additions, yaml)
    assert [d.entity for d in result.resolved] == ["Lead"]
    ((refused, kind, message),) = result.refused
    assert (refused.entity, kind) == ("Company", RefusalKind.CODE_TAKEN)
    assert message == (
        "The code 012032 of entity Company in subdomain 01 in domain 2 is registered to entity Company in subdomain 03 "
        "in domain 2: one of the two has to get another, or both differences are resolved together."
    )
    assert [d.entity for d in compare(source.load(), yaml)] == ["Company", "Company"]


def test_what_is_refused_makes_no_room_for_others(source: WritableSource) -> None:
    """Contact may not take Account's code, which stays; so Lead may not take Contact's."""
    yaml = customers(Entity("Contact", ACCOUNT.table_code, 4), COMPANY, ACCOUNT, Entity("Lead", CONTACT.table_code, 1))
    before = source.load()
    result = everything(source, yaml)
    assert result.resolved == ()
    assert {(each.discrepancy.entity, each.kind) for each in result.refused} == {
        ("Contact", RefusalKind.CODE_TAKEN),
        ("Lead", RefusalKind.CODE_TAKEN),
    }
    assert source.load() is before


def test_what_is_outdated_hinders_nothing_else(source: WritableSource) -> None:
    yaml = customers(CONTACT, COMPANY, ACCOUNT, Entity("Lead", "012037", 7), Entity("Offer", "012038", 8), counter=9)
    found = compare(source.load(), yaml)
    assert kept(source, yaml, "Lead").refused == ()
    result = source.keep_yaml(found, yaml)
    assert [d.entity for d in result.resolved] == ["Offer"]
    ((refused, kind, _),) = result.refused
    assert (refused.entity, kind) == ("Lead", RefusalKind.CONFLICT)
    assert compare_all(source.load(), yaml) == ()


# Counters


def counter(source: WritableSource, name: str = "customer") -> int | None:
    domain = source.load().domain("crm")
    subdomain = domain.subdomain(name) if domain else None
    return subdomain.next_entity_sequence if subdomain else None


def test_the_counter_follows_the_entities(source: WritableSource) -> None:
    yaml = customers(CONTACT, COMPANY, ACCOUNT, Entity("Lead", "012037", 7), Entity("Offer", "012038", 8), counter=9)
    assert [d.entity for d in compare(source.load(), yaml)] == ["Lead", "Offer"]
    kept(source, yaml, "Lead")
    assert counter(source) == 8
    assert [d.entity for d in compare(source.load(), yaml)] == ["Offer"]
    kept(source, yaml, "Offer")
    assert counter(source) == 9
    assert compare_all(source.load(), yaml) == ()


def test_the_counter_follows_removals(source: WritableSource) -> None:
    """What somebody allocated, and the YAML does not have: the number is free again."""
    full = customers(CONTACT, COMPANY, ACCOUNT, Entity("Lead", "012037", 7), Entity("Offer", "012038", 8), counter=9)
    fill(source, full)
    assert [d.entity for d in compare(source.load(), small_registry())] == ["Lead", "Offer"]
    kept(source, small_registry(), "Offer")
    assert counter(source) == 8
    kept(source, small_registry(), "Lead")
    assert counter(source) == 5
    assert compare_all(source.load(), small_registry()) == ()


def test_a_counter_that_differs_by_itself_is_a_difference_of_its_own(source: WritableSource) -> None:
    yaml = customers(CONTACT, COMPANY, ACCOUNT, counter=30)
    (alone,) = compare(source.load(), yaml)
    assert (alone.attribute, alone.postgresql_value, alone.yaml_value) == ("next_entity_sequence", 5, 30)
    beside = customers(CONTACT, COMPANY, ACCOUNT, Entity("Lead", "012037", 7), counter=30)
    assert [(d.entity, d.attribute) for d in compare(source.load(), beside)] == [
        (None, "next_entity_sequence"),
        ("Lead", None),
    ]
    assert everything(source, beside).refused == ()
    assert compare_all(source.load(), beside) == ()


def test_a_counter_may_be_lowered_below_what_goes_with_it(source: WritableSource) -> None:
    """Alone it is refused: Account has the sequence 4."""
    yaml = customers(CONTACT, COMPANY, counter=4)
    fill(source, customers(CONTACT, COMPANY, ACCOUNT, counter=40))
    by_itself = [d for d in compare(source.load(), yaml) if d.attribute is not None]
    ((_, kind, message),) = source.keep_yaml(by_itself, yaml).refused
    assert kind is RefusalKind.CONFLICT
    assert "cannot be lowered from 40 to 4" in message
    assert everything(source, yaml).refused == ()
    assert compare_all(source.load(), yaml) == ()


# Any registries


def distinct(registry: Snapshot) -> Snapshot:
    """The registry with codes that occur once, of the domain and the subdomain in which they are."""
    numbers = count(1)

    def renumbered(domain: Domain, subdomain: Subdomain, entity: Entity) -> Entity:
        sequence = next(numbers)
        return entity._replace(table_code=f"01{domain.number}{subdomain.number}{sequence:03X}", sequence=sequence)

    return Snapshot(
        d._replace(
            subdomains=tuple(s._replace(entities=tuple(renumbered(d, s, e) for e in s.entities)) for s in d.subdomains)
        )
        for d in registry.domains
    )


@given(registries(), registries())
def test_any_registry_becomes_any_other(one: Snapshot, other: Snapshot) -> None:
    source = InMemorySource()
    one, other = distinct(one), distinct(other)
    fill(source, one)
    everything(source, other)
    # The rest is what was refused: counters below what is in use, and codes of what was refused.
    left = compare_all(source.load(), other)
    again = plan_keep_yaml(source.load(), other, left)
    assert all(d in again.resolution.resolved or d.attribute == "next_entity_sequence" for d in left)
    everything(source, other)
    assert all(d.attribute == "next_entity_sequence" for d in compare_all(source.load(), other))


def test_the_sources_do_the_same(database_url: str) -> None:
    """The database makes of a plan what memory makes of it, whatever its order."""
    postgresql = postgresql_source(database_url)

    @settings(max_examples=15, database=None)
    @given(registries(), registries())
    def the_same(one: Snapshot, other: Snapshot) -> None:
        one, other = distinct(one), distinct(other)
        memory = InMemorySource()
        fill(postgresql, Snapshot(()))
        for source in (memory, postgresql):
            fill(source, one)
        results = [everything(source, other) for source in (memory, postgresql)]
        assert results[0] == results[1]
        assert compare_all(postgresql.load(), memory.load()) == ()

    the_same()
    postgresql.close()


# What only a database does


REFUSING = """
    CREATE FUNCTION public.keeps() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.entity_name IN ('Entity1x2x3', 'Entity1x2x9', 'Entity2x1x1') THEN
            RAISE EXCEPTION 'not % please', NEW.entity_name;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER keeps BEFORE INSERT OR UPDATE ON specql_registry.tb_entity_registration
        FOR EACH ROW EXECUTE FUNCTION public.keeps()
"""
SWALLOWING = REFUSING.replace("RAISE EXCEPTION 'not % please', NEW.entity_name", "RETURN NULL")


def shifted(registry: Snapshot) -> Snapshot:
    """The registry, every entity of which has another code."""

    def recoded(entity: Entity) -> Entity:
        return entity._replace(table_code="02" + entity.table_code[2:])

    return Snapshot(
        d._replace(subdomains=tuple(s._replace(entities=tuple(map(recoded, s.entities))) for s in d.subdomains))
        for d in registry.domains
    )


@pytest.mark.parametrize(("trigger", "said"), [(REFUSING, "not Entity1x2x3 please"), (SWALLOWING, "something else")])
def test_what_a_trigger_refuses_or_swallows_hinders_nothing_else(database_url: str, trigger: str, said: str) -> None:
    source = postgresql_source(database_url)
    fill(source, large_registry(2, 3, 10))
    with psycopg.connect(database_url) as connection:
        connection.execute(trigger)
    yaml = shifted(large_registry(2, 3, 10))
    result = everything(source, yaml)
    refused = {each.discrepancy.entity: each for each in result.refused}
    assert set(refused) == {"Entity1x2x3", "Entity1x2x9", "Entity2x1x1"}
    assert {each.kind for each in result.refused} == {RefusalKind.CONFLICT}
    assert said in refused["Entity1x2x3"].message
    assert len(result.resolved) == 57
    assert {d.entity for d in compare_all(source.load(), yaml)} == set(refused)
    source.close()


def test_two_thousand_take_one_transaction_and_few_statements(database_url: str) -> None:
    source = postgresql_source(database_url)
    registry = large_registry(9, 15, 15)
    fill(source, registry)
    before, yaml = source.commits, shifted(registry)
    found = compare(source.load(), yaml)
    assert len(found) == 9 * 15 * 15
    result = source.keep_yaml(found, yaml)
    assert (len(result.resolved), result.refused) == (len(found), ())
    assert source.commits == before + 1
    assert compare_all(source.load(), yaml) == ()
    source.close()


RESOLVER = """
import sys
from specql_lsp.config import RegistrySettings
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.test_resolution import shifted
from tests.support.registries import large_registry

source = PostgresqlSource(RegistrySettings(database_url=sys.argv[1], lock_timeout_ms=90000, statement_timeout_ms=90000))
yaml = shifted(large_registry(4, 5, 12))
found = compare(source.load(), yaml)
print("ready", flush=True)
sys.stdin.readline()
print(len(source.keep_yaml(found, yaml).resolved), flush=True)
"""


def test_a_process_that_is_killed_has_done_all_or_nothing(database_url: str) -> None:
    registry = large_registry(4, 5, 12)
    source = postgresql_source(database_url)
    fill(source, registry)
    yaml, chance = shifted(registry), random.Random(SEED)
    for _ in range(6):
        process = start_script(RESOLVER, database_url)
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        try:
            process.wait(chance.uniform(0.0, 0.12))
        except subprocess.TimeoutExpired:
            process.kill()
        answer = process.communicate()[0].strip()
        # A killed session's transaction ends when the server notices; a write of ours waits for its locks.
        source.keep_yaml([Discrepancy(KINDS.MISSING_IN_YAML, "F")], yaml)
        left = len(compare(source.load(), yaml))
        assert left in ({0} if answer else {0, 240})
        if not left:
            fill(source, registry)
    source.close()
