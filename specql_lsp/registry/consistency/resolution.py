"""Resolves many discrepancies in favour of the YAML: which can be, why others cannot, and the changes in order. Pure.

The changes are made in one transaction, so they are judged together: what one frees (a code, a sequence), another may
take. What is left out does not hinder the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.registry.consistency.changes import (
    Add,
    Change,
    CompletedYaml,
    Remove,
    Replace,
    applied,
    keep_yaml_change,
    lowered_counter,
    updated,
)
from specql_lsp.registry.consistency.comparison import discrepancy_to_json, path_key
from specql_lsp.registry.consistency.counters import COUNTER, following_counters
from specql_lsp.registry.model import Domain, Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, RegistryState


class RefusedDiscrepancy(NamedTuple):
    """A discrepancy that was not resolved, and why; the message is a sentence for a user."""

    discrepancy: Discrepancy
    kind: RefusalKind
    message: str


class Resolution(NamedTuple):
    """What became of the discrepancies that were to be resolved."""

    resolved: tuple[Discrepancy, ...] = ()
    refused: tuple[RefusedDiscrepancy, ...] = ()

    def refusing(self, refused: Iterable[RefusedDiscrepancy]) -> Resolution:
        """The same with further refusals before its own."""
        return self._replace(refused=(*refused, *self.refused))

    def raise_refused(self) -> None:
        """Raises the first refusal: for one discrepancy that was asked for alone."""
        for each in self.refused:
            raise Refused(each.kind, each.message)


def resolution_to_json(resolution: Resolution) -> dict[str, Any]:
    """A resolution as the interface has it: how many are resolved, and which are refused, with the reasons."""
    refused = [
        {"discrepancy": discrepancy_to_json(each.discrepancy), "kind": each.kind.value, "message": each.message}
        for each in resolution.refused
    ]
    return {"resolved": len(resolution.resolved), "refused": refused}


class Plan(NamedTuple):
    """How a registry comes to hold what the YAML holds."""

    resolution: Resolution
    changes: tuple[Change, ...]
    """In the order in which they can be made."""

    def causes(self, path: RegistryPath) -> list[Discrepancy]:
        """The discrepancies for which a node was changed: those of its path or above it, else those beneath it."""
        folded = path.folded
        above = {folded, folded._replace(entity=None), RegistryPath(folded.domain)}
        found = [each for each in self.resolution.resolved if _path(each).folded in above]
        return found or [each for each in self.resolution.resolved if _is_beneath(_path(each).folded, folded)]


def still_differing(
    state: RegistryState, wanted: Sequence[Discrepancy] | None, yaml_problem: str | None
) -> tuple[Snapshot, Resolution]:
    """The YAML's side, and the discrepancies as they are now; refused are those that are outdated.

    Args:
        state: both sides as they are now.
        wanted: what was found before; None: everything that differs.
        yaml_problem: why the YAML cannot be read, if it cannot.

    Raises:
        Refused: kind ``registry-unavailable``: the sides cannot be compared.
    """
    if state.discrepancies is None or state.yaml is None:
        reason = yaml_problem or state.provenance.reason or "This registry is not compared with a YAML."
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"PostgreSQL and the YAML cannot be compared. {reason}")
    if wanted is None:
        return state.yaml, Resolution(state.discrepancies)
    now = {path_key(each): each for each in state.discrepancies}
    found, refused = [], []
    for each in {path_key(each): each for each in wanted}.values():
        current = now.get(path_key(each))
        if current is not None and _has_values_of(current, each):
            found.append(current)
        else:
            message = "The registries no longer differ in this way; check their consistency again."
            refused.append(RefusedDiscrepancy(each, RefusalKind.CONFLICT, message))
    return state.yaml, Resolution(tuple(found), tuple(refused))


def settled_meanwhile(
    state: RegistryState, wanted: Sequence[Discrepancy]
) -> tuple[Sequence[Discrepancy], Sequence[Discrepancy]]:
    """Discrepancies parted into those that are there still, as they are now, and those that are not."""
    if state.discrepancies is None:
        return wanted, ()
    now = {path_key(each): each for each in state.discrepancies}
    left = [now[path_key(each)] for each in wanted if path_key(each) in now]
    return left, [each for each in wanted if path_key(each) not in now]


def refuse_emptying(
    state: RegistryState, keep: str, wanted: Sequence[Discrepancy] | None, found: Sequence[Discrepancy]
) -> None:
    """Refuses to keep a side that holds nothing at all: a wrong database or half a file would empty the other one.

    A single domain that is named may be removed.

    Args:
        state: both sides as they are now.
        keep: whose side is kept: ``postgresql`` or ``yaml``.
        wanted: what was asked for; None: everything that differs.
        found: what of it differs.
    """
    keeps_yaml = keep == "yaml"
    kept = state.yaml if keeps_yaml else state.snapshot
    if kept is None or kept.domains or not found or (wanted is not None and len(wanted) == 1):
        return
    if keeps_yaml:
        losing = "The registry YAML holds no domain at all, and PostgreSQL"
        advice = "whether the file is complete, or remove the domains from PostgreSQL yourself."
    else:
        losing = "PostgreSQL holds no domain at all, and the registry YAML"
        advice = "whether the URL names the right database, or take the domains out of the file yourself."
    raise Refused(RefusalKind.CONFLICT, f"{losing} would lose all that it holds; nothing was changed. Look {advice}")


def plan_keep_yaml(current: Snapshot, yaml: Snapshot, discrepancies: Iterable[Discrepancy]) -> Plan:
    """The changes after which a registry holds what the YAML holds at the discrepancies, as many as can be resolved.

    Args:
        current: what the registry holds now.
        yaml: what the YAML holds.
        discrepancies: what differs, each place once.
    """
    judged: list[_Judged] = []
    refused: list[RefusedDiscrepancy] = []
    completed = CompletedYaml(yaml)
    for discrepancy in discrepancies:
        try:
            judged.append(_Judged(discrepancy, keep_yaml_change(current, discrepancy, completed)))
        except Refused as refusal:
            refused.append(RefusedDiscrepancy(discrepancy, refusal.kind, refusal.message))
    while True:  # What is refused no longer makes room for others.
        after = _applied(current, _ordered(current, judged, {}))
        found = [*_taken_codes(current, judged), *_lowered_counters(after, judged)]
        if not found:
            break
        refused += found
        gone = {id(each.discrepancy) for each in found}
        judged = [each for each in judged if id(each.discrepancy) not in gone]
    resolution = Resolution(tuple(each.discrepancy for each in judged), tuple(refused))
    counters = {path: counter for path, _, counter in following_counters(yaml, current, resolution.resolved)}
    return Plan(resolution, _ordered(current, judged, counters))


class _Judged(NamedTuple):
    """A discrepancy that can be resolved by itself, and the change that does it."""

    discrepancy: Discrepancy
    change: Change


def _ordered(current: Snapshot, judged: Sequence[_Judged], counters: Mapping[RegistryPath, int]) -> tuple[Change, ...]:
    """The changes, one for each node, in an order in which they can be made: codes are freed before they are taken.

    Args:
        current: what the registry holds now.
        judged: what is resolved.
        counters: the subdomains' counters that are changed beside that.
    """
    nodes = _replaced(judged)
    for path, counter in counters.items():
        node = nodes.get(path) or _subdomain(current, path)
        if isinstance(node, Subdomain):
            nodes[path] = node._replace(next_entity_sequence=counter)
    removed = [each.change for each in judged if isinstance(each.change, Remove)]
    added = [each.change for each in judged if isinstance(each.change, Add)]
    for path in _exchanged(current, judged):
        removed.append(Remove(path))
        added.append(Add(nodes.pop(path), path.parent))
    replaced = [Replace(path, node) for path, node in nodes.items()]
    subdomains = [each for each in replaced if isinstance(each.node, Subdomain)]
    others = [each for each in replaced if not isinstance(each.node, Subdomain)]
    return (*removed, *sorted(others, key=_kind), *sorted(added, key=_kind), *subdomains)


def _kind(change: Add | Replace) -> tuple[int, str]:
    """Domains before subdomains before entities; those of one domain together."""
    place = change.parent if isinstance(change, Add) else change.path
    return (Domain, Subdomain, Entity).index(type(change.node)), place.domain if place is not None else ""


def _replaced(judged: Iterable[_Judged]) -> dict[RegistryPath, RegistryNode]:
    """The nodes that get other attributes, each with all of them."""
    nodes: dict[RegistryPath, RegistryNode] = {}
    for discrepancy, change in judged:
        if isinstance(change, Replace):
            held = nodes.get(change.path)
            attribute = discrepancy.attribute or ""
            nodes[change.path] = change.node if held is None else updated(held, change.node, attribute)
    return nodes


def _recoded(judged: Iterable[_Judged]) -> dict[RegistryPath, str]:
    """The registered entities that get another code, with that code."""
    return {
        change.path: codes.normalize(change.node.table_code)
        for discrepancy, change in judged
        if isinstance(change, Replace) and isinstance(change.node, Entity) and discrepancy.attribute == "table_code"
    }


def _exchanged(current: Snapshot, judged: Iterable[_Judged]) -> list[RegistryPath]:
    """The entities that get the code of one that gets another itself: such changes may go round in a circle."""
    recoded = _recoded(judged)
    return [
        path
        for path, code in recoded.items()
        if any(other != path and other in recoded for other in _holders(current, code))
    ]


def _holders(current: Snapshot, code: str) -> Iterator[RegistryPath]:
    for domain, subdomain, entity in current.by_code(code):
        yield RegistryPath(domain.number, subdomain.number, entity.name)


def _taken_codes(current: Snapshot, judged: Sequence[_Judged]) -> Iterator[RefusedDiscrepancy]:
    """Those that would register a code a second time."""
    recoded = _recoded(judged)
    left = {each.change.path for each in judged if isinstance(each.change, Remove)}.union(recoded)
    given: dict[str, RegistryPath] = {}
    for discrepancy, change in judged:
        for path, code in _given_codes(change, recoded):
            others = (each for each in _holders(current, code) if each != path and left.isdisjoint(_way(each)))
            first = given.setdefault(code, path)
            holder = first if first != path else next(others, None)
            if holder is not None:
                message = (
                    f"The code {code} of {path} is registered to {holder}: one of the two has to get another, or "
                    "both differences are resolved together."
                )
                yield RefusedDiscrepancy(discrepancy, RefusalKind.CODE_TAKEN, message)
                break


def _given_codes(change: Change, recoded: Mapping[RegistryPath, str]) -> Iterator[tuple[RegistryPath, str]]:
    """The entities that a change registers or gives another code, with their codes in upper case."""
    match change:
        case Add(node=Domain() as domain):
            for subdomain in domain.subdomains:
                yield from _given_codes(Add(subdomain, RegistryPath(domain.number)), recoded)
        case Add(node=Subdomain() as subdomain, parent=RegistryPath() as parent):
            place = parent._replace(subdomain=subdomain.number)
            for entity in subdomain.entities:
                yield from _given_codes(Add(entity, place), recoded)
        case Add(node=Entity() as entity, parent=RegistryPath() as parent):
            yield parent._replace(entity=entity.name), codes.normalize(entity.table_code)
        case Replace(path=path) if path in recoded:
            yield path, recoded[path]


def _lowered_counters(after: Snapshot, judged: Iterable[_Judged]) -> Iterator[RefusedDiscrepancy]:
    """Those that would lower a counter to a sequence that is in use when everything else is done."""
    for discrepancy, _ in judged:
        refused = lowered_counter(after, discrepancy) if discrepancy.attribute == COUNTER else None
        if refused is not None:
            yield RefusedDiscrepancy(discrepancy, RefusalKind.CONFLICT, refused)


def _subdomain(side: Snapshot, path: RegistryPath) -> Subdomain | None:
    domain, number = side.domain_numbered(path.domain), (path.subdomain or "").upper()
    return next((each for each in domain.subdomains if each.number.upper() == number), None) if domain else None


def _applied(current: Snapshot, changes: Iterable[Change]) -> Snapshot:
    domains = current.domains
    for change in changes:
        domains = applied(domains, change)
    return Snapshot(domains)


def _way(path: RegistryPath) -> tuple[RegistryPath, ...]:
    """An entity's path and those above it."""
    return path, path._replace(entity=None), RegistryPath(path.domain)


def _path(discrepancy: Discrepancy) -> RegistryPath:
    return RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)


def _is_beneath(path: RegistryPath, other: RegistryPath) -> bool:
    return path.domain == other.domain and other.subdomain in {None, path.subdomain}


def _has_values_of(current: Discrepancy, wanted: Discrepancy) -> bool:
    """Whether the values are as they were; what is missing as a whole may be named without one."""
    given = wanted.postgresql_value, wanted.yaml_value
    return given == (current.postgresql_value, current.yaml_value) or (
        wanted.attribute is None and given == (None, None)
    )
