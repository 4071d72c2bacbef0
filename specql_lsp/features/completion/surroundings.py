"""The keys around the cursor: those of the mapping that it is in, and of the mapping around that.

Block mappings are read from their lines, by indentation, so that they are known in half-typed text, too; flow mappings
are read from the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from specql_lsp.features.completion.request import Request
from specql_lsp.syntax import nodes
from specql_lsp.syntax.parsing.recovery import KEY_LINE, value_length
from specql_lsp.syntax.text import LineIndex

_MOST_LINES = 20_000
"""How many lines are looked at in each direction."""
_LONGEST_LINE = 1_000
_MOST_ITEMS = 500
_MOST_NESTED = 6
"""Steps within steps, deeper than a person writes."""
Keys = Mapping[str, str | None]
"""Keys with the text of their value where it is a scalar on the same line, without quotes."""


class _KeyLine(NamedTuple):
    number: int
    column: int
    name: str
    value: str | None
    begins_item: bool
    """Whether a dash is before the key."""


def keys_beside(request: Request) -> Keys:
    """The keys of the mapping at the cursor, but for the one under the cursor."""
    return _keys(request, 0)


def keys_around(request: Request) -> Keys:
    """The keys of the mapping in which the mapping at the cursor is a value, that value's own key included."""
    return _keys(request, 1)


def _keys(request: Request, level: int) -> Keys:
    if request.context.in_flow:
        flow = _flow_mappings(request)
        if level < len(flow):
            return _of_mapping(request, flow[-1 - level])
        level -= len(flow)
        number = request.document.lines.line_of(flow[0].span.start if flow else request.offset)
        parent = _key_line(request.document.lines, number)
        return _beside(request.document.lines, parent.number, parent.column, parent.begins_item) if parent else {}
    lines = request.document.lines
    number, column, begins_item = _line_at(request)
    for _ in range(level):
        parent = _parent(lines, number, column, begins_item=begins_item)
        if parent is None:
            return {}
        number, column, begins_item = parent.number, parent.column, parent.begins_item
    return _beside(lines, number, column, begins_item)


def _line_at(request: Request) -> tuple[int, int, bool]:
    """The cursor's line, the column of a key that is or may be typed in it, and whether a dash is before that."""
    lines = request.document.lines
    number = lines.line_of(request.offset)
    line = lines.line_text(number)
    own = _key_line(lines, number)
    if own is not None:
        return number, own.column, own.begins_item
    typed = line[: request.offset - lines.line_start(number)]
    bare = line.lstrip(" ") if line.strip() else ""
    before = len(line) - len(bare) if bare else len(typed)
    begins_item = bare.startswith("-")
    column = before + len(bare) - len(bare.lstrip("- \t")) if begins_item else before
    if begins_item and not bare.lstrip("- \t"):
        column = len(typed)
    return number, column, begins_item


def action_around(request: Request) -> Keys:
    """The keys of the action whose steps the cursor is in; none where that cannot be said."""
    if request.context.in_flow:
        return {}
    lines = request.document.lines
    number, column, begins_item = _line_at(request)
    for _ in range(_MOST_NESTED):
        parent = _parent(lines, number, column, begins_item=begins_item)
        if parent is None:
            break
        number, column, begins_item = parent.number, parent.column, parent.begins_item
        if parent.name == "steps":
            return _beside(lines, number, column, begins_item)
    return {}


def items_above(request: Request) -> tuple[str, ...]:
    """The first key of each item above the one at the cursor in its block sequence, in the order of the text."""
    lines = request.document.lines
    number = lines.line_of(request.offset)
    line = lines.line_text(number)
    indentation = len(line) - len(line.lstrip(" "))
    if request.context.in_flow:
        return ()
    if not line.strip():
        indentation = request.offset - lines.line_start(number)
    deeper = " " * (indentation + 1)
    found: list[str] = []
    for above in range(number - 1, max(number - _MOST_LINES, -1), -1):
        if lines.text.startswith(deeper, lines.line_start(above)):
            continue
        bare = lines.line_text(above)[:_LONGEST_LINE].lstrip(" ")
        if not bare or bare.startswith("#"):
            continue
        key = _key_line(lines, above)
        if key is None or not key.begins_item or not lines.text.startswith("-", lines.line_start(above) + indentation):
            break
        found.append(key.name)
        if len(found) == _MOST_ITEMS:
            break
    return tuple(reversed(found))


