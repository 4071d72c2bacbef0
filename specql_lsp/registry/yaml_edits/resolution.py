"""Resolves discrepancies in favour of PostgreSQL: the edits of a registry YAML, as many as can be made, and the rest.

No I/O. The edits are those of one text, whatever number of rounds it takes to find them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from specql_lsp.registry.consistency.comparison import compare, compare_all, path_key
from specql_lsp.registry.consistency.counters import COUNTER, following_counters, next_sequence
from specql_lsp.registry.consistency.matching import yaml_nodes_by_path
from specql_lsp.registry.consistency.resolution import RefusedDiscrepancy, Resolution
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from specql_lsp.registry.yaml_edits.edits import REMOVALS, keep_all_of_postgresql, why_not_in_yaml
from specql_lsp.registry.yaml_edits.renamed import renames
from specql_lsp.registry.yaml_edits.shared import Elsewhere
from specql_lsp.registry.yaml_edits.text import MOST_ROUNDS, EditedText, RegistryText
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.parsing.gc_pause import gc_paused
from specql_lsp.syntax.pyyaml.errors import unknown_aliases

_NO_YAML = "The file is not valid YAML, so it cannot be changed: correct it first."
_NO_PLACE = "The file has no place for it that an edit could reach: change it by hand."
_SHARED = "Another place of the file says the same through an alias (*): write it out there, then try again."
_ANCHORED = "Its anchor (&) is used in another place of the file: write out the alias there, then try again."


class YamlResolution(NamedTuple):
    """The edits of a registry YAML, and what they resolve."""

    edits: tuple[TextEdit, ...]
    """In the order of the text."""
    resolution: Resolution


def differing(document: RegistryText, postgresql: Snapshot) -> tuple[Discrepancy, ...] | None:
    """What differs between PostgreSQL's registry and a registry YAML; None where that is not understood."""
    yaml = _snapshot(document)
    return compare(postgresql, yaml) if yaml is not None else None


def keep_postgresql_side(
    document: RegistryText, discrepancies: Sequence[Discrepancy], postgresql: Snapshot, now: datetime
) -> YamlResolution:
    """The smallest edits after which a registry YAML holds PostgreSQL's side of discrepancies.

    A counter that differs only because of the entities is changed with them.

    Args:
        document: the registry YAML.
        discrepancies: what differs.
        postgresql: PostgreSQL's registry, from which whole blocks are written.
        now: what ``assigned_at`` says of a new entity whose time of allocation is not known.
    """
    refused: list[RefusedDiscrepancy] = []
    wanted = list(discrepancies)
    with gc_paused():
        while True:
            elsewhere = Elsewhere(document, postgresql, wanted) if document.tree.anchors else None
            edited = _edited(document, wanted, postgresql, now, elsewhere)
            lost = list(_anchored(document, edited.current, wanted))
            if not lost and elsewhere is not None:
                causes = elsewhere.causes(edited.current)
                lost = [RefusedDiscrepancy(each, RefusalKind.CONFLICT, _SHARED) for each in causes]
            left = {path_key(each) for each in _left(edited.current, wanted, postgresql)}
            if not lost:
                unmet = [each for each in wanted if path_key(each) in left]
                lost = [_unmet(document, edited.current, each, postgresql) for each in unmet]
                if not any(_moved_with(lost, wanted)):
                    refused += lost
                    break
            lost += _moved_with(lost, wanted)
            refused += lost
            gone = {id(each.discrepancy) for each in lost}
            wanted = [each for each in wanted if id(each) not in gone]
    resolved = tuple(each for each in wanted if path_key(each) not in left)
    return YamlResolution(edited.edits if resolved else (), Resolution(resolved, tuple(refused)))


def _unmet(
    document: RegistryText, current: RegistryText, discrepancy: Discrepancy, postgresql: Snapshot
) -> RefusedDiscrepancy:
    """Why a discrepancy is left after all edits."""
    is_broken = document.registry is None or document.tree.broken or document.tree.has_problems
    why = _NO_YAML if is_broken else why_not_in_yaml(current, discrepancy, postgresql) or _NO_PLACE
    return RefusedDiscrepancy(discrepancy, RefusalKind.CONFLICT, why)


