"""Changes to a registry as data: they make it hold what the YAML holds. Pure functions of snapshots.

Used by every writable source for ``keep_yaml``, and by the migration. Values are compared by what both sides can
hold: the order of aliases and the case of a table code do not matter, and a missing description equals a null one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import sequence_of
from specql_lsp.registry.model import Domain, Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import number_key
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Value


@dataclass(frozen=True, slots=True)
class Add:
    """Adds a node, with all that it holds, under the path of its parent (None: a domain)."""

    node: RegistryNode
    parent: RegistryPath | None = None


@dataclass(frozen=True, slots=True)
class Replace:
    """Gives a node other attributes; what it holds stays."""

    path: RegistryPath
    node: RegistryNode


@dataclass(frozen=True, slots=True)
class Remove:
    """Removes a node with all that it holds."""

    path: RegistryPath


@dataclass(frozen=True, slots=True)
class Move:
    """Moves an entity to another subdomain of its domain, with the attributes that it has there."""

    path: RegistryPath
    entity: Entity
    parent: RegistryPath
    """The path of the other subdomain."""


Change = Add | Replace | Move | Remove

_ADDS = frozenset(
    {
        DiscrepancyType.MISSING_IN_POSTGRESQL,
        DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL,
        DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL,
    }
)
_REMOVES = frozenset(
    {
        DiscrepancyType.MISSING_IN_YAML,
        DiscrepancyType.MISSING_SUBDOMAIN_IN_YAML,
        DiscrepancyType.MISSING_ENTITY_IN_YAML,
    }
)


class CompletedYaml:
    """A YAML's registry, whose nodes get what a database demands and a YAML may leave out; each subdomain once."""

    def __init__(self, yaml: Snapshot) -> None:
        self.snapshot = yaml
        self._subdomains: dict[int, Subdomain] = {}

    def subdomain(self, domain: Domain, subdomain: Subdomain) -> Subdomain:
        """A subdomain of the snapshot, completed."""
        known = self._subdomains.get(id(subdomain))
        if known is None:
            known = self._subdomains[id(subdomain)] = _with_sequences(self.snapshot, domain, subdomain)
        return known


def keep_yaml_change(current: Snapshot, discrepancy: Discrepancy, yaml: CompletedYaml) -> Change:
    """The one change after which a registry holds what the YAML holds (or lacks) at a discrepancy's path.

    Whether it goes together with what else the registry holds is for ``resolution`` to say.

    Args:
        current: what the registry holds now.
        discrepancy: what was found to differ.
        yaml: what the YAML holds.

    Raises:
        Refused: kind ``conflict``: the registry, or the YAML, no longer is as the discrepancy says.
    """
    here = _lineage(current, discrepancy)
    there = _lineage(yaml.snapshot, discrepancy)
    name = str(RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity))
    if discrepancy.type in _ADDS:
        if here.node is not None:
            raise _conflict(f"The registry has {name} by now.")
        if here.parent is None and discrepancy.subdomain is not None:
            raise _conflict(f"The registry no longer has what {name} belongs to.")
        if there.node is None:
            raise _conflict(f"The YAML no longer has {name}.")
        return Add(_completed(yaml, there), here.parent)
    if here.node is None or here.path is None:
        raise _conflict(f"The registry no longer has {name}.")
    if discrepancy.type in _REMOVES:
        attribute = "table_code" if isinstance(here.node, Entity) else "name"
        known = getattr(here.node, attribute)
        if discrepancy.postgresql_value is not None and not _same(attribute, known, discrepancy.postgresql_value):
            raise _conflict(f"The registry holds {known} for {name} by now.")
        if there.node is not None:
            raise _conflict(f"The YAML has {name} by now.")
        return Remove(here.path)
    if there.node is None:
        raise _conflict(f"The YAML no longer has {name}.")
    attribute = discrepancy.attribute or ""
    if attribute not in _ATTRIBUTES[type(here.node)]:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{attribute!r} is no attribute of {name}.")
    held = getattr(here.node, attribute)
    if not _same(attribute, held, discrepancy.postgresql_value):
        raise _conflict(f"The registry holds {held!r} as {attribute} of {name} by now.")
    return Replace(here.path, updated(here.node, _completed(yaml, there), attribute))


