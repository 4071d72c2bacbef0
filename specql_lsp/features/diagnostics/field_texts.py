"""The text of a field's type as SpecQL reads it, for the rules about types."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import NamedTuple

from specql_lsp.items.field_text import FieldText
from specql_lsp.items.lower import Source
from specql_lsp.semantics.columns import Column, column
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Entry, Node, Scalar
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

    @property
    def column(self) -> Column:
        """The column that SpecQL makes of it, of a field without a name in an entity without a schema."""
        return column("", self.text, "")


def type_text(source: Source, node: Node | None, span: Span, *, in_mapping: bool) -> TypeText | None:
    """A type; None where it is no text to SpecQL.

    Args:
        source: what the node is of.
        node: the type, aliases followed.
        span: where it is written.
        in_mapping: whether it is the value of ``type``.
    """
    if not isinstance(node, Scalar) or constructed(node) is not Constructed.TEXT:
        return None
    text = FieldText(node.value, nullable=True) if in_mapping else FieldText(node.value)
    scalar = node if node.span == span else node._replace(span=span)
    raw = source.raw(scalar)
    return TypeText(scalar, text, (raw if scalar.is_plain else raw[1:-1]) == scalar.value)


def scalar_of(source: Source, entries: Table[str, Entry], name: str) -> Scalar | None:
    """The scalar behind a key, with the span where it is written; None if there is none."""
    entry = entries.get(name)
    node = source.resolve(entry.value) if entry is not None else None
    if entry is None or entry.value is None or not isinstance(node, Scalar):
        return None
    return node._replace(span=entry.value.span)
