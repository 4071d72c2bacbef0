"""Moves and releases of registered entities: one suite for every writable source, and what PostgreSQL alone can do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.corrections import refuse_unknown_files, refuse_used
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, CodeRelease, EntityMove
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.support.effort import SEED, times
from tests.support.forks import start_script
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

MOVE = EntityMove("crm", "Contact", "core")
RELEASE = CodeRelease("crm", "Contact")


@pytest.fixture
def postgresql(database_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(database_url)
    fill(source, small_registry())
    yield source
    source.close()


def refusal(call: Callable[[], object]) -> tuple[RefusalKind, str]:
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.message.endswith(".")
    return caught.value.kind, caught.value.message


def codes(source: WritableSource) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for registration in source.load().registrations():
        found.setdefault(registration.entity.name, []).append(registration.entity.table_code)
    return found


def test_a_moved_entity_gets_the_next_free_code_of_the_other_subdomain(source: WritableSource) -> None:
    before = codes(source)
    got = source.move_entity(MOVE, Rules())
    assert (got.entity, got.previous_code, got.moved) == ("Contact", "012031", True)
    assert got.table_code.startswith("01201") and got.subdomain.name == "core"
    assert codes(source) == {**before, "Contact": [got.table_code]}
    core = source.load().domains[0].subdomain("core")
    assert core is not None and (core.next_entity_sequence or 0) > got.sequence
    # The old code is free again, the counter of the old subdomain does not go back.
    customer = source.load().domains[0].subdomain("customer")
    known = small_registry().domains[0].subdomain("customer")
    assert customer is not None and known is not None
    assert customer.next_entity_sequence == known.next_entity_sequence
    assert source.load().by_code("012031") == ()


def test_asking_again_changes_nothing(source: WritableSource) -> None:
    first = source.move_entity(MOVE, Rules())
    before = source.load()
    again = source.move_entity(EntityMove("2", "contact", "CORE", table_code="012031"), Rules())
    assert (again.table_code, again.previous_code, again.moved) == (first.table_code, "012031", False)
    assert source.load() == before


def test_the_layer_stays_and_codes_of_files_are_not_given_out(source: WritableSource) -> None:
    layered = source.allocate(AllocationRequest("Extra", "crm", "customer", layer="02"), Rules())
    free = source.move_entity(EntityMove("crm", "Contact", "core"), Rules()).table_code
    used = frozenset({"02" + free[2:5] + digit for digit in "12"})
    moved = source.move_entity(EntityMove("crm", "Extra", "core", used=used), Rules())
    assert layered.table_code.startswith("02") and moved.table_code.startswith("02201")
    assert moved.table_code not in used


def test_a_renumbered_entity_stays_in_its_subdomain_and_leaves_its_code_to_others(source: WritableSource) -> None:
    before = codes(source)
    request = EntityMove("crm", "Contact", "customer", "012031", renumbers=True)
    got = source.move_entity(request, Rules())
    assert (got.previous_code, got.moved, got.subdomain.name) == ("012031", True, "customer")
    assert got.table_code.startswith("01203") and got.table_code not in {"012031", "012032"}
    assert codes(source) == {**before, "Contact": [got.table_code]}
    customer = source.load().domains[0].subdomain("customer")
    assert customer is not None and (customer.next_entity_sequence or 0) > got.sequence
    after = source.load()
    again = source.move_entity(request, Rules())
    assert (again.table_code, again.previous_code, again.moved) == (got.table_code, "012031", False)
    assert source.load() == after


@pytest.mark.parametrize(
    ("request_", "kind", "words"),
    [
        (EntityMove("crn", "Contact", "core"), RefusalKind.UNKNOWN_DOMAIN, "did you mean 'crm'"),
        (EntityMove("crm", "Contact", "corr"), RefusalKind.UNKNOWN_SUBDOMAIN, "did you mean 'core'"),
        (EntityMove("crm", "Contcat", "core"), RefusalKind.INVALID_ARGUMENT, "did you mean 'Contact'"),
        (EntityMove("crm", "Contact", "core", table_code="012039"), RefusalKind.CONFLICT, "012031 by now"),
        (EntityMove("crm", "Con\0tact", "core"), RefusalKind.INVALID_ARGUMENT, "U+0000"),
    ],
)
def test_moves_that_are_refused_change_nothing(
    source: WritableSource, request_: EntityMove, kind: RefusalKind, words: str
) -> None:
    before = source.load()
    found, message = refusal(partial(source.move_entity, request_, Rules()))
    assert found is kind and words in message, message
    assert source.load() == before


def test_a_full_subdomain_takes_no_more(source: WritableSource) -> None:
    domain = source.load().domains[0]
    core = domain.subdomain("core")
    assert core is not None
    free = len(source.load().free_sequences(domain, core))
    source.allocate_all([AllocationRequest(f"Thing{n}", "crm", "core") for n in range(free)], Rules())
    assert refusal(lambda: source.move_entity(MOVE, Rules()))[0] is RefusalKind.SUBDOMAIN_FULL
    assert codes(source)["Contact"] == ["012031"]


def test_a_released_code_is_free_again(source: WritableSource) -> None:
    got = source.release_code(RELEASE)
    assert (got.entity, got.table_code, got.subdomain.name) == ("Contact", "012031", "customer")
    assert "Contact" not in codes(source)
    assert source.allocate(AllocationRequest("Other", "crm", "customer"), Rules()).table_code == "012031"
    kind, message = refusal(lambda: source.release_code(RELEASE))
    assert (kind, "no entity 'Contact'" in message) == (RefusalKind.INVALID_ARGUMENT, True)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (CodeRelease("crm", "Nobody"), RefusalKind.INVALID_ARGUMENT),
        (CodeRelease("nowhere", "Contact"), RefusalKind.UNKNOWN_DOMAIN),
        (CodeRelease("crm", "Contact", "nowhere"), RefusalKind.UNKNOWN_SUBDOMAIN),
        (CodeRelease("crm", "Contact", table_code="012039"), RefusalKind.CONFLICT),
    ],
)
def test_releases_that_are_refused_change_nothing(
    source: WritableSource, request_: CodeRelease, kind: RefusalKind
) -> None:
    before = source.load()
    assert refusal(partial(source.release_code, request_))[0] is kind
    assert source.load() == before


def test_a_code_that_files_use_is_not_released() -> None:
    refuse_used("Contact", "012031", ())
    kind, message = refusal(lambda: refuse_used("Contact", "012031", ("entities/contact.yaml", "b.yaml")))
    assert kind is RefusalKind.CONFLICT
    assert message.startswith("The code 012031 of Contact is used by entities/contact.yaml and 1 more: ")


def test_a_code_that_files_may_use_is_not_released() -> None:
    refuse_unknown_files("Contact", "012031", ())
    kind, message = refusal(lambda: refuse_unknown_files("Contact", "012031", ["a.yaml is not read: why.", "More."]))
    assert kind is RefusalKind.CONFLICT
    assert message == (
        "Whether a file uses the code 012031 of Contact is not known. a.yaml is not read: why. Mend that, then release "
        "the code."
    )


def test_what_a_trigger_swallows_is_not_answered_as_done(postgresql: PostgresqlSource, database_url: str) -> None:
    before = codes(postgresql)
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION specql_registry.fn_odd() RETURNS trigger LANGUAGE plpgsql"
            " AS $body$ BEGIN RETURN NULL; END $body$;"
            " CREATE TRIGGER tr_odd BEFORE UPDATE OR DELETE ON specql_registry.tb_entity_registration"
            " FOR EACH ROW EXECUTE FUNCTION specql_registry.fn_odd()"
        )
        for call in (lambda: postgresql.release_code(RELEASE), lambda: postgresql.move_entity(MOVE, Rules())):
            assert refusal(call)[0] is RefusalKind.CONFLICT
            assert codes(postgresql) == before
        admin.execute("DROP FUNCTION specql_registry.fn_odd CASCADE")
    assert postgresql.move_entity(MOVE, Rules()).moved


def test_the_history_has_a_move_and_a_release(postgresql: PostgresqlSource, database_url: str) -> None:
    install(RegistrySettings(database_url=database_url, connect_timeout_seconds=60, statement_timeout_ms=60_000))
    code = postgresql.move_entity(MOVE, Rules()).table_code
    postgresql.release_code(RELEASE)
    with psycopg.connect(database_url) as other:
        events = other.execute(
            "SELECT action, table_code FROM specql_registry_lsp.tb_event"
            " WHERE table_name = 'tb_entity_registration' ORDER BY id"
        ).fetchall()
    assert events == [("entity-moved", code), ("entity-removed", code)]


def test_moves_releases_and_allocations_at_once_give_nothing_twice(database_url: str) -> None:
    sources = [postgresql_source(database_url) for _ in range(6)]
    fill(sources[0], small_registry())

    def work(number: int) -> None:
        source = sources[number]
        try:
            if number % 3 == 0:
                source.move_entity(MOVE, Rules())
            elif number % 3 == 1:
                source.release_code(RELEASE)
            else:
                source.allocate(AllocationRequest(f"New{number}", "crm", "customer"), Rules())
        except Refused as refused:
            assert refused.kind is RefusalKind.INVALID_ARGUMENT

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    held = [code for each in codes(sources[0]).values() for code in each]
    for source in sources:
        source.close()
    assert len(held) == len(set(held))


CORRECTOR = """
import sys
from specql_lsp.config import RegistrySettings
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import CodeRelease, EntityMove, EntityRename
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

