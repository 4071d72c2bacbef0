"""The pure decision: which code, or why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import decide, new_domain, new_subdomain, sequence_of, target
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from tests.support.registries import small_registry


def one_subdomain(number: str, *entities: Entity, domain: str = "2", rules: Rules | None = None) -> Snapshot:
    subdomain = Subdomain(number, "customer", None, 1, entities)
    return Snapshot((Domain(domain, "crm", subdomains=(subdomain,)),), rules)


def refused(snapshot: Snapshot, request: AllocationRequest) -> Refused:
    with pytest.raises(Refused) as caught:
        decide(snapshot, request)
    return caught.value


def test_the_code_is_layer_domain_subdomain_sequence() -> None:
    cases = {
        ("2", "03", "01"): "012031",
        ("a", "b3", "03"): "03AB31",
        ("2", "3", "01"): "012301",
        ("1F", "03", "01"): None,
        ("1F", "3", "01"): "011F31",
    }
    for (domain, subdomain, layer), code in cases.items():
        request = AllocationRequest("Contact", "crm", "customer", layer)
        snapshot = one_subdomain(subdomain, domain=domain)
        if code is None:
            assert refused(snapshot, request).kind is RefusalKind.SUBDOMAIN_FULL
        else:
            assert decide(snapshot, request).table_code == code


@given(
    taken=st.sets(st.integers(1, 15)),
    used=st.sets(st.integers(1, 15)),
    reserved=st.sets(st.integers(1, 15)),
    lower=st.booleans(),
)
def test_the_lowest_code_that_nobody_has_is_given(
    taken: set[int], used: set[int], reserved: set[int], lower: bool
) -> None:
    def code(sequence: int) -> str:
        return str(codes.TableCode("01", "2", "B3", sequence))

    entities = tuple(Entity(f"E{n}", code(n).lower() if lower else code(n), n) for n in taken)
    rules = Rules(reserved_codes=frozenset(map(code, reserved)))
    request = AllocationRequest("Contact", "2", "b3", used=frozenset(map(code, used)))
    snapshot = one_subdomain("B3", *entities, rules=rules)
    free = [n for n in range(1, 16) if n not in taken | used | reserved]
    if free:
        got = decide(snapshot, request)
        assert (got.table_code, got.sequence, got.created) == (code(free[0]), free[0], True)
    else:
        assert refused(snapshot, request).kind is RefusalKind.SUBDOMAIN_FULL


def test_the_answer_names_its_place_without_what_it_holds() -> None:
    got = decide(small_registry(), AllocationRequest("Partner", "crm", "customer"))
    crm = small_registry().domains[0]
    assert got.domain == crm._replace(subdomains=())
    assert got.subdomain == crm.subdomains[1]._replace(entities=())


def test_the_same_name_in_several_subdomains_and_domains() -> None:
    crm = Domain(
        "2",
        "crm",
        subdomains=(
            Subdomain("01", "core", entities=(Entity("Note", "012011", 1),)),
            Subdomain("02", "sales", entities=(Entity("note", "012021", 1),)),
            Subdomain("03", "customer"),
        ),
    )
    other = Domain("3", "catalog", subdomains=(Subdomain("01", "core"),))
    snapshot = Snapshot((crm, other))
    assert decide(snapshot, AllocationRequest("NOTE", "crm")).table_code == "012011"
    assert decide(snapshot, AllocationRequest("Note", "crm", "sales")).table_code == "012021"
    assert decide(snapshot, AllocationRequest("Note", "crm", None, table_code="012021")).entity == "note"
    assert decide(snapshot, AllocationRequest("Note", "catalog")).table_code == "013011"
    elsewhere = refused(snapshot, AllocationRequest("Note", "crm", "customer"))
    assert elsewhere.kind is RefusalKind.ALREADY_REGISTERED


def test_a_registered_code_that_is_malformed_is_given_again() -> None:
    snapshot = one_subdomain("03", Entity("Odd", "0120399", None, "ODE"))
    got = decide(snapshot, AllocationRequest("odd", "crm"))
    assert (got.table_code, got.sequence, got.entity_code, got.created) == ("0120399", 0x99, "ODE", False)
    nothing = one_subdomain("03", Entity("Odd", "XYZ"))
    assert decide(nothing, AllocationRequest("odd", "crm")).sequence == 0


def test_what_to_lock_is_where_the_code_will_be() -> None:
    rules = Rules(subdomain_inference={"crm": {"customer": ("partner",)}})
    snapshot = small_registry().with_rules(rules)
    for request, number in (
        (AllocationRequest("Partner", "crm"), "03"),
        (AllocationRequest("Unheard", "crm"), "01"),
        (AllocationRequest("Unheard", "crm", "CUSTOMER"), "03"),
        (AllocationRequest("Unheard", "management", None, table_code="01203F"), "03"),
    ):
        assert target(snapshot, request)[1].number == number
        assert decide(snapshot, request).subdomain.number == number


def test_the_longest_digits_win_for_a_code_that_is_asked_for() -> None:
    domain = Domain("2", "crm", subdomains=(Subdomain("0", "short"), Subdomain("03", "long")))
    got = decide(Snapshot((domain,)), AllocationRequest("Contact", "crm", None, table_code="012031"))
    assert (got.subdomain.name, got.sequence) == ("long", 1)
    short = decide(Snapshot((domain,)), AllocationRequest("Contact", "crm", "short", table_code="012031"))
    assert (short.subdomain.name, short.sequence) == ("short", 0x31)


@pytest.mark.parametrize(
    ("code", "sequence", "expected"),
    [("012031", 7, 7), ("01203f", None, 15), ("0120345", None, 0x45), ("0990345", None, None), ("", None, None)],
)
def test_the_sequence_of_an_entity(code: str, sequence: int | None, expected: int | None) -> None:
    entity = Entity("Contact", code, sequence)
    snapshot = one_subdomain("03", entity)
    domain = snapshot.domains[0]
    assert sequence_of(snapshot, domain, domain.subdomains[0], entity) == expected


def test_new_numbers_follow_the_widths_of_the_registry() -> None:
    one_digit = one_subdomain("3")
    assert new_subdomain(one_digit, one_digit.domains[0], "a", "new", "").number == "A"
    with pytest.raises(Refused, match="1 hexadecimal digit"):
        new_subdomain(one_digit, one_digit.domains[0], "0a", "new", None)
    first = Snapshot((Domain("2", "crm"),))
    for number in ("3", "03"):
        assert new_subdomain(first, first.domains[0], number, "new", None).number == number
    wide = Snapshot((Domain("1F", "wide"), Domain("2", "crm")))
    assert new_domain(wide, "3a", "new", "", multi_tenant=False, aliases=()).number == "3A"
    with pytest.raises(Refused, match="begins like 2"):
        new_domain(wide, "2a", "new", None, multi_tenant=False, aliases=())
