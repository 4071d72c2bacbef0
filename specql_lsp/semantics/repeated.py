"""Where what an alias repeats belongs: a field, a step or a value that is written behind an anchor, elsewhere."""

from __future__ import annotations

from specql_lsp.items.entity import EntityItem
from specql_lsp.semantics.items_at import field_at
from specql_lsp.syntax.nodes import Alias, NodePath, Scalar, path_at, walk
from specql_lsp.syntax.tree import SyntaxTree


def repeated_around(tree: SyntaxTree, entity: EntityItem, path: NodePath) -> tuple[str, ...] | None:
    """The path as it would be where a field or a step around a node belongs; None where none is around it."""
    if not tree.anchors:
        return None
    at = path.node.span.start if path.node is not None else 0
    field = field_at(tree, entity, at)
    if field is not None and field.node.body is not None:
        return ("fields", field.name, *_inside(path, field.node.body.span.start + field.shift))
    for action in entity.actions:
        innermost: int | None = None
        pending = list(action.node.steps)
        while pending:
            step = pending.pop()
            start, end = step.body.span
            if start <= at - action.shift < end:
                innermost = max(innermost or 0, start + action.shift)
            pending.extend(step.steps)
        if innermost is not None:
            return ("actions", "[]", "steps", "[]", *_inside(path, innermost))
    return None


def _inside(path: NodePath, start: int) -> tuple[str, ...]:
    """The names of a path's steps from an offset on; items of lists count with the entry before them."""
    for index, step in enumerate(path.steps):
        if step.entry is not None and step.entry.span.start >= start:
            return path.names[index:]
    return ()


def path_of_alias(tree: SyntaxTree, entity: EntityItem, node: Scalar) -> NodePath | None:
    """The path of the first alias of a scalar with an anchor, with the scalar at its end."""
    name = next((name for name, anchored in tree.anchors.items() if anchored == node), None)
    for each in walk(entity.root) if name is not None else ():
        if isinstance(each, Alias) and each.name == name:
            path = path_at(entity.root, each.span.start)
            return NodePath(path.steps, node, on_key=False) if not path.on_key else None
    return None
