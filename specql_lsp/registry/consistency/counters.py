"""``next_entity_sequence``: when a difference of it is one of its own, and what it becomes with the entities. Pure.

Registering an entity moves the counter behind the entity's sequence. So where one side has entities that the other
lacks, the counters differ as well, and agree once the entities do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Entity, RegistryPath, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

COUNTER = "next_entity_sequence"
"""The attribute's name."""
DEFAULT_NEXT_SEQUENCE = 1
"""What it is where nothing is said: the default of PostgreSQL's column."""


class Counted(NamedTuple):
    """A subdomain's counter, and the sequences of its entities by their names in lower case."""

    counter: int
    sequences: frozenset[tuple[str, int]]


def next_sequence(subdomain: Subdomain) -> int:
    """A subdomain's counter."""
    given = subdomain.next_entity_sequence
    return DEFAULT_NEXT_SEQUENCE if given is None else given


def counted(domain: Domain, subdomain: Subdomain) -> Counted:
    """What decides about a subdomain's counter. Entities whose sequence is not known do not."""
    digits = domain.number + subdomain.number
    known = ((entity.name.lower(), _sequence(entity, digits)) for entity in subdomain.entities)
    sequences = frozenset((name, sequence) for name, sequence in known if sequence is not None)
    return Counted(next_sequence(subdomain), sequences)


def is_explained(one: Counted, other: Counted) -> bool:
    """Whether two counters differ only because the entities do: they agree if each side gets what it lacks."""
    if one.counter == other.counter or one.sequences == other.sequences:
        return False
    return _behind(one.counter, other.sequences - one.sequences) == _behind(
        other.counter, one.sequences - other.sequences
    )


def following(kept: Counted, changed: Counted) -> int:
    """The counter of a side that took over entities of the other, so that what is left explains a difference.

    Args:
        kept: the side whose entities are taken over.
        changed: the other side, its entities as they are after that, its counter as before.

    Returns:
        ``kept``'s counter as soon as the entities agree.
    """
    lacks, has = kept.sequences - changed.sequences, changed.sequences - kept.sequences
    target = _behind(kept.counter, has)
    if _behind(0, lacks) < target:
        return target
    return min(target, _behind(changed.counter, changed.sequences))


def following_counters(
    kept: Snapshot, changed: Snapshot, resolved: Iterable[Discrepancy]
) -> Iterator[tuple[RegistryPath, int, int]]:
    """The counters that differ only because of entities, and so are changed with them.

    Args:
        kept: the registry whose entities are taken over.
        changed: the one that takes them over, as it was.
        resolved: the discrepancies in which it does.

    Returns:
        The path of each subdomain in ``changed``, its counter, and what it becomes.
    """
    names: dict[RegistryPath, set[str]] = {}
    for each in resolved:
        if each.entity is not None:
            names.setdefault(RegistryPath(each.domain, each.subdomain), set()).add(each.entity.lower())
    for path, taken in names.items():
        one, other = _place(kept, path), _place(changed, path)
        if one is None or other is None:
            continue
        source, target = counted(*one), counted(*other)
        if not is_explained(source, target):
            continue
        sequences = {each for each in target.sequences if each[0] not in taken}
        sequences.update(each for each in source.sequences if each[0] in taken)
        counter = following(source, Counted(target.counter, frozenset(sequences)))
        if counter != target.counter:
            yield RegistryPath(other[0].number, other[1].number), target.counter, counter


def _place(side: Snapshot, path: RegistryPath) -> tuple[Domain, Subdomain] | None:
    domain, number = side.domain_numbered(path.domain), (path.subdomain or "").upper()
    if domain is None:
        return None
    return next(((domain, each) for each in domain.subdomains if each.number.upper() == number), None)


def _behind(counter: int, sequences: Iterable[tuple[str, int]]) -> int:
    """A counter that is behind all sequences."""
    return max(counter, *(sequence + 1 for _, sequence in sequences), 0)


def _sequence(entity: Entity, digits: str) -> int | None:
    return codes.sequence_in(entity.table_code, digits) if entity.sequence is None else entity.sequence
