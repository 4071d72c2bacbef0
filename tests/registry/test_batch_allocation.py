"""Many codes at once: one suite for every writable source, and what PostgreSQL alone can do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from specql_lsp.registry.batch_allocation import decide_all
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source


def requests(count: int, prefix: str = "Thing", subdomain: str | None = "customer") -> list[AllocationRequest]:
    return [AllocationRequest(f"{prefix}{number}", "crm", subdomain) for number in range(count)]


def code(answer: Allocation | Refused) -> str:
    return answer.table_code if isinstance(answer, Allocation) else answer.kind.value


def test_each_entity_gets_the_next_free_code(source: WritableSource) -> None:
    single = source.allocate(AllocationRequest("First", "crm", "customer"), Rules()).table_code
    answers = source.allocate_all(requests(5), Rules())
    assert all(isinstance(answer, Allocation) and answer.created for answer in answers)
    got = [int(code(answer), 16) for answer in answers]
    assert got == sorted(got) and got[0] > int(single, 16) and len(set(got)) == 5
    loaded = source.load()
    for answer in answers:
        (found,) = loaded.by_code(code(answer))
        assert found.entity.name == answer.entity  # type: ignore[union-attr]
    customer = loaded.domains[0].subdomain("customer")
    assert customer is not None
    assert (customer.next_entity_sequence or 0) > max(entity.sequence or 0 for entity in customer.entities)


def test_asking_again_gives_the_same_codes_and_changes_nothing(source: WritableSource) -> None:
    first = source.allocate_all(requests(3), Rules())
    before = source.load()
    again = source.allocate_all(requests(3), Rules())
    assert [code(answer) for answer in again] == [code(answer) for answer in first]
    assert not any(answer.created for answer in again if isinstance(answer, Allocation))
    assert source.load() == before


def test_one_refused_request_does_not_keep_the_others_from_their_codes(source: WritableSource) -> None:
    asked = [
        *requests(1),
        AllocationRequest("Nowhere", "crm", "no_such"),
        AllocationRequest("1wrong", "crm", "customer"),
        AllocationRequest("THING0", "crm", "customer"),
        AllocationRequest("Last", "crm", "customer"),
    ]
    kinds = [answer.kind if isinstance(answer, Refused) else None for answer in source.allocate_all(asked, Rules())]
    assert kinds == [None, RefusalKind.UNKNOWN_SUBDOMAIN, RefusalKind.INVALID_ARGUMENT, RefusalKind.CONFLICT, None]
    names = {found.entity.name for found in source.load().registrations()}
    assert {"Thing0", "Last"} <= names and "THING0" not in names


def test_a_full_subdomain_refuses_only_what_does_not_fit(source: WritableSource) -> None:
    free = len(source.load().free_sequences(*_customer(source.load())))
    answers = source.allocate_all(requests(free + 2), Rules())
    assert [isinstance(answer, Allocation) for answer in answers] == [True] * free + [False] * 2
    assert {code(answer) for answer in answers[free:]} == {"subdomain-full"}


def test_codes_of_files_and_reserved_codes_are_not_given_out(source: WritableSource) -> None:
    domain, subdomain = _customer(source.load())
    first, second, third = (
        f"01{domain.number}{subdomain.number}{n:X}" for n in source.load().free_sequences(domain, subdomain)[:3]
    )
    asked = [AllocationRequest("Thing", "crm", "customer", used=frozenset({first}))]
    (answer,) = source.allocate_all(asked, Rules(reserved_codes=frozenset({second})))
    assert code(answer) == third


def test_nothing_to_register_is_no_change(source: WritableSource) -> None:
    before = source.load()
    assert source.allocate_all([], Rules()) == ()
    assert source.load() is before


def test_a_preview_is_what_is_done_then(source: WritableSource) -> None:
    preview, changes = decide_all(source.load(), requests(4))
    assert changes
    done = source.allocate_all(requests(4), Rules())
    assert [code(answer) for answer in preview] == [code(answer) for answer in done]


def test_writers_at_once_get_codes_of_their_own(database_url: str) -> None:
    sources = [postgresql_source(database_url) for _ in range(4)]
    fill(sources[0], small_registry())

    def write(number: int) -> list[str]:
        source = sources[number]
        if number % 2:
            return [source.allocate(r, Rules()).table_code for r in requests(2, f"Single{number}x")]
        return [code(answer) for answer in source.allocate_all(requests(2, f"Many{number}x"), Rules())]

    with ThreadPoolExecutor(4) as pool:
        got = [each for codes in pool.map(write, range(4)) for each in codes]
    registered = {found.entity.table_code for found in sources[0].load().registrations()}
    for source in sources:
        source.close()
    assert len(set(got)) == len(got) == 8
    assert set(got) <= registered


def _customer(snapshot: Snapshot) -> tuple[Domain, Subdomain]:
    domain = snapshot.domain("crm")
    subdomain = domain.subdomain("customer") if domain is not None else None
    assert domain is not None and subdomain is not None
    return domain, subdomain