def lowered_counter(current: Snapshot, discrepancy: Discrepancy) -> str | None:
    """Why the YAML's ``next_entity_sequence`` cannot be taken over: the registry has given out that sequence or later.

    Args:
        current: what the registry holds now.
        discrepancy: what was found to differ.

    Returns:
        The reason as a sentence for a user; None where the discrepancy is about something else, the counter rises, or
        no registered entity has a sequence at or above the YAML's.
    """
    held, wanted = discrepancy.postgresql_value, discrepancy.yaml_value
    if discrepancy.attribute != "next_entity_sequence" or not isinstance(held, int):
        return None
    lineage = _lineage(current, discrepancy)
    if lineage.domain is None or lineage.subdomain is None:
        return None
    counter = wanted if isinstance(wanted, int) else 1
    known = (sequence_of(current, lineage.domain, lineage.subdomain, each) for each in lineage.subdomain.entities)
    highest = max((sequence for sequence in known if sequence is not None), default=0)
    if counter >= held or counter > highest:
        return None
    return (
        f"next_entity_sequence of {lineage.path} cannot be lowered from {held} to {counter}: the registry has an "
        f"entity with the sequence {highest}. Keep PostgreSQL's value, or put at least {highest + 1} into the YAML."
    )


def completed(yaml: Snapshot) -> Snapshot:
    """The YAML's registry with what a database demands and a YAML may leave out: sequences, and counters."""
    return Snapshot(
        (
            domain._replace(subdomains=tuple(_with_sequences(yaml, domain, s) for s in domain.subdomains))
            for domain in yaml.domains
        ),
        yaml.rules,
    )


def applied(domains: tuple[Domain, ...], change: Change) -> tuple[Domain, ...]:
    """The domains after a change."""
    match change:
        case Add(node=Domain() as domain):
            return (*domains, domain)
        case Add(node=Subdomain() as subdomain, parent=RegistryPath() as parent):
            return _map_domain(domains, parent, lambda d: d._replace(subdomains=(*d.subdomains, subdomain)))
        case Add(node=Entity() as entity, parent=RegistryPath() as parent):
            return _map_subdomain(domains, parent, lambda s: s._replace(entities=(*s.entities, entity)))
        case Replace(path=path, node=Domain() as domain):
            return _map_domain(domains, path, lambda d: domain._replace(subdomains=d.subdomains))
        case Replace(path=path, node=Subdomain() as subdomain):
            return _map_subdomain(domains, path, lambda s: subdomain._replace(entities=s.entities))
        case Replace(path=path, node=Entity() as entity):
            return _map_subdomain(
                domains,
                path,
                lambda s: s._replace(entities=tuple(entity if e.name == path.entity else e for e in s.entities)),
            )
        case Move(path=path, entity=entity, parent=parent):
            return applied(applied(domains, Remove(path)), Add(entity, parent))
        case Remove(path=RegistryPath(subdomain=None) as path):
            return tuple(d for d in domains if d.number != path.domain)
        case Remove(path=RegistryPath(entity=None) as path):
            return _map_domain(
                domains,
                path,
                lambda d: d._replace(subdomains=tuple(s for s in d.subdomains if s.number != path.subdomain)),
            )
        case Remove(path=path):
            return _map_subdomain(
                domains,
                path,
                lambda s: s._replace(entities=tuple(e for e in s.entities if e.name != path.entity)),
            )
        case _:
            raise ValueError("a subdomain or an entity can only be added to a parent")


def ordered(domains: Iterable[Domain]) -> tuple[Domain, ...]:
    """The domains as every source gives them: numbers in order (shorter first), entities by sequence, then name."""
    return tuple(
        domain._replace(
            subdomains=tuple(
                subdomain._replace(entities=tuple(sorted(subdomain.entities, key=entity_key)))
                for subdomain in sorted(domain.subdomains, key=lambda s: number_key(s.number))
            )
        )
        for domain in sorted(domains, key=lambda d: number_key(d.number))
    )


def entity_key(entity: Entity) -> tuple[int, str]:
    """The order of entities within a subdomain."""
    return entity.sequence or 0, entity.name


_ATTRIBUTES: dict[type[RegistryNode], tuple[str, ...]] = {
    Domain: ("name", "description", "multi_tenant", "aliases"),
    Subdomain: ("name", "description", "next_entity_sequence"),
    Entity: ("table_code", "sequence"),
}


