"""Edits within a scalar: another text for a part of it, or for all of it, with quotes and escapes that stay valid."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import TextScalar, quotes_of, write
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

_FLOW_INDICATORS = frozenset(",[]{}")


class FoundScalar(NamedTuple):
    """A scalar of a tree, with where it is."""

    scalar: Scalar
    in_flow: bool
    """Whether it is in a flow collection, where more of a plain text has to be quoted."""


def scalar_around(tree: SyntaxTree, span: Span) -> FoundScalar | None:
    """The scalar, key or value, that holds a span; None if there is none."""
    return next((found for root in tree.roots if (found := _around(root, span)) is not None), None)


def _around(root: Node, span: Span) -> FoundScalar | None:
    node: Node | None = root
    in_flow = False
    while isinstance(node, Mapping | Sequence):
        in_flow = in_flow or node.flow
        found: Node | None = None
        if isinstance(node, Mapping):
            index = bisect_right(node.entries, span.start, key=_start_of) - 1
            entry = node.entries[index] if index >= 0 else None
            children = (entry.key, entry.value) if entry is not None else ()
            found = next((each for each in children if each is not None and _holds(each.span, span)), None)
        else:
            index = bisect_right(node.items, span.start, key=_start_of) - 1
            if index >= 0 and _holds(node.items[index].span, span):
                found = node.items[index]
        node = found
    return FoundScalar(node, in_flow) if isinstance(node, Scalar) else None


def _start_of(node: Node | Entry) -> int:
    return node.span.start


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def replace_text(tree: SyntaxTree, span: Span, text: str) -> TextEdit:
    """The edit that replaces what is at a span by a text.

    Inside a scalar the text is escaped as the scalar's quotes ask for, and a plain scalar gets quotes where it would be
    read as something else without them. A plain scalar that is no text to YAML 1.1, as a number, stays without quotes.
    """
    found = scalar_around(tree, span)
    if found is None:
        return _instead_of_collection(tree, span, text)
    scalar, in_flow = found
    if scalar.style is ScalarStyle.SINGLE_QUOTED and span != scalar.span:
        return TextEdit(span, text.replace("'", "''")) if text.isprintable() else TextEdit(span, text)
    if scalar.style is ScalarStyle.DOUBLE_QUOTED and span != scalar.span:
        return TextEdit(span, yaml11.double_quote(text)[1:-1])
    if scalar.style is not ScalarStyle.PLAIN:
        if span != scalar.span:
            return TextEdit(span, text)
        return TextEdit(span, write(TextScalar(text, quotes_of(scalar)), in_flow=in_flow))
    start, end = scalar.span
    raw = tree.text[start : span.start] + text + tree.text[span.end : end]
    if yaml11.type_of(scalar.value) is not yaml11.ScalarType.STRING or not _needs_quotes(raw, in_flow=in_flow):
        return TextEdit(span, text)
    return TextEdit(scalar.span, "'" + raw.replace("'", "''") + "'")


def _instead_of_collection(tree: SyntaxTree, span: Span, text: str) -> TextEdit:
    """The edit that writes a text for the list or mapping at a span, behind its key where it has one."""
    held = next((found for root in tree.roots if (found := _held(root, span)) is not None), None)
    if held is None:
        return TextEdit(span, text)
    entry, in_flow = held
    (edit,) = YamlWriter(tree).set_scalar(entry, TextScalar(text), in_flow=in_flow)
    return edit


def _held(root: Node, span: Span) -> tuple[Entry, bool] | None:
    """The entry whose value is the collection at a span, and whether it is in a flow collection."""
    node: Node | None = root
    in_flow = False
    while isinstance(node, Mapping | Sequence):
        in_flow = in_flow or node.flow
        children = node.entries if isinstance(node, Mapping) else node.items
        index = bisect_right(children, span.start, key=_start_of) - 1
        child = children[index] if index >= 0 else None
        if not isinstance(child, Entry):
            node = child
        elif child.value is not None and child.value.span == span:
            return child, in_flow
        else:
            node = child.value
    return None


def _needs_quotes(raw: str, *, in_flow: bool) -> bool:
    """Whether a plain scalar, which may have several lines, would be read as something else."""
    lines = raw.splitlines()
    return (
        any(yaml11.needs_quotes(line.strip() or "x") for line in lines) if len(lines) > 1 else yaml11.needs_quotes(raw)
    ) or (in_flow and not _FLOW_INDICATORS.isdisjoint(raw))
