"""Anchors and aliases of a registry YAML: an edit at one place may change what another place says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from specql_lsp.registry.consistency.comparison import compare_all, path_key
from specql_lsp.registry.consistency.counters import COUNTER
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Value
from specql_lsp.registry.yaml_edits.comparison import RegistrySides
from specql_lsp.registry.yaml_edits.edits import REMOVALS
from specql_lsp.registry.yaml_edits.text import RegistryText
from specql_lsp.syntax.nodes import Alias, Node, walk
from specql_lsp.syntax.text import Span

_Place = tuple[DiscrepancyType, str, str, str, str]


class Elsewhere:
    """What differs in a text at places that are not to be changed.

    Args:
        document: the text before any edit.
        postgresql: PostgreSQL's registry.
        wanted: what is to be changed.
    """

    def __init__(self, document: RegistryText, postgresql: Snapshot, wanted: Sequence[Discrepancy]) -> None:
        self._document = document
        self._postgresql = postgresql
        self._wanted = wanted
        self._places = {path_key(each) for each in wanted}
        self._entities = {_path(each).folded for each in wanted if each.entity is not None}
        self._subdomains = {_path(each).folded._replace(entity=None) for each in wanted}
        self._before = self._found(document)

    def added(self, current: RegistryText) -> list[Discrepancy]:
        """What differs by now, and did not before."""
        return [each for place, each in self._found(current).items() if place not in self._before]

    def causes(self, current: RegistryText) -> Iterator[Discrepancy]:
        """Which of the wanted changes are made at places that others share; none where nothing else has changed."""
        if _values(self._before) == _values(self._found(current)):
            return
        registry = self._document.registry
        if registry is None:
            return
        sides = RegistrySides(self._document.tree, registry, self._postgresql)
        shared = tuple(_shared(self._document))
        for each in self._wanted:
            path, is_attribute = _path(each), each.attribute is not None
            span = _span(sides, path, each)
            if sides.alias(path, of_node=is_attribute) is not None or (
                span is not None and any(_meet(span, other) for other in shared)
            ):
                yield each

    def _found(self, document: RegistryText) -> Mapping[_Place, Discrepancy]:
        registry, tree = document.registry, document.tree
        if registry is None or tree.broken or tree.has_problems:
            return {}
        found = compare_all(self._postgresql, snapshot_of(registry, tree))
        return {path_key(each): each for each in found if not self._is_expected(each)}

    def _is_expected(self, each: Discrepancy) -> bool:
        """Whether a difference is one of the wanted, or goes with it: an entity's sequence, a subdomain's counter."""
        path = _path(each).folded
        return (
            path_key(each) in self._places
            or path in self._entities
            or (each.attribute == COUNTER and path in self._subdomains)
        )


def _shared(document: RegistryText) -> Iterator[Span]:
    """The values that an alias refers to."""
    tree = document.tree
    used = {node.name for node in walk(tree.root) if isinstance(node, Alias)} if tree.root is not None else set()
    yield from (node.span for name, node in tree.anchors.items() if name in used)


def _span(sides: RegistrySides, path: RegistryPath, each: Discrepancy) -> Span | None:
    """The part of the text that an edit for a discrepancy is made in."""
    node = sides.yaml_nodes.get(path)
    if each.type in REMOVALS:
        return node.entry.span if node is not None else None
    value: Node | None = None
    if each.attribute is not None:
        entry = node.body.entry(each.attribute) if node is not None and node.body is not None else None
        value = entry.value if entry is not None else None
        value = value or (node.entry.value if node is not None else None)
    else:
        holder = sides.holder(path.parent)
        value = holder.value if holder is not None else None
    return value.span if value is not None else None


def _meet(one: Span, other: Span) -> bool:
    """Whether one of two spans contains the other."""
    return (one.start <= other.start and other.end <= one.end) or (other.start <= one.start and one.end <= other.end)


def _values(found: Mapping[_Place, Discrepancy]) -> dict[_Place, Value]:
    return {place: each.yaml_value for place, each in found.items()}


def _path(each: Discrepancy) -> RegistryPath:
    return RegistryPath(each.domain, each.subdomain, each.entity)
