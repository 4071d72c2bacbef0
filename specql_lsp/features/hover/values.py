"""Hover of a value of a field's enumeration: where it is listed, as a default, or compared with the field."""

from __future__ import annotations

from specql_lsp.features.hover.columns import column_text
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, cut, escape, title
from specql_lsp.semantics.columns import column
from specql_lsp.semantics.names_in_types import enum_values

_MOST_VALUES = 30
_LONGEST = 100


def enum_value(request: HoverRequest) -> Text | None:
    """A value of an enumeration; None where the field is of another type."""
    symbol = request.symbol
    found = request.field(symbol.owner, symbol.through)
    values = enum_values(found.text.type) if found is not None and found.text is not None else ()
    if found is None or found.text is None or not values:
        return None
    is_value = symbol.name in values
    if not is_value and symbol.path[-1:] == (symbol.owner,):
        return None  # what a mapping gives to a field may be SQL
    of = f"{escape(found.name)} of {escape(found.entity)}" if found.entity else escape(found.name)
    listed = ", ".join(code(cut(value, _LONGEST)) for value in values[:_MOST_VALUES])
    more = f" and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else ""
    return Text(
        paragraphs(
            f"{title(symbol.name)} · {'value' if is_value else 'not a value'} of {of}",
            f"Values: {listed}{more}",
            column_text(column(found.name, found.text, found.schema), found.text) if request.shows_generated else "",
        )
    )