@dataclass(frozen=True, slots=True)
class _Lineage:
    """Where a discrepancy points in one registry: as much of the way as exists."""

    domain: Domain | None = None
    subdomain: Subdomain | None = None
    entity: Entity | None = None
    node: RegistryNode | None = None
    """The node itself; None where it does not exist."""
    path: RegistryPath | None = None
    """The node's path."""
    parent: RegistryPath | None = None
    """The path of what it belongs to; None for a domain, and where that does not exist."""


def _lineage(snapshot: Snapshot, discrepancy: Discrepancy) -> _Lineage:
    domain = _spelled(snapshot.domains, discrepancy.domain)
    if discrepancy.subdomain is None:
        return _Lineage(domain, node=domain, path=RegistryPath(domain.number) if domain else None)
    if domain is None:
        return _Lineage()
    subdomain = _spelled(domain.subdomains, discrepancy.subdomain)
    path = RegistryPath(domain.number, subdomain.number) if subdomain else None
    if discrepancy.entity is None:
        return _Lineage(domain, subdomain, node=subdomain, path=path, parent=RegistryPath(domain.number))
    if subdomain is None or path is None:
        return _Lineage(domain)
    entity = _spelled(subdomain.entities, discrepancy.entity)
    own = path._replace(entity=entity.name) if entity else None
    return _Lineage(domain, subdomain, entity, entity, own, path)


_Item = TypeVar("_Item", Domain, Subdomain, Entity)


def _spelled(items: tuple[_Item, ...], key: str) -> _Item | None:
    """The item with that number or name (its first attribute): as written, else without regard to case."""
    exact = next((item for item in items if item[0] == key), None)
    return exact or next((item for item in items if item[0].lower() == key.lower()), None)


def _completed(yaml: CompletedYaml, lineage: _Lineage) -> RegistryNode:
    """The YAML's node with what a database demands and a YAML may leave out: sequences, and the counter."""
    domain, subdomain, entity = lineage.domain, lineage.subdomain, lineage.entity
    if domain is None:
        raise ValueError("the YAML does not hold the node")
    if subdomain is None:
        return domain._replace(subdomains=tuple(yaml.subdomain(domain, s) for s in domain.subdomains))
    complete = yaml.subdomain(domain, subdomain)
    return complete if entity is None else complete.entities[subdomain.entities.index(entity)]


def _with_sequences(yaml: Snapshot, domain: Domain, subdomain: Subdomain) -> Subdomain:
    known = [sequence_of(yaml, domain, subdomain, entity) for entity in subdomain.entities]
    following = max((sequence for sequence in known if sequence is not None), default=0) + 1
    entities = []
    for entity, sequence in zip(subdomain.entities, known, strict=True):
        if sequence is None:  # its code says nothing: the next free integer
            sequence, following = following, following + 1
        entities.append(entity._replace(sequence=sequence))
    counter = subdomain.next_entity_sequence
    return subdomain._replace(entities=tuple(entities), next_entity_sequence=1 if counter is None else counter)


def updated(held: RegistryNode, wanted: RegistryNode, attribute: str) -> RegistryNode:
    """A node with one attribute of another node of its kind; an entity's sequence follows its code."""
    match held, wanted:
        case Entity(), Entity() if attribute == "table_code":
            # The sequence is the code's last digits, so it follows the code.
            return held._replace(table_code=wanted.table_code, sequence=wanted.sequence)
        case (Domain(), Domain()) | (Subdomain(), Subdomain()) | (Entity(), Entity()):
            return held._replace(**{attribute: getattr(wanted, attribute)})
        case _:
            raise ValueError("the two registries hold nodes of different kinds at one path")


def _same(attribute: str, one: object, other: Value) -> bool:
    if isinstance(one, tuple):
        return isinstance(other, list) and set(one) == set(other)
    if attribute == "table_code" and isinstance(one, str) and isinstance(other, str):
        return codes.normalize(one) == codes.normalize(other)
    return (one or None) == (other or None)


def _map_domain(
    domains: tuple[Domain, ...], path: RegistryPath, change: Callable[[Domain], Domain]
) -> tuple[Domain, ...]:
    return tuple(change(d) if d.number == path.domain else d for d in domains)


def _map_subdomain(
    domains: tuple[Domain, ...], path: RegistryPath, change: Callable[[Subdomain], Subdomain]
) -> tuple[Domain, ...]:
    return _map_domain(
        domains,
        path,
        lambda d: d._replace(subdomains=tuple(change(s) if s.number == path.subdomain else s for s in d.subdomains)),
    )


def _conflict(message: str) -> Refused:
    return Refused(RefusalKind.CONFLICT, message)
