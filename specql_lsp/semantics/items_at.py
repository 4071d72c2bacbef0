"""The field, the action or the entity's name at a place of an entity: found without looking at all of them.

A long file has tens of thousands of fields and steps. They are compared as nodes, and only what is found is moved to
its place.
"""

from __future__ import annotations

from bisect import bisect_right

from specql_lsp.items.entity import ActionItem, EntityItem, EntityReference, FieldItem, moved_references
from specql_lsp.syntax.tree import SyntaxTree


def field_at(tree: SyntaxTree, entity: EntityItem, offset: int) -> FieldItem | None:
    """The field whose entry, or whose mapping where an alias repeats it, is at an offset."""
    if not tree.anchors:  # each is behind the one before it, and nothing of one is elsewhere
        group, by = entity.field_group, entity.fields_shift
        nodes, shifts = group.nodes, group.shifts
        at = offset - by
        index = bisect_right(range(len(nodes)), at, key=lambda each: nodes[each].entry.span.start + shifts[each]) - 1
        # One that ends where the next begins has the offset between the two.
        for each in (index - 1, index):
            if each >= 0 and nodes[each].entry.span.contains(at - shifts[each]):
                return FieldItem(nodes[each], shifts[each] + by)
        return None
    for field in entity.fields:
        start, end = field.node.entry.span
        if start <= offset - field.shift <= end:
            return field
    # What an alias repeats is written elsewhere.
    bodies = ((field, field.node.body) for field in entity.fields)
    return next((f for f, body in bodies if body is not None and body.span.contains(offset - f.shift)), None)


def actions_at(tree: SyntaxTree, entity: EntityItem, offset: int) -> tuple[ActionItem, ...]:
    """The actions that may have something at an offset: all of them where aliases repeat what is written elsewhere."""
    actions = entity.actions
    if tree.anchors:
        return actions
    index = bisect_right(actions, offset, key=lambda each: each.node.body.span.start + each.shift) - 1
    return actions[max(index - 1, 0) : index + 1]


def reference_at(tree: SyntaxTree, entity: EntityItem, offset: int, field: FieldItem | None) -> EntityReference | None:
    """The name of an entity at an offset: in a field's type, in a step, in ``table_views``.

    Args:
        tree: the file.
        entity: the entity in it.
        offset: where, in code points from 0.
        field: the field there (``field_at``).
    """
    if field is not None:
        for reference in field.node.references:
            if reference.span.contains(offset - field.shift):
                return moved_references((reference,), field.shift)[0]
    for action in actions_at(tree, entity, offset):
        for reference in action.node.entities:
            if reference.span.contains(offset - action.shift):
                return moved_references((reference,), action.shift)[0]
    return next((each for each in entity.view_entities if each.span.contains(offset)), None)
