"""What every source promises: one suite for PostgreSQL, memory and (as far as they are read) YAML and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import RegistrySource, WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.sources.snapshot_file.format import TakenSnapshot, snapshot_text
from specql_lsp.registry.sources.snapshot_file.source import SnapshotFileSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Source
from tests.support.registries import large_registry, small_registry, without_sequences, yaml_text
from tests.support.sources import WRITABLE, fill, keep_yaml, postgresql_source

RULES = Rules(subdomain_inference={"crm": {"customer": ("contact", "company", "partner")}})


Readable = Callable[[Snapshot], RegistrySource]


@pytest.fixture(params=[*WRITABLE, "yaml", "snapshot"])
def readable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Readable]:
    """Makes a source that holds a registry."""
    opened: list[RegistrySource] = []

    def make(snapshot: Snapshot) -> RegistrySource:
        if request.param == "yaml":
            path = tmp_path / "registry.yaml"
            path.write_text(yaml_text(snapshot), encoding="utf-8")
            opened.append(YamlSource(path))
            return opened[-1]
        if request.param == "snapshot":
            path = tmp_path / "snapshot.json"
            taken = TakenSnapshot(snapshot, datetime(2026, 1, 2, tzinfo=UTC), Source.POSTGRESQL, "host:5432/db")
            path.write_text(snapshot_text(taken), encoding="utf-8")
            opened.append(SnapshotFileSource(path))
            return opened[-1]
        writable: WritableSource = (
            InMemorySource()
            if request.param == "in_memory"
            else postgresql_source(request.getfixturevalue("database_url"))
        )
        opened.append(writable)
        fill(writable, snapshot)
        return writable

    yield make
    for each in opened:
        each.close()


def request_for(
    entity: str, domain: str = "crm", subdomain: str | None = "customer", **more: object
) -> AllocationRequest:
    return AllocationRequest(entity, domain, subdomain, **more)  # type: ignore[arg-type]


def refusal(call: Callable[[], object]) -> tuple[RefusalKind, str]:
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.message[0].isupper() or caught.value.message[0] in "'\""
    assert caught.value.message.endswith(".")
    return caught.value.kind, caught.value.message


# Reading


def test_load_gives_what_the_registry_holds(readable: Readable) -> None:
    source = readable(small_registry())
    expected = without_sequences(small_registry()) if source.kind is Source.YAML else small_registry()
    assert source.load().domains == expected.domains


def test_load_gives_the_same_object_while_nothing_changes(readable: Readable) -> None:
    source = readable(large_registry(3, 4, 5))
    assert source.load() is source.load()


def test_numbers_come_in_order_shorter_first(readable: Readable) -> None:
    subdomains = tuple(Subdomain(n, f"s{n.lower()}", None, 1) for n in ("A0", "0a", "1", "B", "02"))
    source = readable(Snapshot((Domain("B", "b"), Domain("a", "a", subdomains=subdomains), Domain("10", "ten"))))
    loaded = source.load()
    assert [d.number for d in loaded.domains] == ["a", "B", "10"]
    assert [s.number for s in loaded.domains[0].subdomains] == ["1", "B", "02", "0a", "A0"]


def test_what_real_registries_hold_is_read_as_it_is(readable: Readable) -> None:
    odd = Subdomain(
        "02",
        "odd — ключ 表",
        'a "quoted" text\nof two lines',
        934,
        (Entity("Manufacturer", "0132111", 1), Entity("Elsewhere", "012031", 2), Entity("Lower", "01302a", 10)),
    )
    loaded = readable(Snapshot((Domain("3", "catalog", "", False, ("a b", "c'd"), (odd,)),))).load()
    found = loaded.domains[0].subdomains[0]
    assert found.name == odd.name and found.description == odd.description and found.next_entity_sequence == 934
    assert {e.name: e.table_code for e in found.entities} == {e.name: e.table_code for e in odd.entities}
    assert loaded.domains[0].aliases == ("a b", "c'd")


# Allocating


def test_the_lowest_free_sequence_is_given_whatever_the_counter_says(source: WritableSource) -> None:
    got = source.allocate(request_for("Partner"), RULES)
    assert (got.table_code, got.sequence, got.created, got.entity_code) == ("012033", 3, True, "PRT")
    assert (got.domain.name, got.subdomain.name) == ("crm", "customer")
    runaway = source.allocate(request_for("Maker", "catalog", "02"), RULES)
    assert runaway.table_code == "013022"
    found = source.load().by_code("012033")
    assert [(r.entity.name, r.subdomain.number, r.entity.sequence) for r in found] == [("Partner", "03", 3)]


def test_the_counter_moves_up_and_never_back(source: WritableSource) -> None:
    source.allocate(request_for("Maker", "3", "02"), RULES)
    source.allocate(request_for("First", "3", "01"), RULES)
    catalog = source.load().domain("catalog")
    assert catalog is not None
    assert [s.next_entity_sequence for s in catalog.subdomains] == [2, 934]


def test_asking_again_gives_the_same_code(source: WritableSource) -> None:
    first = source.allocate(request_for("Partner"), RULES)
    for again in (
        request_for("Partner"),
        request_for("PARTNER", "management", "03"),
        request_for("partner", "2", None),
    ):
        got = source.allocate(again, RULES)
        assert (got.table_code, got.entity, got.created, got.sequence) == (first.table_code, "Partner", False, 3)
    assert source.allocate(request_for("contact", subdomain=None), RULES).table_code == "012031"
    assert source.load().entity_count == small_registry().entity_count + 1


def test_the_subdomain_is_inferred_when_left_out(source: WritableSource) -> None:
    assert source.allocate(request_for("BusinessPartner", subdomain=None), RULES).subdomain.name == "customer"
    assert source.allocate(request_for("Unheard", subdomain=None), RULES).subdomain.name == "core"


def test_used_and_reserved_codes_are_passed_over(source: WritableSource) -> None:
    rules = Rules(reserved_codes=frozenset({"012033", "012035"}))
    got = source.allocate(request_for("Partner", used=frozenset({"012036"})), rules)
    assert got.table_code == "012037"


def test_a_code_registered_elsewhere_is_passed_over(empty: WritableSource) -> None:
    elsewhere = Domain("5", "billing", subdomains=(Subdomain("01", "core", None, 1, (Entity("Odd", "012a31", 1),)),))
    fill(empty, Snapshot((Domain("2", "crm", subdomains=(Subdomain("A3", "letters", None, 1),)), elsewhere)))
    assert empty.allocate(request_for("Mine", "crm", "a3"), RULES).table_code == "012A32"


def test_a_code_can_be_asked_for(source: WritableSource) -> None:
    got = source.allocate(request_for("Partner", subdomain=None, table_code="01203a"), RULES)
    assert (got.table_code, got.sequence, got.subdomain.number, got.created) == ("01203A", 10, "03", True)
    again = source.allocate(request_for("Partner", subdomain=None, table_code="01203A"), RULES)
    assert (again.table_code, again.created) == ("01203A", False)
    layered = source.allocate(request_for("Reader", table_code="022031"), RULES)
    assert layered.table_code == "022031"


def test_a_full_subdomain_refuses_and_changes_nothing(source: WritableSource) -> None:
    for number in range(15):
        source.allocate(request_for(f"Entity{number}", "catalog", "core"), RULES)
    before = source.load()
    assert sorted(e.table_code for e in before.domains[1].subdomains[0].entities)[-1] == "01301F"
    kind, message = refusal(lambda: source.allocate(request_for("OneMore", "catalog", "core"), RULES))
    assert kind is RefusalKind.SUBDOMAIN_FULL and "15" in message and "core" in message
    assert source.load() is before


REFUSALS = [
    (request_for("Partner", "crn"), RefusalKind.UNKNOWN_DOMAIN, "'crm'"),
    (request_for("Partner", "crm", "custmer"), RefusalKind.UNKNOWN_SUBDOMAIN, "'customer'"),
    (request_for("Partner", "billing", None), RefusalKind.UNKNOWN_SUBDOMAIN, "billing"),
    (request_for("Contact", "crm", "core"), RefusalKind.ALREADY_REGISTERED, "012031"),
    (request_for("Contact", table_code="012039"), RefusalKind.ALREADY_REGISTERED, "012031"),
    (request_for("Partner", table_code="012031"), RefusalKind.CODE_TAKEN, "Contact"),
    (request_for("Partner", table_code="01203A", used=frozenset({"01203A"})), RefusalKind.CODE_TAKEN, "01203A"),
    (request_for("Partner", table_code="01203"), RefusalKind.INVALID_ARGUMENT, "six"),
    (request_for("Partner", table_code="013021"), RefusalKind.INVALID_ARGUMENT, "013021"),
    (request_for("Partner", subdomain=None, table_code="012991"), RefusalKind.UNKNOWN_SUBDOMAIN, "012991"),
    (request_for("Partner", table_code="012011"), RefusalKind.INVALID_ARGUMENT, "customer"),
    (request_for("Partner", table_code="092031"), RefusalKind.INVALID_ARGUMENT, "'09'"),
    (request_for("Partner", layer="77"), RefusalKind.INVALID_ARGUMENT, "write_side"),
    (request_for("1st"), RefusalKind.INVALID_ARGUMENT, "'1st'"),
    (request_for("Drop table; --"), RefusalKind.INVALID_ARGUMENT, "letters"),
    (request_for("A" * 101), RefusalKind.INVALID_ARGUMENT, "100"),
]


def test_refusals_say_why_and_change_nothing(source: WritableSource) -> None:
    before = source.load()
    for asked, kind, part in REFUSALS:
        found, message = refusal(lambda asked=asked: source.allocate(asked, RULES))
        assert (found, part in message) == (kind, True), (asked, message)
        assert source.load() is before


def test_a_reserved_code_is_refused(source: WritableSource) -> None:
    rules = Rules(reserved_codes=frozenset({"01203A"}))
    kind, _ = refusal(lambda: source.allocate(request_for("Partner", table_code="01203a"), rules))
    assert kind is RefusalKind.CODE_RESERVED


def test_one_digit_subdomains_have_255_codes(empty: WritableSource) -> None:
    fill(empty, Snapshot((Domain("2", "crm", subdomains=(Subdomain("3", "customer", None, 1),)),)))
    got = empty.allocate(request_for("Contact", used=frozenset(f"0123{n:02X}" for n in range(1, 20))), RULES)
    assert (got.table_code, got.sequence) == ("012314", 20)
    assert empty.allocate(request_for("Last", table_code="0123FF"), RULES).sequence == 255


# Registering domains and subdomains


def test_a_domain_and_a_subdomain_are_registered(source: WritableSource) -> None:
    domain = source.register_domain("a", "hr", "People", multi_tenant=True, aliases=("people",))
    subdomain = source.register_subdomain("people", "0b", "staff")
    assert domain == Domain("A", "hr", "People", True, ("people",))
    assert subdomain == Subdomain("0B", "staff", None, 1)
    assert source.load().domain("A") == domain._replace(subdomains=(subdomain,))
    assert source.allocate(request_for("Person", "hr", "staff"), RULES).table_code == "01A0B1"


BAD_DOMAINS: list[tuple[str, str, tuple[str, ...], RefusalKind]] = [
    ("2", "new", (), RefusalKind.ALREADY_REGISTERED),
    ("7", "crm", (), RefusalKind.ALREADY_REGISTERED),
    ("7", "management", (), RefusalKind.ALREADY_REGISTERED),
    ("7", "new", ("catalog",), RefusalKind.ALREADY_REGISTERED),
    ("7", "new", ("new",), RefusalKind.INVALID_ARGUMENT),
    ("G", "new", (), RefusalKind.INVALID_ARGUMENT),
    ("17", "new", (), RefusalKind.INVALID_ARGUMENT),
    ("", "new", (), RefusalKind.INVALID_ARGUMENT),
    ("7", "New Name", (), RefusalKind.INVALID_ARGUMENT),
    ("7", "n" * 101, (), RefusalKind.INVALID_ARGUMENT),
]
BAD_SUBDOMAINS = [
    ("nowhere", "09", "new", RefusalKind.UNKNOWN_DOMAIN),
    ("crm", "03", "new", RefusalKind.ALREADY_REGISTERED),
    ("crm", "09", "customer", RefusalKind.ALREADY_REGISTERED),
    ("crm", "9", "new", RefusalKind.INVALID_ARGUMENT),
    ("billing", "9", "new", RefusalKind.INVALID_ARGUMENT),
    ("crm", "0X", "new", RefusalKind.INVALID_ARGUMENT),
    ("crm", "009", "new", RefusalKind.INVALID_ARGUMENT),
    ("crm", "09", "9new", RefusalKind.INVALID_ARGUMENT),
]


def test_domains_that_do_not_fit_are_refused(source: WritableSource) -> None:
    before = source.load()
    for number, name, aliases, kind in BAD_DOMAINS:
        found, message = refusal(lambda n=number, m=name, a=aliases: source.register_domain(n, m, aliases=a))
        assert found is kind, (number, name, aliases, message)
        assert source.load() is before


def test_subdomains_that_do_not_fit_are_refused(source: WritableSource) -> None:
    before = source.load()
    for domain, number, name, kind in BAD_SUBDOMAINS:
        found, message = refusal(lambda d=domain, n=number, m=name: source.register_subdomain(d, n, m))
        assert found is kind, (domain, number, name, message)
        assert source.load() is before


# Keeping the YAML


def changed(**domain: object) -> Snapshot:
    first, *rest = small_registry().domains
    return Snapshot((first._replace(**domain), *rest))  # type: ignore[arg-type]


def changed_subdomain(**subdomain: object) -> Snapshot:
    crm = small_registry().domains[0]
    core, customer = crm.subdomains
    return changed(subdomains=(core, customer._replace(**subdomain)))  # type: ignore[arg-type]


CONTACT, COMPANY, ACCOUNT = small_registry().domains[0].subdomains[1].entities
YAMLS = {
    "missing_in_postgresql": Snapshot((*small_registry().domains, *large_registry(1, 2, 3).domains)),
    "missing_in_yaml": Snapshot(small_registry().domains[1:]),
    "domain_attribute_mismatch": changed(
        name="customers", description=None, multi_tenant=False, aliases=("management", "sales")
    ),
    "missing_subdomain_in_postgresql": changed(
        subdomains=(
            *small_registry().domains[0].subdomains,
            Subdomain("0C", "new", "New", None, (Entity("Thing", "0120C7", None),)),
        )
    ),
    "missing_subdomain_in_yaml": changed(subdomains=small_registry().domains[0].subdomains[:1]),
    "subdomain_attribute_mismatch": changed_subdomain(name="clients", description="", next_entity_sequence=6),
    "missing_entity_in_postgresql": changed_subdomain(
        entities=(CONTACT, COMPANY, ACCOUNT, Entity("Lead", "01203B", None), Entity("Odd", "0120399", None))
    ),
    "missing_entity_in_yaml": changed_subdomain(entities=(CONTACT, ACCOUNT)),
    "entity_attribute_mismatch": changed_subdomain(
        entities=(CONTACT, COMPANY._replace(table_code="01203C", sequence=None), ACCOUNT)
    ),
}


@pytest.mark.parametrize("kind", DiscrepancyType, ids=lambda kind: kind.value)
def test_keeping_the_yaml_resolves_a_discrepancy(source: WritableSource, kind: DiscrepancyType) -> None:
    yaml = YAMLS[kind.value]
    discrepancies = compare(source.load(), yaml)
    assert {d.type for d in discrepancies} == {kind}
    for discrepancy in discrepancies:
        keep_yaml(source, discrepancy, yaml)
        assert discrepancy not in compare(source.load(), yaml)
    assert compare(source.load(), yaml) == ()
    assert all(r.entity.sequence is not None for r in source.load().registrations())


@pytest.mark.parametrize("kind", DiscrepancyType, ids=lambda kind: kind.value)
def test_a_discrepancy_that_is_no_longer_there_is_a_conflict(source: WritableSource, kind: DiscrepancyType) -> None:
    yaml = YAMLS[kind.value]
    discrepancy = compare(source.load(), yaml)[0]
    keep_yaml(source, discrepancy, yaml)
    before = source.load()
    found, _ = refusal(lambda: keep_yaml(source, discrepancy, yaml))
    assert found is RefusalKind.CONFLICT
    assert source.load() is before


def test_a_code_follows_its_new_sequence(source: WritableSource) -> None:
    yaml = YAMLS["entity_attribute_mismatch"]
    keep_yaml(source, compare(source.load(), yaml)[0], yaml)
    (found,) = source.load().by_entity("Company")
    assert (found.entity.table_code, found.entity.sequence) == ("01203C", 12)


def test_an_attribute_that_nothing_has_is_refused(source: WritableSource) -> None:
    wrong = Discrepancy(DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH, "2", attribute="pk_domain; DROP", yaml_value=1)
    assert refusal(lambda: keep_yaml(source, wrong, small_registry()))[0] is RefusalKind.INVALID_ARGUMENT


def test_closing_twice_is_harmless(source: WritableSource) -> None:
    source.close()
    source.close()
