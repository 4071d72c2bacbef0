"""What differs between the registry in PostgreSQL and the one in YAML. Pure: two snapshots in, findings out.

Compared is only what both sides can hold (SpecQL's registry tables know neither short codes nor times of assignment).
What is missing as a whole is one discrepancy; nothing is reported beneath it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import natural_key
from specql_lsp.registry.consistency.counters import COUNTER, is_explained, next_sequence
from specql_lsp.registry.consistency.labels import value_text
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import number_key
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, RegistryState, Value

_Item = TypeVar("_Item", Domain, Subdomain, Entity)
_Pair = tuple[_Item | None, _Item | None]
_Path = tuple[str, str | None, str | None]


def compare(postgresql: Snapshot, yaml: Snapshot) -> tuple[Discrepancy, ...]:
    """Every discrepancy, ordered by domain, subdomain, entity and attribute; numbers in names count as numbers.

    Numbers, entity names and table codes compare without regard to case. Where one side holds the same node more
    than once, those written alike belong together, then those in the same order; what is left over is missing.
    A counter that differs only because the entities do is no discrepancy of its own (``counters``).
    """
    pairs = domain_pairs(postgresql, yaml)
    return tuple(discrepancy for ours, theirs in pairs for discrepancy in compare_domains(ours, theirs))


def compare_all(postgresql: Snapshot, yaml: Snapshot) -> tuple[Discrepancy, ...]:
    """As ``compare``, and every counter that differs: for what makes the two sides equal, or holds them to it."""
    pairs = domain_pairs(postgresql, yaml)
    return tuple(discrepancy for ours, theirs in pairs for discrepancy in _of_domains(ours, theirs))


def domain_pairs(postgresql: Snapshot, yaml: Snapshot) -> Iterator[tuple[Domain | None, Domain | None]]:
    """The domains of both sides that belong together, in the order of their numbers."""
    return _pairs(postgresql.domains, yaml.domains, _number, _number_order)


def compare_domains(ours: Domain | None, theirs: Domain | None) -> tuple[Discrepancy, ...]:
    """Every discrepancy of a pair of domains, at least one of which exists, as ``compare`` gives them."""
    return tuple(_of_domains(ours, theirs, own_counters_only=True))


def _of_domains(ours: Domain | None, theirs: Domain | None, *, own_counters_only: bool = False) -> list[Discrepancy]:
    if ours is None or theirs is None:
        return [_missing_domain(ours, theirs)]
    found = list(_domain_attributes(ours, theirs))
    for left, right in _pairs(ours.subdomains, theirs.subdomains, _number, _number_order):
        if left is None or right is None:
            found.append(_missing_subdomain(ours, left, right))
            continue
        attributes = _subdomain_attributes(ours, left, right)
        if own_counters_only and is_explained((ours, left), (theirs, right)):
            attributes = (each for each in attributes if each.attribute != COUNTER)
        found.extend(attributes)
        found.extend(_entities(ours, left, right))
    return found


def path_key(discrepancy: Discrepancy) -> tuple[DiscrepancyType, str, str, str, str]:
    """The type, node and attribute of a discrepancy, to compare: one place has one key."""
    return (
        discrepancy.type,
        discrepancy.domain.upper(),
        (discrepancy.subdomain or "").upper(),
        (discrepancy.entity or "").lower(),
        discrepancy.attribute or "",
    )


def discrepancy_to_json(discrepancy: Discrepancy) -> dict[str, Any]:
    """A discrepancy as the contract has it; keys that do not apply are left out."""
    result: dict[str, Any] = {"type": discrepancy.type.value, "domain": discrepancy.domain}
    optional = {
        "subdomain": discrepancy.subdomain,
        "entity": discrepancy.entity,
        "attribute": discrepancy.attribute,
    }
    result.update({key: value for key, value in optional.items() if value is not None})
    values = {"postgresqlValue": discrepancy.postgresql_value, "yamlValue": discrepancy.yaml_value}
    # A mismatch always says both values: null is a value there.
    result.update({k: v for k, v in values.items() if v is not None or discrepancy.attribute is not None})
    result["message"] = discrepancy.message
    return result


def discrepancy_from_json(data: object) -> Discrepancy:
    """The discrepancy that a client hands back.

    Raises:
        Refused: kind ``invalid-argument`` when it is none.
    """
    if not isinstance(data, Mapping):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "A discrepancy is an object, as specql.checkConsistency gives it.")
    try:
        kind = DiscrepancyType(data.get("type"))
    except ValueError:
        raise Refused(RefusalKind.INVALID_ARGUMENT, "The discrepancy's type is none of the nine types.") from None
    texts: dict[str, str | None] = {}
    for key in ("domain", "subdomain", "entity", "attribute", "message"):
        value = data.get(key)
        if value is not None and not isinstance(value, str):
            raise Refused(RefusalKind.INVALID_ARGUMENT, f"The discrepancy's {key} is not a text.")
        texts[key] = value
    for key in _REQUIRED[kind]:
        if not texts[key]:
            raise Refused(RefusalKind.INVALID_ARGUMENT, f"The discrepancy of type {kind.value} names no {key}.")
    return Discrepancy(
        type=kind,
        domain=texts["domain"] or "",
        subdomain=texts["subdomain"],
        entity=texts["entity"],
        attribute=texts["attribute"],
        postgresql_value=_value(data, "postgresqlValue"),
        yaml_value=_value(data, "yamlValue"),
        message=texts["message"] or "",
    )


def consistency_report(
    state: RegistryState, checked_at: datetime, *, yaml_problem: str | None = None
) -> dict[str, Any]:
    """The result of ``specql.checkConsistency``.

    Args:
        state: the registry after both sides were read.
        checked_at: when that was.
        yaml_problem: why the YAML cannot be read, as the service knows it.

    Raises:
        Refused: kind ``registry-unavailable`` when one of the two cannot be read: that is not consistent, and not
            inconsistent either.
    """
    if state.discrepancies is None or state.snapshot is None or state.yaml is None:
        reason = state.provenance.reason or yaml_problem or "This registry has only one side."
        raise Refused(
            RefusalKind.REGISTRY_UNAVAILABLE, f"PostgreSQL and the registry YAML cannot be compared. {reason}"
        )
    paths = {
        (registration.domain.number.upper(), registration.subdomain.number.upper(), registration.entity.name.lower())
        for snapshot in (state.snapshot, state.yaml)
        for registration in snapshot.registrations()
    }
    return {
        "consistent": not state.discrepancies,
        "checkedAt": timestamp(checked_at),
        "source": state.provenance.source.value,
        "summary": {
            "postgresqlDomains": len(state.snapshot.domains),
            "yamlDomains": len(state.yaml.domains),
            "entitiesChecked": len(paths),
            "discrepancies": len(state.discrepancies),
        },
        "discrepancies": [discrepancy_to_json(d) for d in state.discrepancies],
    }


def _pairs(
    left: Sequence[_Item],
    right: Sequence[_Item],
    key: Callable[[_Item], str],
    order: Callable[[str], object],
) -> Iterator[_Pair[_Item]]:
    """The items of both sides that belong together, by their key, in the order of the keys."""
    ours, theirs = _grouped(left, key), _grouped(right, key)
    for name in sorted(ours.keys() | theirs.keys(), key=order):  # type: ignore[arg-type]
        one, other = ours.get(name, _NOTHING), theirs.get(name, _NOTHING)
        if len(one) == 1 and len(other) == 1:
            yield one[0], other[0]
        else:
            yield from _paired_duplicates(one, other)


_NOTHING: tuple[()] = ()


def _grouped(items: Sequence[_Item], key: Callable[[_Item], str]) -> dict[str, list[_Item]]:
    grouped: dict[str, list[_Item]] = {}
    for item in items:
        grouped.setdefault(key(item), []).append(item)
    return grouped


def _paired_duplicates(left: Sequence[_Item], right: Sequence[_Item]) -> Iterator[_Pair[_Item]]:
    rest = list(right)
    unmatched: list[_Item] = []
    for item in left:
        twin = next((other for other in rest if other[0] == item[0]), None)  # written alike: number or name
        if twin is None:
            unmatched.append(item)
        else:
            rest.remove(twin)
            yield item, twin
    for position in range(max(len(unmatched), len(rest))):
        yield (
            unmatched[position] if position < len(unmatched) else None,
            rest[position] if position < len(rest) else None,
        )


def _number(item: Domain | Subdomain) -> str:
    return item.number.upper()


def _number_order(number: str) -> tuple[int, str]:
    return number_key(number)


def _name(entity: Entity) -> str:
    return entity.name.lower()


def _missing_domain(ours: Domain | None, theirs: Domain | None) -> Discrepancy:
    domain = ours or theirs
    assert domain is not None  # noqa: S101 - a pair has at least one side
    return _missing(
        DiscrepancyType.MISSING_IN_POSTGRESQL if ours is None else DiscrepancyType.MISSING_IN_YAML,
        in_postgresql=ours is not None,
        what=_domain_label(domain),
        value=domain.name,
        path=(domain.number, None, None),
    )


def _missing_subdomain(domain: Domain, ours: Subdomain | None, theirs: Subdomain | None) -> Discrepancy:
    subdomain = ours or theirs
    assert subdomain is not None  # noqa: S101 - a pair has at least one side
    kinds = DiscrepancyType
    return _missing(
        kinds.MISSING_SUBDOMAIN_IN_POSTGRESQL if ours is None else kinds.MISSING_SUBDOMAIN_IN_YAML,
        in_postgresql=ours is not None,
        what=f"{_subdomain_label(subdomain)} of {_lower_first(_domain_label(domain))}",
        value=subdomain.name,
        path=(domain.number, subdomain.number, None),
    )


def _missing(
    kind: DiscrepancyType,
    *,
    in_postgresql: bool,
    what: str,
    value: str,
    path: _Path,
) -> Discrepancy:
    has, lacks = ("PostgreSQL", "the YAML") if in_postgresql else ("the YAML", "PostgreSQL")
    return Discrepancy(
        kind,
        *path,
        postgresql_value=value if in_postgresql else None,
        yaml_value=None if in_postgresql else value,
        message=f"{what} is in {has} but not in {lacks}.",
    )


def _domain_attributes(ours: Domain, theirs: Domain) -> Iterator[Discrepancy]:
    """The attributes of a domain that differ, in alphabetical order."""
    kind, path = DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH, (ours.number, None, None)
    label = _domain_label(ours)
    if ours.aliases != theirs.aliases and set(ours.aliases) != set(theirs.aliases):
        yield _mismatch(kind, path, label, "aliases", list(ours.aliases), list(theirs.aliases))
    left, right = ours.description or None, theirs.description or None
    if left != right:
        yield _mismatch(kind, path, label, "description", left, right)
    if ours.multi_tenant != theirs.multi_tenant:
        yield _mismatch(kind, path, label, "multi_tenant", ours.multi_tenant, theirs.multi_tenant)
    if ours.name != theirs.name:
        yield _mismatch(kind, path, f"Domain {ours.number}", "name", ours.name, theirs.name)


def _subdomain_attributes(domain: Domain, ours: Subdomain, theirs: Subdomain) -> Iterator[Discrepancy]:
    """The attributes of a subdomain that differ, in alphabetical order."""
    kind, path = DiscrepancyType.SUBDOMAIN_ATTRIBUTE_MISMATCH, (domain.number, ours.number, None)
    parent = _lower_first(_domain_label(domain))
    label = f"{_subdomain_label(ours)} of {parent}"
    left, right = ours.description or None, theirs.description or None
    if left != right:
        yield _mismatch(kind, path, label, "description", left, right)
    if ours.name != theirs.name:
        yield _mismatch(kind, path, f"Subdomain {ours.number} of {parent}", "name", ours.name, theirs.name)
    next_left, next_right = next_sequence(ours), next_sequence(theirs)
    if next_left != next_right:
        yield _mismatch(kind, path, label, COUNTER, next_left, next_right)


def _entities(domain: Domain, ours: Subdomain, theirs: Subdomain) -> Iterator[Discrepancy]:
    kinds = DiscrepancyType
    for left, right in _pairs(ours.entities, theirs.entities, _name, natural_key):
        if left is None or right is None:
            entity = left or right
            assert entity is not None  # noqa: S101 - a pair has at least one side
            yield _missing(
                kinds.MISSING_ENTITY_IN_POSTGRESQL if left is None else kinds.MISSING_ENTITY_IN_YAML,
                in_postgresql=left is not None,
                what=f"{_entity_label(domain, ours, entity)} with table code {entity.table_code or 'missing'}",
                value=entity.table_code,
                path=(domain.number, ours.number, entity.name),
            )
            continue
        kind, path = kinds.ENTITY_ATTRIBUTE_MISMATCH, (domain.number, ours.number, left.name)
        if right.sequence is not None and left.sequence != right.sequence:
            label = _entity_label(domain, ours, left)
            yield _mismatch(kind, path, label, "sequence", left.sequence, right.sequence)
        if left.table_code != right.table_code and not _same_code(left.table_code, right.table_code):
            label = _entity_label(domain, ours, left)
            yield _mismatch(kind, path, label, "table_code", left.table_code, right.table_code)


def _same_code(one: str, other: str) -> bool:
    return codes.normalize(one) == codes.normalize(other)


def _mismatch(
    kind: DiscrepancyType, path: _Path, label: str, attribute: str, ours: Value, theirs: Value
) -> Discrepancy:
    message = f"{label}: {_WORDS[attribute]} is {value_text(ours)} in PostgreSQL and {value_text(theirs)} in the YAML."
    return Discrepancy(kind, *path, attribute, postgresql_value=ours, yaml_value=theirs, message=message)


def _domain_label(domain: Domain) -> str:
    return f"Domain {domain.number} ({domain.name})" if domain.name else f"Domain {domain.number}"


def _subdomain_label(subdomain: Subdomain) -> str:
    return f"Subdomain {subdomain.number} ({subdomain.name})" if subdomain.name else f"Subdomain {subdomain.number}"


def _entity_label(domain: Domain, subdomain: Subdomain, entity: Entity) -> str:
    return f"Entity {entity.name} ({_lower_first(_domain_label(domain))}, {_lower_first(_subdomain_label(subdomain))})"


def _lower_first(label: str) -> str:
    return label[:1].lower() + label[1:]


_WORDS = {
    "aliases": "the list of aliases",
    "description": "the description",
    "multi_tenant": "multi_tenant",
    "name": "the name",
    "next_entity_sequence": "next_entity_sequence",
    "sequence": "the sequence",
    "table_code": "the table code",
}


def _value(data: Mapping[str, Any], key: str) -> Value:
    value = data.get(key)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and value.is_integer():  # JSON of some clients has no integers
        return int(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise Refused(RefusalKind.INVALID_ARGUMENT, f"The discrepancy's {key} is of no type that a registry holds.")


_DOMAIN = ("domain",)
_SUBDOMAIN = ("domain", "subdomain")
_ENTITY = ("domain", "subdomain", "entity")
_REQUIRED: Mapping[DiscrepancyType, tuple[str, ...]] = {
    DiscrepancyType.MISSING_IN_POSTGRESQL: _DOMAIN,
    DiscrepancyType.MISSING_IN_YAML: _DOMAIN,
    DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH: (*_DOMAIN, "attribute"),
    DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL: _SUBDOMAIN,
    DiscrepancyType.MISSING_SUBDOMAIN_IN_YAML: _SUBDOMAIN,
    DiscrepancyType.SUBDOMAIN_ATTRIBUTE_MISMATCH: (*_SUBDOMAIN, "attribute"),
    DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL: _ENTITY,
    DiscrepancyType.MISSING_ENTITY_IN_YAML: _ENTITY,
    DiscrepancyType.ENTITY_ATTRIBUTE_MISMATCH: (*_ENTITY, "attribute"),
}
