"""The text of a field's type as SpecQL reads it, for the rules about types."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.features.diagnostics.entity_walk import FieldPlace, effective
from specql_lsp.items.field_text import FieldText
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Node, Scalar
from specql_lsp.syntax.text import Span


class TypeText(NamedTuple):
    """A type where it is written.

    Attributes:
        scalar: the scalar that holds it; its span is where it is written, of an alias the alias.
        text: what SpecQL reads.
        is_exact: whether every character of the text is one of the scalar's, so that parts of it have a place.
    """

    scalar: Scalar
    text: FieldText
    is_exact: bool

    def span_of(self, part: Span) -> Span:
        """Where a part of the text is written; all of the scalar where that cannot be said."""
        return part.shifted(self.scalar.text_span.start) if self.is_exact else self.scalar.text_span


def type_text(place: FieldPlace) -> TypeText | None:
    """The type of a field; None where none is written, or where it is no text to SpecQL."""
    if place.body is None:
        scalar = place.value
        if not isinstance(scalar, Scalar) or constructed(scalar) is not Constructed.TEXT:
            return None
        return _type_text(place, scalar._replace(span=place.span), FieldText(scalar.value))
    entries = effective(place.body)
    entry = entries.get("type")
    node = place.source.resolve(entry.value) if entry is not None else None
    if entry is None or entry.value is None or not isinstance(node, Scalar):
        return None
    if constructed(node) is not Constructed.TEXT:
        return None
    return _type_text(place, node._replace(span=entry.value.span), FieldText(node.value, nullable=True))


def _type_text(place: FieldPlace, scalar: Scalar, text: FieldText) -> TypeText:
    raw = place.source.raw(scalar)
    inner = raw if scalar.is_plain else raw[1:-1]
    return TypeText(scalar, text, inner == scalar.value)


def scalar_of(place: FieldPlace, name: str) -> tuple[Scalar, Node] | None:
    """The scalar behind a key of a field's mapping, with the place where it is written."""
    entry = effective(place.body).get(name) if place.body is not None else None
    node = place.source.resolve(entry.value) if entry is not None else None
    return (node, entry.value) if isinstance(node, Scalar) and entry is not None and entry.value is not None else None
