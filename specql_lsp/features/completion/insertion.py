"""Where an accepted proposal is written, and with which quotes, so that the file stays YAML that says what was meant.

Whatever follows the cursor, the whole scalar is replaced; quotes that are there are kept and closed, and
quotes that are missing are added where YAML 1.1 needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.snippet import Snippet
from specql_lsp.features.completion.snippet_places import SnippetPlace
from specql_lsp.language.type_syntax import OpenReference
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.text import Span

_FLOW_INDICATORS = re.compile(r"[,?\[\]{}]")  # the question mark is PyYAML's rule
_NOT_IN_A_NAME = re.compile(r"[\s,{}\[\]#:'\"]")
_BEHIND_A_NAME = re.compile(r"[,:#{}\[\]]")
_NOT_IN_A_TARGET = re.compile(r"[()|\s,!='\"{}\[\]#]")
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)")
_WORD = re.compile(r"\w*")
_MOST_LINES_BELOW = 50
"""Lines in which the one that follows a scalar's first line is looked for."""
_CLOSED_CALL = re.compile(r"[^()]*\)")


@dataclass(frozen=True, slots=True)
class Insertion:
    """A span to replace, and what is written around the proposal's text."""

    span: Span
    typed_quote: str = ""
    """The quote that is there already; it is kept."""
    preferred_quote: str = "'"
    must_quote: Callable[[str], bool] = yaml11.needs_quotes
    """Whether a text gets quotes where none are typed."""
    head: str = ""
    tail: str = ""
    filter_head: str = ""
    """The part of the replaced span before the typed text: clients compare both with ``filterText``."""
    filter_tail: str = ""
    column: int = 0
    """The column of the first line's text, for what is written on several lines."""
    indentation: int = 0
    """How many of these columns are the line's own blanks: a client that expands snippets repeats them."""
    line_break: str = "\n"
    is_key: bool = False
    """Whether the text is a key, so that the tail is its colon, which lines have themselves."""

    def of_lines(self, lines: tuple[str, ...]) -> tuple[str, str]:
        """What replaces the span when lines with placeholders are accepted: as plain text, and as a snippet."""
        snippet = Snippet("", "", lines)
        plain = snippet.plain(self.column).replace("\n", self.line_break)
        written = snippet.text(self.column - self.indentation)
        head, tail = self.head, "" if self.is_key else self.tail
        return f"{head}{plain}{tail}", f"{_escaped(head)}{written}{_escaped(tail)}"

    def new_text(self, text: str) -> str:
        """What replaces the span when ``text`` is accepted."""
        return f"{self.head}{self._written(text)}{self.tail}"

    def filter_text(self, text: str) -> str:
        """What a client compares with the text between the span's start and the cursor."""
        return f"{self.filter_head}{text}{self.filter_tail}"

    def _written(self, text: str) -> str:
        quote = self.typed_quote or (self.preferred_quote if self.must_quote(text) else "")
        if quote == '"':
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return yaml11.quote(text) if quote else text


def value_insertion(request: Request, *, quote_always: bool = False, as_written: bool = False) -> Insertion:
    """Writes a whole value: a name or a code.

    Args:
        request: the request.
        quote_always: whether it gets quotes in any case, as a table code does.
        as_written: whether it gets none, as ``true`` does.
    """
    context, text = request.context, request.document.text
    span = _scalar_span(request)
    quote = _quote_before_cursor(request, span)
    return Insertion(
        span,
        typed_quote=context.quote,
        must_quote=_quoting(request, quote_always=quote_always, as_written=as_written),
        head=" " if context.needs_space else "",
        # Without white space before it, a "#" would become part of the value.
        tail=" " if text[span.end : span.end + 1] == "#" else "",
        filter_head=quote,
        filter_tail=quote,
    )


def _quoting(request: Request, *, quote_always: bool, as_written: bool) -> Callable[[str], bool]:
    if quote_always:
        return _always
    if as_written:
        return _never
    return _needs_quotes_in_flow if request.context.in_flow else yaml11.needs_quotes


def word_insertion(request: Request, typed: str) -> Insertion:
    """Writes a word of a value, up to where the word under the cursor ends; what is behind it stays.

    Args:
        request: the request.
        typed: the part of the word before the cursor.
    """
    context, text, offset = request.context, request.document.text, request.offset
    scalar_end = max(context.replace.end, offset)
    match = _WORD.match(text, offset, scalar_end)
    end = match.end() if match is not None else offset
    start = offset - len(typed)
    head = filter_head = ""
    if context.needs_space:
        # "email:te" is no key and value before a space is put between them.
        filter_head = text[context.replace.start : start].lstrip()
        head, start = " " + filter_head, context.replace.start
    is_open = bool(context.quote) and not (context.closed or context.is_continued or text[end:scalar_end].strip())
    is_open = is_open and not goes_on_below(request)
    tail = context.quote if is_open else " " if text[end : end + 1] == "#" else ""
    return Insertion(Span(start, end), must_quote=_never, head=head, tail=tail, filter_head=filter_head)


