"""The comparison of PostgreSQL with the YAML: random registries, and each of the nine kinds of change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.registry.consistency.comparison import (
    compare,
    consistency_report,
    discrepancy_from_json,
    discrepancy_to_json,
    path_key,
)
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Provenance, RegistryState, Source
from tests.support.patience import cpu_seconds

_names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
_descriptions = st.none() | st.text("aé\u2028 \n'", max_size=8)
_codes = st.text("0123456789ABCDEFabcdef", min_size=6, max_size=8)


@st.composite
def _subdomains(draw: st.DrawFn) -> tuple[Subdomain, ...]:
    numbers = draw(st.lists(st.text("0123456789ABCDEF", min_size=1, max_size=2), unique=True, max_size=3))
    return tuple(
        Subdomain(
            number,
            draw(_names),
            draw(_descriptions),
            draw(st.none() | st.integers(1, 999)),
            tuple(
                Entity(name.capitalize(), draw(_codes), draw(st.integers(0, 300)))
                for name in draw(st.lists(_names, unique=True, max_size=4))
            ),
        )
        for number in numbers
    )


@st.composite
def registries(draw: st.DrawFn) -> Snapshot:
    """Random registries, numbers and names unique without regard to case."""
    numbers = draw(st.lists(st.text("0123456789ABCDEF", min_size=1, max_size=2), unique=True, max_size=4))
    return Snapshot(
        Domain(
            number,
            draw(_names),
            draw(_descriptions),
            draw(st.booleans()),
            tuple(draw(st.lists(_names, max_size=3))),
            draw(_subdomains()),
        )
        for number in numbers
    )


@given(registries())
def test_a_registry_with_itself_is_consistent(registry: Snapshot) -> None:
    assert compare(registry, registry) == ()


@given(registries())
def test_what_only_one_side_can_hold_does_not_matter(registry: Snapshot) -> None:
    yaml = _mapped(
        registry,
        domain=lambda d: d._replace(
            number=d.number.lower(), aliases=tuple(reversed(d.aliases)), description=d.description or None
        ),
        subdomain=lambda s: s._replace(description=s.description or ""),
        entity=lambda e: e._replace(
            name=e.name.upper(), table_code=e.table_code.swapcase(), sequence=None, entity_code="ABC", assigned_at="now"
        ),
    )
    assert compare(registry, yaml) == ()


@given(registries(), registries())
def test_the_sides_mirror_each_other(one: Snapshot, other: Snapshot) -> None:
    mirrored = {_mirror(d.type): d.type for d in compare(one, other)}
    assert set(mirrored) == {d.type for d in compare(other, one)}


@given(registries(), registries())
def test_order_is_by_domain_subdomain_entity_attribute(one: Snapshot, other: Snapshot) -> None:
    keys = [
        (
            (len(d.domain), d.domain.upper()),
            (len(d.subdomain or ""), (d.subdomain or "").upper()),
            (d.entity or "").lower(),
            d.attribute or "",
        )
        for d in compare(one, other)
    ]
    assert keys == sorted(keys)


def _mirror(kind: DiscrepancyType) -> DiscrepancyType:
    if kind.value.endswith("_in_yaml"):
        return DiscrepancyType(kind.value.replace("_in_yaml", "_in_postgresql"))
    return DiscrepancyType(kind.value.replace("_in_postgresql", "_in_yaml"))


_RICH = Snapshot(
    [
        Domain(
            "2",
            "crm",
            "Customers",
            True,
            ("management",),
            (
                Subdomain(
                    "03", "customer", "People", 5, (Entity("Contact", "012031", 1), Entity("Company", "012032", 2))
                ),
                Subdomain("A3", "sales", None, 1),
            ),
        ),
        Domain("3", "catalog", None, False, (), (Subdomain("01", "product", None, 1, (Entity("Item", "013011", 1),)),)),
    ]
)

_KINDS = DiscrepancyType


@given(registries(), st.data())
def test_each_single_change_gives_exactly_its_discrepancy(registry: Snapshot, data: st.DataObject) -> None:
    """A registry beside a known domain, one change to the YAML side."""
    others = [d for d in registry.domains if d.number.upper() not in {"2", "3", "2F"}]
    before = Snapshot([*others, *_RICH.domains])
    change, expected = data.draw(st.sampled_from(_CHANGES))
    after = Snapshot([*others, *change(_RICH).domains])
    found = compare(before, after)
    assert [
        (d.type, d.domain, d.subdomain, d.entity, d.attribute, d.postgresql_value, d.yaml_value) for d in found
    ] == [expected]
    assert found[0].message.endswith(".")
    assert discrepancy_from_json(discrepancy_to_json(found[0])) == found[0]
    assert path_key(found[0]) == path_key(replace(found[0], yaml_value="other", message=""))
    back = compare(after, before)
    assert [d.type for d in back] == [_mirror(found[0].type)]


def _crm(**changes: object):
    return lambda r: _mapped(r, domain=lambda d: d._replace(**changes) if d.number == "2" else d)


def _customer(**changes: object):
    return lambda r: _mapped(r, subdomain=lambda s: s._replace(**changes) if s.number == "03" else s)


def _contact(**changes: object):
    return lambda r: _mapped(r, entity=lambda e: e._replace(**changes) if e.name == "Contact" else e)


def _without(number: str):
    return lambda r: Snapshot(d for d in r.domains if d.number != number)


_CHANGES = [
    (_without("2"), (_KINDS.MISSING_IN_YAML, "2", None, None, None, "crm", None)),
    (
        lambda r: Snapshot([*r.domains, Domain("2F", "new")]),
        (_KINDS.MISSING_IN_POSTGRESQL, "2F", None, None, None, None, "new"),
    ),
    (_crm(name="crm2"), (_KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", None, None, "name", "crm", "crm2")),
    (_crm(description=None), (_KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", None, None, "description", "Customers", None)),
    (_crm(multi_tenant=False), (_KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", None, None, "multi_tenant", True, False)),
    (_crm(aliases=()), (_KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "2", None, None, "aliases", ["management"], [])),
    (
        lambda r: _mapped(r, domain=lambda d: d._replace(subdomains=d.subdomains[1:]) if d.number == "2" else d),
        (_KINDS.MISSING_SUBDOMAIN_IN_YAML, "2", "03", None, None, "customer", None),
    ),
    (
        lambda r: _mapped(
            r, domain=lambda d: d._replace(subdomains=(*d.subdomains, Subdomain("0a", "x"))) if d.number == "2" else d
        ),
        (_KINDS.MISSING_SUBDOMAIN_IN_POSTGRESQL, "2", "0a", None, None, None, "x"),
    ),
    (_customer(name="people"), (_KINDS.SUBDOMAIN_ATTRIBUTE_MISMATCH, "2", "03", None, "name", "customer", "people")),
    (
        _customer(description=""),
        (_KINDS.SUBDOMAIN_ATTRIBUTE_MISMATCH, "2", "03", None, "description", "People", None),
    ),
    (
        _customer(next_entity_sequence=None),
        (_KINDS.SUBDOMAIN_ATTRIBUTE_MISMATCH, "2", "03", None, "next_entity_sequence", 5, 1),
    ),
    (
        lambda r: _mapped(r, subdomain=lambda s: s._replace(entities=s.entities[1:]) if s.number == "03" else s),
        (_KINDS.MISSING_ENTITY_IN_YAML, "2", "03", "Contact", None, "012031", None),
    ),
    (
        lambda r: _mapped(
            r, subdomain=lambda s: s._replace(entities=(*s.entities, Entity("New", "1"))) if s.number == "03" else s
        ),
        (_KINDS.MISSING_ENTITY_IN_POSTGRESQL, "2", "03", "New", None, None, "1"),
    ),
    (
        _contact(table_code="012034"),
        (_KINDS.ENTITY_ATTRIBUTE_MISMATCH, "2", "03", "Contact", "table_code", "012031", "012034"),
    ),
    (_contact(sequence=9), (_KINDS.ENTITY_ATTRIBUTE_MISMATCH, "2", "03", "Contact", "sequence", 1, 9)),
]


def _mapped(registry: Snapshot, domain=lambda d: d, subdomain=lambda s: s, entity=lambda e: e) -> Snapshot:
    return Snapshot(
        domain(
            d._replace(
                subdomains=tuple(
                    subdomain(s._replace(entities=tuple(entity(e) for e in s.entities))) for s in d.subdomains
                )
            )
        )
        for d in registry.domains
    )


def _one(*entities: Entity) -> Snapshot:
    return Snapshot([Domain("1", "a", subdomains=(Subdomain("01", "b", entities=entities),))])


def test_an_entity_twice_on_one_side() -> None:
    single, double = _one(Entity("Contact", "1", 1)), _one(Entity("contact", "2", 2), Entity("Contact", "1", 1))
    found = compare(single, double)
    assert [(d.type, d.entity) for d in found] == [(_KINDS.MISSING_ENTITY_IN_POSTGRESQL, "contact")]
    assert compare(double, double) == ()
    assert [(d.type, d.entity) for d in compare(double, single)] == [(_KINDS.MISSING_ENTITY_IN_YAML, "contact")]
    assert compare(_one(Entity("A", "1"), Entity("A", "1")), _one(Entity("A", "1"))) == compare(
        _one(Entity("A", "1"), Entity("A", "1")), _one(Entity("A", "1"))
    )


def test_a_domain_twice_on_one_side() -> None:
    double = Snapshot([Domain("a", "x"), Domain("A", "y")])
    assert compare(double, double) == ()
    assert [(d.type, d.domain) for d in compare(Snapshot([Domain("A", "y")]), double)] == [
        (_KINDS.MISSING_IN_POSTGRESQL, "a")
    ]


def test_messages_hold_both_values() -> None:
    message = compare(_one(Entity("Contact", "012031", 1)), _one(Entity("Contact", "", None)))[0].message
    assert message == (
        "Entity Contact (domain 1 (a), subdomain 01 (b)): "
        'the table code is "012031" in PostgreSQL and missing in the YAML.'
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"type": "nonsense", "domain": "1"},
        {"type": [], "domain": "1"},
        {"type": "missing_in_yaml"},
        {"type": "missing_in_yaml", "domain": 1},
        {"type": "missing_subdomain_in_yaml", "domain": "1"},
        {"type": "missing_entity_in_yaml", "domain": "1", "subdomain": "01"},
        {"type": "domain_attribute_mismatch", "domain": "1"},
        {"type": "domain_attribute_mismatch", "domain": "1", "attribute": "name", "yamlValue": {}},
    ],
)
def test_what_is_no_discrepancy_is_refused(data: object) -> None:
    with pytest.raises(Refused) as refused:
        discrepancy_from_json(data)
    assert refused.value.kind is RefusalKind.INVALID_ARGUMENT


def test_the_report() -> None:
    yaml = _without("3")(_RICH)
    state = RegistryState(Provenance(Source.POSTGRESQL, reason=""), _RICH, yaml, compare(_RICH, yaml))
    report = consistency_report(state, datetime(2025, 11, 21, 15, 53, 37, tzinfo=UTC))
    assert report["checkedAt"] == "2025-11-21T15:53:37.000Z"
    assert report["consistent"] is False
    assert report["source"] == "postgresql"
    assert report["summary"] == {"postgresqlDomains": 2, "yamlDomains": 1, "entitiesChecked": 3, "discrepancies": 1}
    assert report["discrepancies"] == [
        {
            "type": "missing_in_yaml",
            "domain": "3",
            "postgresqlValue": "catalog",
            "message": "Domain 3 (catalog) is in PostgreSQL but not in the YAML.",
        }
    ]


def test_what_cannot_be_compared_is_not_consistent() -> None:
    state = RegistryState(Provenance(Source.YAML, reason="PostgreSQL is away."), _RICH, _RICH)
    with pytest.raises(Refused, match="PostgreSQL is away") as refused:
        consistency_report(state, datetime.now(UTC))
    assert refused.value.kind is RefusalKind.REGISTRY_UNAVAILABLE


def test_ten_thousand_entities_are_compared_quickly() -> None:
    def large(sequence: bool) -> Snapshot:
        return Snapshot(
            Domain(
                str(d),
                f"d{d}",
                subdomains=tuple(
                    Subdomain(
                        f"{s:02X}",
                        f"s{s}",
                        entities=tuple(
                            Entity(f"E{d}{s}x{e}", f"01{d}{s:02X}{e:X}", e if sequence else None) for e in range(1, 16)
                        ),
                    )
                    for s in range(80)
                ),
            )
            for d in range(1, 10)
        )

    one, other = large(True), large(False)
    assert compare(one, other) == ()
    assert cpu_seconds(lambda: compare(one, other)) < 5


def test_the_order_of_a_discrepancy_survives_json() -> None:
    found = Discrepancy(_KINDS.DOMAIN_ATTRIBUTE_MISMATCH, "1", attribute="aliases", postgresql_value=["a"])
    assert discrepancy_to_json(found)["yamlValue"] is None
    assert discrepancy_from_json(discrepancy_to_json(found)) == found
