"""What to write instead of a key that SpecQL does not read, where there is one right answer; and its removal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table
from types import MappingProxyType

from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.entry_edits import (
    WrittenEntry,
    remove,
    rename,
    replace_entry,
    set_value,
    sibling,
    written_entry,
)
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.type_repair import meant_types
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import RawScalar, TextScalar, quotes_of
from specql_lsp.syntax.nodes import Scalar, Sequence
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import boolean

Change = tuple[str, tuple[TextEdit, ...]]
"""A title with its edits."""


def fixes_of_key(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """The changes for a key that is not read."""
    tree = context.document.tree
    place = written_entry(tree, finding.span)
    if place is None or not isinstance(place.entry.key, Scalar):
        return
    name = place.entry.key.value
    instead = _INSTEAD.get(name)
    change = instead(tree, place) if instead is not None else None
    if change is not None:
        yield CodeAction(change[0], ActionKind.QUICK_FIX, (finding,), change[1], preferred=True)
    if len(place.mapping.entries) > 1 or not place.in_flow:
        yield CodeAction(f"Remove {name}", ActionKind.QUICK_FIX, (finding,), remove(tree, place))


def _required(tree: SyntaxTree, place: WrittenEntry) -> Change | None:
    value, nullable = place.entry.value, sibling(place, "nullable")
    required = boolean(value) if isinstance(value, Scalar) else None
    if required is None or "type" not in {entry.name for entry in place.mapping.entries}:
        return None
    wanted = RawScalar("false" if required else "true")
    title = f"Write nullable: {wanted.text}"
    if nullable is None:
        return title, replace_entry(tree, place, "nullable", wanted)
    return title, (*set_value(tree, nullable, wanted), *remove(tree, place))


def enumeration(tree: SyntaxTree, place: WrittenEntry) -> Change | None:
    """``values`` of a field whose type is a bare ``enum``, or which has none."""
    type_ = sibling(place, "type")
    if type_ is not None and not (isinstance(type_.entry.value, Scalar) and type_.entry.value.value.strip() == "enum"):
        return None
    items = place.entry.value.items if isinstance(place.entry.value, Sequence) else ()
    values = [item.value for item in items if isinstance(item, Scalar)]
    meant = meant_types(f"enum({', '.join(values)})") if values and len(values) == len(items) else ()
    if not meant or any("," in value for value in values):
        return None
    title = f"Write {meant[0].type}"
    if type_ is None:
        return (title, replace_entry(tree, place, "type", TextScalar(meant[0].type))) if place.mapping.flow else None
    return title, (*set_value(tree, type_, TextScalar(meant[0].type)), *remove(tree, place))


def _renamed(name: str) -> Callable[[SyntaxTree, WrittenEntry], Change | None]:
    def change(tree: SyntaxTree, place: WrittenEntry) -> Change | None:
        if sibling(place, name) is not None:
            return None
        return f"Write {name}", rename(tree, place, name)

    return change


def _schema(tree: SyntaxTree, place: WrittenEntry) -> Change | None:
    """``schema`` beside a type that refers to an entity of no schema."""
    type_ = sibling(place, "type")
    node, schema = (type_.entry.value if type_ is not None else None), place.entry.value
    if type_ is None or not isinstance(node, Scalar) or not isinstance(schema, Scalar):
        return None
    text = node.value.strip()
    target = text[4:-1].strip()
    if not (text.startswith("ref(") and text.endswith(")")) or not target.isidentifier():
        return None
    written = f"ref({schema.value}.{target})"
    return f"Write {written}", (*set_value(tree, type_, TextScalar(written, quotes_of(node))), *remove(tree, place))


_INSTEAD: Table[str, Callable[[SyntaxTree, WrittenEntry], Change | None]] = MappingProxyType(
    {
        "required": _required,
        "values": enumeration,
        "error_message": _renamed("error"),
        "domain": _renamed("domain_name"),
        "schema": _schema,
    }
)
"""What means the same where SpecQL reads it, by the key that it does not read."""
