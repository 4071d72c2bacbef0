"""A node of a document as a value to write at another place: with all keys, in their order, and their values.

Comments and anchors stay where they are written; what a copy needs of an anchor is behind an alias, which is copied.
"""

from __future__ import annotations

import re

from specql_lsp.syntax.editing.values import ListValue, MapValue, Quotes, RawScalar, TextScalar, YamlValue, write_flow
from specql_lsp.syntax.nodes import Alias, Mapping, Node, Scalar, ScalarStyle, Sequence
from specql_lsp.syntax.text import LineIndex
from specql_lsp.syntax.tree import SyntaxTree

_IN_LINE = frozenset({ScalarStyle.PLAIN, ScalarStyle.SINGLE_QUOTED, ScalarStyle.DOUBLE_QUOTED})
_INDICATED = re.compile(r"[|>]-?[+0-9]")
"""The head of a block scalar whose text takes more than its own lines to know."""
_ENDING_PLAIN = frozenset(",[]{}?")
"""What ends a plain scalar in flow style, to PyYAML. With it, no plain scalar is anything but a text (YAML 1.1)."""
_LINE_BREAKS = re.compile(r"[\r\n\x85\u2028\u2029]")
_PLAIN_MAPPING = frozenset({None, "!!map"})
_PLAIN_SEQUENCE = frozenset({None, "!!seq"})


def copied_mapping(tree: SyntaxTree, node: Mapping) -> MapValue | None:
    """A mapping as a value that reads as the same; None where a tag or a key of it cannot be written so.

    What is in flow style on one line stays so.
    """
    if node.tag not in _PLAIN_MAPPING:
        return None
    entries: list[tuple[TextScalar | RawScalar, YamlValue]] = []
    for entry in node.entries:
        key = entry.key
        if isinstance(key, Alias):
            written: TextScalar | RawScalar | None = RawScalar(f"*{key.name} ")
        else:
            written = _scalar(tree, key) if isinstance(key, Scalar) else None
        value = _value(tree, entry.value, tree.lines.position(entry.key.span.start).column)
        if written is None or value is None:
            return None
        entries.append((written, value))
    return MapValue(tuple(entries), flow=node.flow and not _LINE_BREAKS.search(tree.raw(node)))


def copied_value(tree: SyntaxTree, node: Node, at: Alias) -> YamlValue | None:
    """What an alias refers to as a value to write in its place; None where it cannot be written so.

    Args:
        tree: of the text.
        node: what the alias refers to.
        at: the alias.
    """
    return _value(tree, node, tree.lines.position(at.span.start).column)


def _value(tree: SyntaxTree, node: Node | None, column: int) -> YamlValue | None:
    if node is None:
        return RawScalar("null")
    if isinstance(node, Alias):
        return RawScalar(f"*{node.name}")
    if isinstance(node, Scalar):
        return _scalar(tree, node)
    if isinstance(node, Mapping):
        return copied_mapping(tree, node)
    if node.tag not in _PLAIN_SEQUENCE:
        return None
    items = [_value(tree, item, column) for item in node.items]
    scalars = [item for item in items if isinstance(item, TextScalar | RawScalar)]
    if len(scalars) == len(items):
        return ListValue(tuple(scalars), node.flow, _is_indented(tree.lines, node, column))
    known = [item for item in items if item is not None]
    return RawScalar(f"[{', '.join(map(write_flow, known))}]") if len(known) == len(items) else None


def _is_indented(lines: LineIndex, node: Sequence, column: int) -> bool:
    return not node.flow and lines.position(node.span.start).column > column


def _scalar(tree: SyntaxTree, scalar: Scalar) -> TextScalar | RawScalar | None:
    raw = tree.raw(scalar)
    if _INDICATED.match(raw):
        return None
    is_kept = scalar.style in _IN_LINE and not _LINE_BREAKS.search(raw)
    if is_kept and not (scalar.is_plain and not _ENDING_PLAIN.isdisjoint(raw)):
        return RawScalar(f"{scalar.tag} {raw}" if scalar.tag is not None else raw)
    text = TextScalar(scalar.value, Quotes.DOUBLE)
    return RawScalar(f"{scalar.tag} {write_flow(text)}") if scalar.tag is not None else text
