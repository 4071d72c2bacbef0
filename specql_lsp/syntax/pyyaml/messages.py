"""What is wrong with a YAML text, as a sentence that says what to do, at the place where it is to be done."""

from __future__ import annotations

import re

from specql_lsp.syntax.parsing.recovery import KEY_LINE
from specql_lsp.syntax.pyyaml import MAX_DEPTH, ErrorKind, Kind, Token, YamlError
from specql_lsp.syntax.text import LineIndex, Span

_KEY_OR_ITEM = re.compile(r"[ \t]*(?:-[ \t]|[A-Za-z_][\w.-]*:(?:[ \t]|\Z))")
_ITEM = re.compile(r" *-[ ]+(?=[^ #])")
_NO_SPACE = re.compile(r"([A-Za-z_]\w*):(\S.*)\Z")
_MAX_KEY_LENGTH = 1024
_CLOSERS = {"[": "]", "{": "}"}
_OPENERS = {"]": "[", "}": "{"}
_GENERAL = "This is not valid YAML here."


def explain(text: str, lines: LineIndex, error: YamlError) -> tuple[Span, str]:
    """The place to show and the sentence for an error that ``first_error`` found.

    An unclosed quote or bracket is found only where something after it fits no more; it is shown where it opens.
    """
    quote = _swallowing_quote(lines, error)
    if quote is not None:
        return Span(quote.start, lines.line_span(lines.line_of(quote.start)).end), _unclosed_quote(text, quote.start)
    if error.bracket is not None:
        bracket = _in_brackets(text, lines, error, error.bracket)
        if bracket is not None:
            return bracket
    if error.kind is ErrorKind.UNEXPECTED:
        return _unexpected(text, lines, error)
    if error.kind is ErrorKind.MISSING_COLON:
        return _missing_colon(text, lines, error.span)
    if error.kind is ErrorKind.UNEXPECTED_COLON:
        return _unexpected_colon(text, lines, error)
    return _at_token(text, lines, error)


def _unclosed_quote(text: str, start: int) -> str:
    return f"This quote is not closed: add {'the closing' if text[start] == chr(34) else 'a closing'} {text[start]}."


def _swallowing_quote(lines: LineIndex, error: YamlError) -> Token | None:
    """The quoted text that took whole lines of keys with it, as its closing quote is missing."""
    for token in reversed(error.before):
        if token.kind is Kind.SCALAR and lines.text[token.start : token.start + 1] in {"'", '"'}:
            first = lines.line_of(token.start)
            if lines.line_of(token.end) > first and _KEY_OR_ITEM.match(lines.line_text(first + 1)):
                return token
            return None
    return None


def _in_brackets(text: str, lines: LineIndex, error: YamlError, start: int) -> tuple[Span, str] | None:
    opener = text[start]
    closer = _CLOSERS[opener]
    here = lines.line_of(error.span.start)
    opened = lines.line_of(start)
    unclosed = Span(start, start + 1), f"This {opener} is not closed: add a {closer}."
    tag = next((t for t in reversed(error.before) if t.kind is Kind.TAG), None)
    if tag is not None and closer in text[tag.start : tag.end]:
        return Span(tag.start, tag.end), f"This tag takes the {closer} with it: quote the value if it is a text."
    if error.token is Kind.STREAM_END:
        return unclosed
    if here > opened and KEY_LINE.match(lines.line_text(here)):
        indent = _indent(lines.line_text(here))
        if indent <= _indent(lines.line_text(opened)):
            return unclosed
    if error.kind is not ErrorKind.UNEXPECTED:
        return None
    character = text[error.span.start : error.span.end]
    if character in _OPENERS:
        return error.span, f"This {character} does not close the {opener} of line {opened + 1}: write {closer}."
    if character == ",":
        return error.span, "There is no value between these commas: delete one."
    return error.span, f"A comma or {closer} is missing before this."


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _unexpected(text: str, lines: LineIndex, error: YamlError) -> tuple[Span, str]:
    start = error.span.start
    line = lines.line_of(start)
    line_span = lines.line_span(line)
    rest = Span(start, max(line_span.end, error.span.end))
    first_on_line = not text[line_span.start : start].strip(" ")
    character = text[start : start + 1]
    if error.token in {Kind.FLOW_SEQUENCE_END, Kind.FLOW_MAPPING_END}:
        opener = _OPENERS[character]
        return error.span, f"There is no {opener} that this {character} closes: delete it, or quote the value."
    if error.token is Kind.FLOW_ENTRY:
        return error.span, "A comma has no place here: quote the value if it is a text."
    last = error.before[-1] if error.before else None
    if not first_on_line and last is not None and lines.line_of(last.end) == line:
        ending = text[last.end - 1 : last.end]
        if last.kind is Kind.SCALAR and ending == "'":
            return rest, "Nothing may follow a closing quote: write '' for an apostrophe between single quotes."
        if last.kind is Kind.SCALAR and ending == '"':
            return rest, 'Nothing may follow a closing quote: write \\" for a quote between double quotes.'
        if ending in {"]", "}"}:
            return rest, f"Nothing may follow the closing {ending}: quote the whole value if it is a text."
    if error.token is Kind.VALUE:
        return error.span, "There is no key before this colon."
    if error.token is Kind.BLOCK_ENTRY:
        return rest, "A list item cannot stand among keys: indent it below the key that it belongs to."
    if error.token is Kind.KEY and first_on_line:
        return rest, "A key cannot stand among the items of a list: indent it to belong to an item."
    if first_on_line and error.token is not Kind.STREAM_END:
        return rest, _indentation(lines, line)
    return rest, _GENERAL


