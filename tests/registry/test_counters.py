"""``next_entity_sequence`` is shared: no side of a discrepancy lowers it below a sequence that is in use."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.registry.consistency.changes import lowered_counter
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.model import Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.state import Discrepancy
from tests.support.registries import small_registry
from tests.support.sources import keep_yaml


def with_customer(registry: Snapshot, **attributes: Any) -> Snapshot:
    """The registry with other attributes of the subdomain customer (03) of the domain crm (2)."""

    def changed(subdomain: Subdomain) -> Subdomain:
        return subdomain._replace(**attributes) if subdomain.name == "customer" else subdomain

    return Snapshot(d._replace(subdomains=tuple(changed(s) for s in d.subdomains)) for d in registry.domains)


def counter(registry: Snapshot) -> int | None:
    domain = registry.domain("crm")
    subdomain = domain.subdomain("customer") if domain else None
    assert subdomain is not None
    return subdomain.next_entity_sequence


def only_difference(current: Snapshot, yaml: Snapshot) -> Discrepancy:
    (discrepancy,) = compare(current, yaml)
    return discrepancy


@pytest.mark.parametrize("lower", [1, 4])
def test_a_counter_is_not_lowered_below_what_is_in_use(source: WritableSource, lower: int) -> None:
    yaml = with_customer(small_registry(), next_entity_sequence=lower)
    discrepancy = only_difference(source.load(), yaml)
    with pytest.raises(Refused) as refused:
        keep_yaml(source, discrepancy, yaml)
    assert refused.value.kind is RefusalKind.CONFLICT
    assert str(refused.value) == (
        f"next_entity_sequence of subdomain 03 in domain 2 cannot be lowered from 5 to {lower}: the registry has an "
        "entity with the sequence 4. Keep PostgreSQL's value, or put at least 5 into the YAML."
    )
    assert counter(source.load()) == 5


def test_a_counter_that_ran_away_comes_down_to_what_is_in_use(source: WritableSource) -> None:
    raised = with_customer(small_registry(), next_entity_sequence=934)
    keep_yaml(source, only_difference(source.load(), raised), raised)
    keep_yaml(source, only_difference(source.load(), small_registry()), small_registry())
    assert counter(source.load()) == 5


def test_what_counts_is_what_is_registered_now(source: WritableSource) -> None:
    """The YAML's counter was high enough when the difference was found; then a colleague allocated."""
    raised = with_customer(small_registry(), next_entity_sequence=9)
    keep_yaml(source, only_difference(source.load(), raised), raised)
    yaml = with_customer(small_registry(), next_entity_sequence=6)
    discrepancy = only_difference(source.load(), yaml)
    assert lowered_counter(source.load(), discrepancy) is None
    known = next(r.subdomain.entities for r in source.load().by_entity("Contact"))
    grown = with_customer(raised, entities=(*known, Entity("Lead", "012037", 7)))
    keep_yaml(source, only_difference(source.load(), grown), grown)
    assert "the sequence 7" in (lowered_counter(source.load(), discrepancy) or "")
    with pytest.raises(Refused, match="the sequence 7"):
        keep_yaml(source, discrepancy, yaml)


def test_a_code_counts_where_no_sequence_is_known() -> None:
    entities = (Entity("Contact", "01203A", None),)
    current = with_customer(small_registry(), entities=entities)
    yaml = with_customer(current, next_entity_sequence=2)
    assert "the sequence 10" in (lowered_counter(current, only_difference(current, yaml)) or "")