def goes_on_below(request: Request) -> bool:
    """Whether the next line belongs to what is at the cursor: it is deeper than the cursor's line."""
    lines = request.document.lines
    number = lines.line_of(request.offset)
    line = lines.line_text(number)
    below = range(number + 1, min(number + _MOST_LINES_BELOW, lines.line_count))
    following = next((text for text in map(lines.line_text, below) if text.strip()), "")
    return len(following) - len(following.lstrip(" \t")) > len(line) - len(line.lstrip(" \t-"))


def place_insertion(place: SnippetPlace, text: str) -> Insertion:
    """Writes a key or an item with all that belongs to it, where a snippet may begin; a missing dash is added."""
    dash = "- " if place.needs_dash else ""
    return Insertion(
        place.replace,
        must_quote=_never,
        head=dash,
        tail=":",
        column=place.column + len(dash),
        indentation=place.indentation,
        is_key=True,
        line_break="\r\n" if "\r\n" in text else "\n",
    )


def key_insertion(
    request: Request, *, must_quote: Callable[[str], bool] = yaml11.needs_quotes, preferred_quote: str = "'"
) -> Insertion:
    """Writes a key and, where none is there, its colon.

    Args:
        request: the request.
        must_quote: whether a key gets quotes where none are typed.
        preferred_quote: the quote that the key's siblings have.
    """
    context, text = request.context, request.document.text
    span = _scalar_span(request)
    if text.startswith(":", span.start) and request.offset == span.start:
        span = Span(span.start, span.start)  # the key was deleted, and its colon stayed
    quote = _quote_before_cursor(request, span)
    has_colon = context.has_colon or _COLON.match(text, span.end) is not None
    return Insertion(
        span,
        typed_quote=context.quote,
        preferred_quote=preferred_quote,
        must_quote=must_quote,
        tail="" if has_colon else ":",
        filter_head=quote,
        filter_tail=quote,
    )


def reference_insertion(request: Request, reference: OpenReference) -> Insertion:
    """Writes one target of a ``ref(``, up to the next ``)`` or ``|``; what is missing behind it is added."""
    context, text, offset = request.context, request.document.text, request.offset
    start = offset - len(context.prefix) + reference.start
    scalar_end = max(context.replace.end, offset)
    stop = _NOT_IN_A_TARGET.search(text, offset, scalar_end)
    end = stop.start() if stop else scalar_end
    rest = text[end:scalar_end]
    unclosed = bool(context.quote) and not context.closed
    tail = ""
    if unclosed and rest.startswith(")"):
        end, tail = end + 1, ")" + context.quote
    elif unclosed and not rest.startswith("|"):
        tail = ")" + context.quote
    elif not _CLOSED_CALL.match(rest) and not rest.startswith("|"):
        tail = ")"
    filter_head = head = ""
    if context.needs_space:
        # "company:ref(" is no key and value before a space is put between them.
        head = filter_head = text[context.replace.start : start].lstrip()
        head, start = " " + head, context.replace.start
    schema = f"{reference.schema}." if reference.schema is not None else ""
    return Insertion(
        Span(start, end), must_quote=_never, head=head + schema, tail=tail, filter_head=filter_head + schema
    )


def _quote_before_cursor(request: Request, span: Span) -> str:
    """The opening quote if the replaced span begins with it and the cursor is behind it, else an empty text."""
    quote = request.context.quote
    typed = request.document.text[span.start : request.offset].lstrip(" \t")
    return quote if quote and typed.startswith(quote) else ""


def _escaped(text: str) -> str:
    """The text as a snippet has it (LSP 3.17, "Snippet Syntax")."""
    return re.sub(r"[\\$}]", r"\\\g<0>", text) if text else ""


def _always(_text: str) -> bool:
    return True


def _never(_text: str) -> bool:
    return False


def _needs_quotes_in_flow(text: str) -> bool:
    return yaml11.needs_quotes(text) or _FLOW_INDICATORS.search(text) is not None


def _scalar_span(request: Request) -> Span:
    """The span of the scalar under the cursor, but only the typed word of a quoted one that was left open.

    An open quote swallows what follows it, be it a comment or, up to the next quote, the rest of a flow mapping.
    Names and codes hold no white space and no brackets, so that the word ends where the value was meant to.
    """
    context, text, offset = request.context, request.document.text, request.offset
    span = context.replace
    if not context.quote or offset <= span.start:
        return span
    inner_start = text.index(context.quote, span.start) + 1
    inner_end = span.end - 1 if context.closed else span.end
    if context.closed and not _BEHIND_A_NAME.search(text, inner_start, inner_end):
        return span
    stop = _NOT_IN_A_NAME.search(text, max(offset, inner_start), span.end)
    end = stop.start() if stop else span.end
    if text[end : end + 1] == context.quote and end < span.end:
        end += 1
    return Span(span.start, max(end, offset))