def listed_beside(request: Request) -> frozenset[str]:
    """The texts of the other items of the list at the cursor."""
    if request.context.in_flow:
        items = _flow_items(request)
        return frozenset(
            item.value for item in items if isinstance(item, nodes.Scalar) and not item.span.contains(request.offset)
        )
    lines = request.document.lines
    number = lines.line_of(request.offset)
    line = lines.line_text(number)
    indentation = len(line) - len(line.lstrip(" "))
    found: set[str] = set()
    for numbers in (range(number - 1, -1, -1), range(number + 1, lines.line_count)):
        for other in numbers[:_MOST_ITEMS]:
            text = lines.line_text(other)
            bare = text.lstrip(" ")
            if not bare or bare.startswith("#"):
                continue
            depth = len(text) - len(bare)
            if depth < indentation or (depth == indentation and not bare.startswith("- ")):
                break
            if depth == indentation:
                raw = bare[1:].lstrip(" ")
                found.add(_unquoted(raw[: value_length(raw)]))
    return frozenset(found)


# Block mappings.


def _beside(lines: LineIndex, number: int, column: int, begins_item: bool) -> Keys:  # noqa: FBT001
    """The keys of the mapping whose keys begin at ``column``, but for that of the line ``number``."""
    found: dict[str, str | None] = {}
    if not begins_item:
        for key in _siblings(lines, range(number - 1, max(number - _MOST_LINES, -1), -1), column):
            found.setdefault(key.name, key.value)
            if key.begins_item:
                break
    for key in _siblings(lines, range(number + 1, min(number + _MOST_LINES, lines.line_count)), column):
        if key.begins_item:
            break
        found[key.name] = key.value
    return found


def _siblings(lines: LineIndex, numbers: range, column: int) -> Iterator[_KeyLine]:
    """The lines whose key begins at ``column``, up to the first line that is out of the mapping."""
    deeper = " " * (column + 1)
    for number in numbers:
        start = lines.line_start(number)
        if lines.text.startswith(deeper, start):
            continue
        text = lines.line_text(number)[:_LONGEST_LINE]
        bare = text.lstrip(" \t")
        if not bare or bare.startswith("#"):
            continue
        indentation = len(text) - len(bare)
        key = _key_line(lines, number)
        if key is not None and key.column == column and (not key.begins_item or indentation < column):
            yield key
        elif indentation < column or text.startswith(("---", "...")):
            return


def _parent(lines: LineIndex, number: int, column: int, *, begins_item: bool) -> _KeyLine | None:
    """The line of the key whose value the mapping with its keys at ``column`` is, an item of a list passed over."""
    # The dash of an item may be in the column of the key above.
    limit = column
    for above in range(number if begins_item else number - 1, max(number - _MOST_LINES, -1), -1):
        if above != number and lines.text.startswith(" " * (limit + 1), lines.line_start(above)):
            continue
        text = lines.line_text(above)[:_LONGEST_LINE]
        bare = text.lstrip(" \t")
        if not bare or bare.startswith("#"):
            continue
        indentation = len(text) - len(bare)
        key = _key_line(lines, above)
        if above != number and key is not None and key.column < limit:
            return key
        if bare.startswith("-") and indentation < limit:
            limit = indentation + 1  # a key in the dash's column is above it
        elif key is None and indentation < limit and not bare.startswith("-"):
            return None
    return None


def _key_line(lines: LineIndex, number: int) -> _KeyLine | None:
    match = KEY_LINE.match(lines.line_text(number)[:_LONGEST_LINE])
    if match is None:
        return None
    raw = match.group("value")
    value = raw[: value_length(raw)]
    is_scalar = bool(value) and value[0] not in "{[|>&*!"
    return _KeyLine(
        number,
        match.start("key"),
        _unquoted(match.group("key")),
        _unquoted(value) if is_scalar else None,
        bool(match.group("dashes")),
    )


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] else text


# Flow collections.


def _flow_mappings(request: Request) -> list[nodes.Mapping]:
    """The flow mappings around the cursor, outermost first."""
    return [each for each in _collections(request) if isinstance(each, nodes.Mapping) and each.flow]


def _flow_items(request: Request) -> tuple[nodes.Node, ...]:
    """The items of the innermost flow sequence around the cursor."""
    sequences = [each for each in _collections(request) if isinstance(each, nodes.Sequence) and each.flow]
    return sequences[-1].items if sequences else ()


def _collections(request: Request) -> Iterator[nodes.Mapping | nodes.Sequence]:
    """The collections around the cursor, outermost first."""
    node: nodes.Node | None = request.document.tree.root
    offset = request.offset
    while isinstance(node, nodes.Mapping | nodes.Sequence) and node.span.contains(offset):
        yield node
        if isinstance(node, nodes.Mapping):
            entry = next((each for each in node.entries if each.span.contains(offset)), None)
            node = entry.value if entry is not None else None
        else:
            node = next((item for item in node.items if item.span.contains(offset)), None)


def _of_mapping(request: Request, mapping: nodes.Mapping) -> Keys:
    return {
        entry.name: entry.value.value if isinstance(entry.value, nodes.Scalar) else None
        for entry in mapping.entries
        if entry.name is not None and not entry.key.span.contains(request.offset)
    }
