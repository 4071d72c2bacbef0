"""The fields that an entity names outside of its steps: in ``translations``, ``identifier`` and ``table_views``.

SpecQL 0.9.2 reads these names without looking for the fields. What a name of an identifier or of a filter column may
be besides a field is not known, so that only one which is nearly a field's is certain to be meant as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.items.entity import EntityItem, EntityReference
from specql_lsp.items.lower import entity_at_start
from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.tree import SyntaxTree

_DEEPEST = 20


class FieldMention(NamedTuple):
    """A name that is meant to be a field's."""

    name: Scalar
    entity: EntityReference | None = None
    """The entity that has to have it; None for the file's own."""
    is_certain: bool = True
    """Whether it can be nothing but a field."""


def field_mentions(tree: SyntaxTree, entity: EntityItem) -> Iterator[FieldMention]:
    """The names in the order of the keys that hold them."""
    identifier = entity.root.entry("identifier")
    for mention in entity.field_mentions:
        in_identifier = identifier is not None and identifier.span.contains(mention.span.start)
        yield FieldMention(mention, is_certain=not in_identifier)
    views = tree.mapping(entity.root.value("table_views"))
    if views is None:
        return
    yield from _in_relations(tree, views, 0)
    for item in _items(tree, views.value("extra_filter_columns")):
        if isinstance(item, Scalar):
            yield FieldMention(item, is_certain=False)


def _in_relations(tree: SyntaxTree, holder: Mapping, depth: int) -> Iterator[FieldMention]:
    if depth > _DEEPEST:
        return
    for item in _items(tree, holder.value("include_relations")):
        relation = tree.mapping(item)
        for entry in relation.entries if relation is not None else ():
            config = tree.mapping(entry.value)
            reference = entity_at_start(tree, entry.key) if isinstance(entry.key, Scalar) else None
            if config is None or reference is None:
                continue
            for name in _items(tree, config.value("fields")):
                if isinstance(name, Scalar):
                    yield FieldMention(name, reference)
            yield from _in_relations(tree, config, depth + 1)


def _items(tree: SyntaxTree, node: Node | None) -> tuple[Node, ...]:
    found = tree.resolve(node)
    return found.items if isinstance(found, Sequence) else ()
