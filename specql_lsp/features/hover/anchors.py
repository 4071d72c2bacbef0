"""Hover of a YAML anchor or alias: what is written at the anchor."""

from __future__ import annotations

from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.hover.source import block
from specql_lsp.features.markdown import code
from specql_lsp.semantics.symbol import Role


def anchor(request: HoverRequest) -> Text | None:
    """An anchor, or an alias that refers to one."""
    tree, symbol = request.document.tree, request.symbol
    node = tree.anchors.get(symbol.name)
    if node is None:
        return Text(f"{code(f'*{symbol.name}')} · no anchor of that name precedes it")
    is_alias = symbol.role is Role.REFERENCE
    title = f"{code(('*' if is_alias else '&') + symbol.name)} · {'alias' if is_alias else 'anchor'}"
    span = tree.anchor_span(symbol.name)
    line = request.document.lines.position(span.start if span is not None else node.span.start).line + 1
    where = f" of the node in line {line}" if is_alias else ""
    return Text(paragraphs(title + where, block(request.document, node.span)))