source = PostgresqlSource(RegistrySettings(database_url=sys.argv[1], lock_timeout_ms=90000, statement_timeout_ms=90000))
source.load()
print("ready", flush=True)
for number in range(8):
    entity = f"Thing{number}"
    print("moved", entity, source.move_entity(EntityMove("crm", entity, "core"), Rules()).table_code, flush=True)
    print("renamed", entity, source.rename_entity(EntityRename("crm", entity, f"New{number}")).table_code, flush=True)
    if number % 2:
        print("released", entity, source.release_code(CodeRelease("crm", f"New{number}")).table_code, flush=True)
"""


def test_a_process_that_is_killed_leaves_each_correction_whole(database_url: str) -> None:
    source, chance = postgresql_source(database_url), random.Random(SEED)
    for _ in range(times(4)):
        fill(source, small_registry())
        source.allocate_all([AllocationRequest(f"Thing{n}", "crm", "customer") for n in range(8)], Rules())
        before = codes(source)
        process = start_script(CORRECTOR, database_url)
        assert process.stdout.readline() == "ready\n"
        for _ in range(chance.randrange(20)):  # it is killed during what comes after so many corrections
            process.stdout.readline()
        process.kill()
        said = [line.split() for line in process.communicate()[0].splitlines()]
        # A killed session's transaction ends when the server notices; a write of ours waits for its locks.
        source.register_subdomain("crm", "77", f"after_{chance.randrange(10**9)}")
        now = codes(source)
        held = [code for each in now.values() for code in each]
        assert len(held) == len(set(held))
        for number in range(8):
            old, new = now.get(f"Thing{number}", []), now.get(f"New{number}", [])
            assert len(old) + len(new) <= 1, "one registration, under one name"
            if old:
                assert old == before[f"Thing{number}"] or old[0].startswith("01201")
            elif not number % 2:
                assert new and new[0].startswith("01201")
        gone = {entity.removeprefix("Thing") for what, entity, _ in said if what == "released"}
        assert not gone & {name.removeprefix("New").removeprefix("Thing") for name in now}
    source.close()
