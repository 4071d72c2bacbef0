"""What a field says, as SpecQL 0.9.2 reads it: a text, or a mapping with ``type``, ``nullable`` and ``default``.

Source: ``SpecQLParser._parse_field_string`` and ``_parse_field_dict``.
"""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.items.entity import FieldItem
from specql_lsp.syntax.nodes import Alias, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.yaml11 import is_null, is_text, is_true

DEFAULT_TYPE = "text"
"""The type of a field in a mapping without ``type``."""
REQUIRED, VALUES = "required", "values"


class FieldText(NamedTuple):
    """What a field says, without its place.

    Attributes:
        type: the type as written, with its marks and default unless it is in a mapping.
        nullable: ``nullable`` of a mapping as SpecQL takes it; None where the field is a text.
        default: the default in a mapping; empty if there is none.
        unread: the keys of a mapping that say something which SpecQL does not read: ``required``, ``values``.
    """

    type: str
    nullable: bool | None = None
    default: str = ""
    unread: tuple[str, ...] = ()


def nullable_of(body: Mapping | None, type_: Scalar | None) -> bool | None:
    """``FieldText.nullable`` alone, of a field's mapping and its type. None, too, for no text."""
    if body is None or _is_refused(body, type_):
        return None
    nullable = body.entry("nullable")
    return nullable is None or _is_truth(nullable.value)


def _is_refused(body: Mapping, type_: Scalar | None) -> bool:
    return not is_text(type_) if type_ is not None else body.entry("type") is not None


def field_text(field: FieldItem) -> FieldText | None:
    """What a field says; None where SpecQL 0.9.2 refuses the value of ``type``, which is no text."""
    body = field.node.body
    if body is None:
        # SpecQL makes a text of any other value, and none of these is a type.
        return FieldText(field.type_text or "")
    type_ = field.node.type
    if _is_refused(body, type_):
        return None
    nullable = body.entry("nullable")
    default = body.value("default")
    unread: list[str] = []
    if _is_truth(body.value(REQUIRED)):
        unread.append(REQUIRED)
    if body.value(VALUES) is not None:
        unread.append(VALUES)
    return FieldText(
        type_.value if type_ is not None else DEFAULT_TYPE,
        nullable is None or _is_truth(nullable.value),
        _shown(default),
        tuple(unread),
    )


def _is_truth(node: Node | None) -> bool:
    """Whether Python takes a value for true: SpecQL asks no more of ``nullable``."""
    match node:
        case Scalar():
            return is_true(node)
        case Mapping():
            return bool(node.entries)
        case Sequence():
            return bool(node.items)
    # An alias that is left in a mapping is one of a collection, of which no file has an empty one.
    return isinstance(node, Alias)


def _shown(node: Node | None) -> str:
    """A default as it is shown; empty if there is none."""
    if isinstance(node, Scalar):
        return "" if is_null(node) else node.value
    return "…" if node is not None else ""