def _moved_with(lost: Sequence[RefusedDiscrepancy], wanted: Iterable[Discrepancy]) -> list[RefusedDiscrepancy]:
    """The other halves of moves of which one is refused: an entity is not to be in the file twice, or not at all."""
    reasons = {half: each for each in lost if (half := _half_of_move(each.discrepancy)) is not None}
    gone = {id(each.discrepancy) for each in lost}
    others: list[RefusedDiscrepancy] = []
    for each in wanted:
        half = _half_of_move(each)
        if half is not None and id(each) not in gone:
            domain, entity, is_removal = half
            reason = reasons.get((domain, entity, not is_removal))
            if reason is not None:
                others.append(reason._replace(discrepancy=each))
    return others


def _half_of_move(each: Discrepancy) -> tuple[str, str, bool] | None:
    """The domain and the entity of what may be a half of a move, and whether it is the removal; None of others."""
    is_removal = each.type is DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL
    if each.entity is None or not (is_removal or each.type is DiscrepancyType.MISSING_ENTITY_IN_YAML):
        return None
    return each.domain.upper(), each.entity.lower(), is_removal


def _edited(
    document: RegistryText,
    wanted: Sequence[Discrepancy],
    postgresql: Snapshot,
    now: datetime,
    elsewhere: Elsewhere | None,
) -> EditedText:
    """The text after all rounds of edits. What an edit changes ``elsewhere``, through an alias, is changed back."""
    edited = EditedText(document)
    renamed = renames(document, wanted) if _snapshot(document) is not None else ()
    if renamed:
        edited.edit(renamed)
    goals = [*wanted, *_counters(document, wanted, postgresql)]
    while len(edited.rounds) < MOST_ROUNDS:
        left = list(_left(edited.current, goals, postgresql))
        edits = keep_all_of_postgresql(edited.current, left, postgresql, now) if left else ()
        if not edits and elsewhere is not None and not any(unknown_aliases(edited.current.tree)):
            edits = keep_all_of_postgresql(edited.current, elsewhere.added(edited.current), postgresql, now)
        if not edits:
            break
        edited.edit(edits)
    return edited


def _counters(document: RegistryText, wanted: Iterable[Discrepancy], postgresql: Snapshot) -> Iterator[Discrepancy]:
    """The counters that are changed with the entities, as discrepancies."""
    yaml = _snapshot(document)
    if yaml is None:
        return
    kind = DiscrepancyType.SUBDOMAIN_ATTRIBUTE_MISMATCH
    for path, held, counter in following_counters(postgresql, yaml, wanted):
        yield Discrepancy(
            kind, path.domain, path.subdomain, attribute=COUNTER, postgresql_value=counter, yaml_value=held
        )


def _left(current: RegistryText, goals: Iterable[Discrepancy], postgresql: Snapshot) -> Iterator[Discrepancy]:
    """Those of the goals that a text does not meet yet, with the values that it has."""
    yaml = _snapshot(current)
    if yaml is None:
        yield from goals
        return
    found = {path_key(each): each for each in compare_all(postgresql, yaml)}
    for goal in goals:
        differs = found.get(path_key(goal))
        if goal.attribute == COUNTER and _counter(yaml, goal) == goal.postgresql_value:
            continue
        if differs is not None:
            yield replace(differs, postgresql_value=goal.postgresql_value) if goal.attribute == COUNTER else differs


def _counter(yaml: Snapshot, goal: Discrepancy) -> int | None:
    domain = yaml.domain_numbered(goal.domain)
    subdomain = domain.subdomain(goal.subdomain or "") if domain is not None else None
    return next_sequence(subdomain) if subdomain is not None else None


def _snapshot(document: RegistryText) -> Snapshot | None:
    """What a text holds; None where it is not understood."""
    registry, tree = document.registry, document.tree
    return None if registry is None or tree.broken or tree.has_problems else snapshot_of(registry, tree)


def _anchored(
    document: RegistryText, current: RegistryText, wanted: Iterable[Discrepancy]
) -> Iterator[RefusedDiscrepancy]:
    """The removals that would take an anchor away that the rest of the text needs."""
    if document.registry is None or not any(unknown_aliases(current.tree)) or any(unknown_aliases(document.tree)):
        return
    nodes = yaml_nodes_by_path(document.registry)
    for each in wanted:
        node = nodes.get(RegistryPath(each.domain, each.subdomain, each.entity))
        if each.type in REMOVALS and node is not None and "&" in document.text[slice(*node.entry.span)]:
            yield RefusedDiscrepancy(each, RefusalKind.CONFLICT, _ANCHORED)
