"""What follows from a typed Enter or ``-``: the indentation of the line, and the dash of a further item.

Read from the lines around, as the text is half typed. A line that has something else on it is left alone, and so is
the inside of block scalars, quoted scalars and flow collections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.language.keys import UNKNOWN_PLACE
from specql_lsp.syntax.cursor import ancestors, unquoted
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.parsing.recovery import BLOCK_SCALAR, KEY_LINE, value_length
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.workspace.documents import Document

ENTER = "\n"
DASH = "-"

_MOST_LINES_UP = 2_000
_SEARCHED = 20_000
"""Code points of the beginning of a text in which its indentation is looked for."""
_LONGEST_LINE = 1_000
_NESTED = re.compile(
    r"^(?P<outer>[ ]*(?:-[ ]+)?)[\w'\"]{1,100}:[ ]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)"
    r"(?P<inner>[ ]*)(?P<dash>-[ ])?(?=[^\s#])",
    re.MULTILINE,
)
_ITEM = re.compile(r"(?P<indent>[ ]*)(?P<dashes>(?:-[ ]+)+)(?P<rest>\S.*)\Z")
_NO_VALUE = re.compile(r"(?:[&!]\S*[ \t]*)*(?:#.*)?\Z")


def on_type_formatting(
    document: Document, offset: int, character: str, *, indentation: int = 2
) -> tuple[TextEdit, ...]:
    """The edits after a character was typed.

    Args:
        document: the document with the character.
        offset: the cursor, behind what was typed.
        character: ``ENTER`` or ``DASH``.
        indentation: the columns of a level in a text that has no level yet.
    """
    if not document.is_specql:
        return ()
    lines = document.lines
    number = lines.line_of(offset)
    line = lines.line_text(number)
    if _is_quoted(lines, number):
        return ()
    if character == ENTER and number > 0 and not line.strip(" \t"):
        wanted = _after_enter(document, number, len(line), indentation)
    elif character == DASH and re.fullmatch(r" +-", line):
        column = _dash_column(lines, number, len(line) - 1)
        wanted = " " * column + "-" if column is not None else None
    else:
        return ()
    if wanted is None or wanted == line:
        return ()
    start = lines.line_start(number)
    if character == DASH:
        return (TextEdit(Span(start, start + len(line) - 1), wanted[:-1]),)
    return (TextEdit(Span(start, start + len(line)), wanted),)


class _Steps(NamedTuple):
    mapping: int
    sequence: int


def _steps(text: str, default: int) -> _Steps:
    """The indentation below keys that most of a text has."""
    mappings: Counter[int] = Counter()
    sequences: Counter[int] = Counter()
    for match in _NESTED.finditer(text, 0, _SEARCHED):
        step = len(match["inner"]) - len(match["outer"])
        if match["dash"] and step >= 0:
            sequences[step] += 1
        elif step > 0:
            mappings[step] += 1
    indented = next((step for step, _ in sequences.most_common() if step > 0), default)
    mapping = mappings.most_common(1)[0][0] if mappings else indented
    return _Steps(mapping, sequences.most_common(1)[0][0] if sequences else mapping)


def _after_enter(document: Document, number: int, width: int, default: int) -> str | None:
    """What the empty line behind a typed line break is to hold; None if it is right as it is."""
    lines = document.lines
    above = lines.line_text(number - 1)
    if len(above) > _LONGEST_LINE or above.lstrip(" ").startswith("#"):
        return None
    path, flow, is_text = ancestors(lines, number - 1, len(above) - len(above.lstrip(" ")))
    if is_text or flow is not None or ancestors(lines, number, width)[1] is not None:
        return None
    key = KEY_LINE.match(above)
    if key is None:
        item = _ITEM.match(above)
        return item["indent"] + item["dashes"] if item is not None and _is_whole(item["rest"]) else None
    column = key.start("key")
    value = key["value"]
    if BLOCK_SCALAR.match(value):
        return " " * (column + _steps(document.text, default).mapping)
    if _NO_VALUE.match(value) is None:
        # What is beside a key that is behind a dash is in the column of that key.
        return " " * column if key["dashes"] and _is_whole(value) else None
    below = _column_below(lines, number)
    if below is not None and below > column:
        return " " * below
    table = document.key_table
    place = table.walk((*path, unquoted(key["key"]))) if table is not None else UNKNOWN_PLACE
    if place.value is not None and place.level is None and place.value.items is None:
        return " " * column if key["dashes"] else None
    steps = _steps(document.text, default)
    is_list = place.value is not None and place.level is None
    return " " * (column + (steps.sequence if is_list else steps.mapping))


def _is_whole(value: str) -> bool:
    """Whether a value ends on its line, as far as the line shows."""
    text = value[: value_length(value)]
    if text[:1] in {"'", '"'}:
        return len(text) > 1 and text[-1] == text[0]
    if text[:1] in {"{", "["}:
        return text[-1] in "]}"
    return BLOCK_SCALAR.match(value) is None


def _is_quoted(lines: LineIndex, number: int) -> bool:
    """Whether a line is inside a quoted scalar that begins behind a key or a dash above."""
    for row in _outwards(lines, number):
        key = KEY_LINE.match(row) or _ITEM.match(row)
        value = key[key.lastindex or 0] if key is not None else ""
        if value[:1] in {"'", '"'} and not _is_whole(value):
            return True
    return False


def _column_below(lines: LineIndex, number: int) -> int | None:
    """The column of the next line that holds something."""
    for below in range(number + 1, min(number + 20, lines.line_count)):
        text = lines.line_text(below)
        bare = text.lstrip(" ")
        if bare.strip() and not bare.startswith("#"):
            return len(text) - len(bare)
    return None


def _dash_column(lines: LineIndex, number: int, column: int) -> int | None:
    """The column of the items to which a dash on a line of its own belongs; None if it is right, or belongs to none."""
    _, flow, is_text = ancestors(lines, number, column)
    if flow is not None or is_text:
        return None
    columns: list[int] = []
    ended: set[int] = set()
    """Where a key has ended the items in its column, which are those of the key before it."""
    is_next = True
    for row in _outwards(lines, number):
        key = KEY_LINE.match(row)
        if is_next and key is not None and column >= key.start("key") and _NO_VALUE.match(key["value"]):
            return None  # the first item below a key
        is_next = False
        item = _ITEM.match(row)
        if item is None:
            ended.add(len(row) - len(row.lstrip(" ")))
        elif len(item["indent"]) not in ended:
            columns.append(len(item["indent"]))
    if not columns or column in columns:
        return None
    return next((each for each in columns if each < column), columns[-1])


def _outwards(lines: LineIndex, number: int) -> Iterator[str]:
    """The lines above that are less indented than every one behind them, and their siblings; nearest first."""
    least: int | None = None
    for above in range(number - 1, max(number - _MOST_LINES_UP, -1), -1):
        row = lines.line_text(above)[:_LONGEST_LINE]
        bare = row.lstrip(" ")
        if not bare.strip() or bare.startswith("#"):
            continue
        indentation = len(row) - len(bare)
        if least is None or indentation < least or (indentation == least and bare.startswith("- ")):
            yield row
            least = indentation if least is None else min(least, indentation)
        if not least:
            return