def _indentation(lines: LineIndex, line: int) -> str:
    """The indentations above that the line could have."""
    indent = _indent(lines.line_text(line))
    possible: set[int] = set()
    deepest: int | None = None
    for above in range(line - 1, max(line - 500, -1), -1):
        text = lines.line_text(above)
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        column = _indent(text)
        item = _ITEM.match(text)
        if item and (deepest is None or item.end() < deepest):
            possible.add(item.end())
        if deepest is None or column < deepest:
            deepest = column
            possible.add(column)
        if column == 0:
            break
    if indent in possible:
        return _GENERAL
    near = sorted(possible, key=lambda column: (abs(column - indent), column))[:2]
    if not near:
        return "The indentation of this line fits no line above it."
    spaces = " or ".join(str(column) for column in sorted(near))
    plural = "" if near == [1] else "s"
    return f"The indentation of this line fits no line above it: indent it by {spaces} space{plural}, not {indent}."


def _missing_colon(text: str, lines: LineIndex, span: Span) -> tuple[Span, str]:
    line = lines.line_span(lines.line_of(span.start))
    span = Span(span.start, max(min(span.end, line.end), span.start + 1))
    written = text[span.start : span.end]
    together = _NO_SPACE.match(written)
    if together:
        return span, f"Put a space after the colon: {together.group(1)}: {together.group(2)}"
    shown = written if len(written) <= 40 else written[:39] + "…"
    return span, f"There is no colon after {shown}: put a colon and a space after a key, or indent it as a value."


def _unexpected_colon(text: str, lines: LineIndex, error: YamlError) -> tuple[Span, str]:
    at = error.span.start
    number = lines.line_of(at)
    line = lines.line_span(number)
    scalar = error.before[-1] if error.before and error.before[-1].kind is Kind.SCALAR else None
    if scalar is not None and at - scalar.start > _MAX_KEY_LENGTH:
        return Span(scalar.start, at), f"A key has at most {_MAX_KEY_LENGTH:,} characters: shorten this one."
    if scalar is not None and lines.line_of(scalar.start) < number:
        is_value = len(error.before) > 1 and error.before[-2].kind in {Kind.VALUE, Kind.ANCHOR, Kind.TAG}
        if not is_value or lines.line_of(error.before[-2].start) < lines.line_of(scalar.start):
            return _missing_colon(text, lines, Span(scalar.start, scalar.end))
        start = line.start + _indent(lines.line_text(number))
        above = lines.line_of(scalar.start) + 1
        return Span(start, at), (
            f"This key is indented deeper than line {above}, which has a value already: "
            "indent both lines alike, or delete that value."
        )
    value = next((t for t in reversed(error.before) if t.kind is Kind.VALUE and t.start >= line.start), None)
    if value is not None:
        start = value.end
        while start < at and text[start] in " \t":
            start += 1
        return Span(start, line.end), "A colon with a space after it begins a new key: put this value in quotes."
    return error.span, "A colon has no place here: put the text in quotes."


def _at_token(text: str, lines: LineIndex, error: YamlError) -> tuple[Span, str]:
    span = error.span
    character = text[span.start : span.start + 1]
    kind = error.kind
    if kind is ErrorKind.UNCLOSED_QUOTE:
        return span, _unclosed_quote(text, span.start)
    if kind is ErrorKind.TAB:
        line_start = lines.line_start(lines.line_of(span.start))
        end = span.start
        while text[end : end + 1] == "\t":
            end += 1
        if text[line_start : span.start].strip(" "):
            return Span(span.start, end), "YAML 1.1 allows no tab here: use a space."
        return Span(span.start, end), "Tabs cannot indent YAML: use spaces."
    if kind is ErrorKind.BAD_DIRECTIVE:
        return span, "SpecQL's reader refuses this directive: delete the line."
    if kind is ErrorKind.UNKNOWN_HANDLE:
        return span, "No %TAG line defines what this tag begins with: take the tag away, or quote the value."
    if kind is ErrorKind.TOO_DEEP:
        return span, f"SpecQL's reader cannot read more than {MAX_DEPTH} levels of nesting: nest less deep."
    if kind is ErrorKind.UNKNOWN_ESCAPE:
        written = text[span.start : span.end]
        return span, f"{written} is no escape: write \\\\ for a backslash, or use single quotes."
    if kind is ErrorKind.UNEXPECTED_DASH:
        return span, "A list item begins on a line of its own: put it on the next line, or quote the value."
    if kind is ErrorKind.BAD_START:
        return span, f"A value cannot begin with {character}: put it in quotes."
    if kind is ErrorKind.BAD_BLOCK_HEADER:
        return span, f"The text begins on the line after {character}: put it there, or quote the value."
    if kind is ErrorKind.BAD_NAME:
        what = {"*": "An alias", "&": "An anchor"}.get(character, "A tag")
        return span, f"{what} needs a name after {character}: quote the value if it is a text."
    return span, _GENERAL
