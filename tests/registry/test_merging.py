"""Readings that follow each other: only what has changed is made anew, and nobody can tell the difference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.service.merging import SnapshotComparer, SnapshotMerger, merge
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.rows import Row, RowReader, domains_of

NAMES = ("Contact", "contact", "Company", "Task")
entities = st.builds(
    Entity,
    st.sampled_from(NAMES),
    st.sampled_from(("012031", "012032", "01203a", "01203A", "013021")),
    st.integers(1, 3),
    st.sampled_from((None, "CNT")),
)
subdomains = st.builds(
    Subdomain,
    st.sampled_from(("01", "02", "03")),
    st.sampled_from(("core", "customer")),
    st.sampled_from((None, "Text")),
    st.sampled_from((None, 1, 5)),
    st.lists(entities, max_size=3, unique_by=lambda e: e.name).map(tuple),
)
domains = st.builds(
    Domain,
    st.sampled_from(("1", "2", "3")),
    st.sampled_from(("crm", "catalog")),
    st.none(),
    st.booleans(),
    st.sampled_from(((), ("management",))),
    st.lists(subdomains, max_size=3, unique_by=lambda s: s.number).map(tuple),
)
registries = st.lists(domains, max_size=3, unique_by=lambda d: d.number).map(
    lambda found: Snapshot(sorted(found, key=lambda d: d.number), Rules(reserved_codes=frozenset({"000000"})))
)


def rows_of(snapshot: Snapshot) -> list[Row]:
    """The rows that ``load.sql`` would give."""
    rows: list[Row] = []
    for domain in snapshot.domains:
        key = int(domain.number)
        header = (key, domain.number, domain.name, domain.description, domain.multi_tenant, list(domain.aliases))
        for s in domain.subdomains:
            columns = zip(*((e.name, e.table_code, e.sequence) for e in s.entities), strict=True)
            held = tuple(list(column) for column in columns) or (None, None, None)
            place = (10 * key + int(s.number), s.number, s.name, s.description, s.next_entity_sequence)
            rows.append((*header, *place, *held))
        if not domain.subdomains:
            rows.append((*header, *[None] * 8))
    return rows


@given(st.lists(registries, min_size=1, max_size=4), registries)
def test_a_reading_after_others_gives_what_the_first_would(readings: list[Snapshot], yaml: Snapshot) -> None:
    reader, merger, comparer = RowReader(), SnapshotMerger(), SnapshotComparer()
    for reading in readings:
        rows = rows_of(reading)
        primary = Snapshot(reader.domains_of(rows))
        assert primary.domains == domains_of(rows)
        for side in (yaml, None):
            made, fresh = merger.merge(primary, side), merge(primary, side)
            assert made == fresh
            for name in NAMES:
                assert _without_contents(made.by_entity(name)) == _without_contents(fresh.by_entity(name))
            for code in ("012031", "012032", "01203A", "013021"):
                assert _without_contents(made.by_code(code)) == _without_contents(fresh.by_code(code))
        assert comparer.compare(primary, yaml) == compare(primary, yaml)


def _without_contents(found: tuple[object, ...]) -> list[object]:
    """Registrations by what they say: where, and which entity; a domain may have got other contents since."""
    return sorted(repr((r.domain.number, r.subdomain.number, r.entity)) for r in found)  # type: ignore[attr-defined]


def test_what_has_not_changed_stays_the_same_object() -> None:
    core, customer = Subdomain("01", "core", None, 1), Subdomain("03", "customer", None, 1, (Entity("A", "012031", 1),))
    before = Snapshot((Domain("1", "one", subdomains=(core,)), Domain("2", "crm", subdomains=(core, customer))))
    grown = customer._replace(entities=(*customer.entities, Entity("B", "012032", 2)))
    after = Snapshot((before.domains[0], before.domains[1]._replace(subdomains=(core, grown))))
    reader, merger = RowReader(), SnapshotMerger()
    one, two = (Snapshot(reader.domains_of(rows_of(each))) for each in (before, after))
    assert two.domains[0] is one.domains[0]
    assert two.domains[1].subdomains[0] is one.domains[1].subdomains[0]
    assert two.domains[1].subdomains[1] == grown
    yaml = Snapshot(
        (Domain("2", "crm", subdomains=(customer._replace(entities=(Entity("A", "012031", None, "AAA"),)),)),)
    )
    first, second = merger.merge(one, yaml), merger.merge(two, yaml)
    assert second.domains[0] is first.domains[0]
    assert [r.entity.entity_code for r in second.by_entity("a")] == ["AAA"]
    assert merger.merge(two, yaml) is second
