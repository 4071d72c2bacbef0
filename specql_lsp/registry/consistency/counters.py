"""``next_entity_sequence``: when a difference of it is one of its own, and what it becomes with the entities. Pure.

Registering an entity moves the counter behind the entity's sequence. So where one side has entities that the other
lacks, the counters differ as well, and agree once the entities do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Entity, RegistryPath, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

COUNTER = "next_entity_sequence"
"""The attribute's name."""
DEFAULT_NEXT_SEQUENCE = 1
"""What it is where nothing is said: the default of PostgreSQL's column."""


def next_sequence(subdomain: Subdomain) -> int:
    """A subdomain's counter."""
    given = subdomain.next_entity_sequence
    return DEFAULT_NEXT_SEQUENCE if given is None else given


def is_explained(one: tuple[Domain, Subdomain], other: tuple[Domain, Subdomain]) -> bool:
    """Whether two subdomains' counters differ only because the entities do.

    So it is if they agree as soon as each side gets what it lacks.
    """
    ours, theirs = next_sequence(one[1]), next_sequence(other[1])
    names = _differing(one[1], other[1]) if ours != theirs else frozenset()
    return bool(names) and _behind(ours, _sequences(*other, names)) == _behind(theirs, _sequences(*one, names))


def following(kept: tuple[Domain, Subdomain], changed: tuple[Domain, Subdomain], taken: AbstractSet[str]) -> int:
    """The counter of a subdomain that takes entities over, so that the ones left explain what still differs.

    Args:
        kept: the side whose entities are taken over.
        changed: the other side, as it was before that.
        taken: the names of the entities, in lower case.

    Returns:
        ``kept``'s counter as soon as the entities agree.
    """
    names = _differing(kept[1], changed[1]) - taken
    target = _behind(next_sequence(kept[1]), _sequences(*changed, names))
    if _behind(0, _sequences(*kept, names)) < target:
        return target
    own = {entity.name.lower() for entity in changed[1].entities} - taken
    return min(target, _behind(next_sequence(changed[1]), [*_sequences(*changed, own), *_sequences(*kept, taken)]))


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
        held = next_sequence(other[1])
        counter = following(one, other, taken) if is_explained(one, other) else held
        if counter != held:
            yield RegistryPath(other[0].number, other[1].number), held, counter


def _place(side: Snapshot, path: RegistryPath) -> tuple[Domain, Subdomain] | None:
    domain, number = side.domain_numbered(path.domain), (path.subdomain or "").upper()
    if domain is None:
        return None
    return next(((domain, each) for each in domain.subdomains if each.number.upper() == number), None)


def _differing(one: Subdomain, other: Subdomain) -> frozenset[str]:
    """The names, in lower case, of the entities that are not the same on both sides; a YAML may give no sequence."""
    ours, theirs = ({entity.name.lower(): entity for entity in side.entities} for side in (one, other))
    return frozenset(name for name in ours.keys() | theirs.keys() if not _same(ours.get(name), theirs.get(name)))


def _same(one: Entity | None, other: Entity | None) -> bool:
    if one is None or other is None:
        return False
    same_code = codes.normalize(one.table_code) == codes.normalize(other.table_code)
    return same_code and (one.sequence == other.sequence or one.sequence is None or other.sequence is None)


def _sequences(domain: Domain, subdomain: Subdomain, names: AbstractSet[str]) -> list[int]:
    """The sequences of the entities with these names, as far as they are known."""
    digits = domain.number + subdomain.number
    found = (
        codes.sequence_in(entity.table_code, digits) if entity.sequence is None else entity.sequence
        for entity in subdomain.entities
        if entity.name.lower() in names
    )
    return [sequence for sequence in found if sequence is not None]


def _behind(counter: int, sequences: Iterable[int]) -> int:
    """A counter that is behind all sequences."""
    return max(counter, *(sequence + 1 for sequence in sequences), 0)
