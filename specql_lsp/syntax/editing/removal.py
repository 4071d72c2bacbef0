"""Edits that take entries out of a YAML mapping, with the comments on their lines and inside them, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from specql_lsp.syntax import nodes
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Entry, Mapping, Node
from specql_lsp.syntax.text import Span


def removals(
    writer: YamlWriter, mapping: Mapping, entries: Iterable[Entry], holder: Entry | None
) -> tuple[TextEdit, ...]:
    """Takes entries out of a mapping; one that gets empty is written ``{}``.

    Args:
        writer: the document's.
        mapping: the mapping.
        entries: entries of it, at least one.
        holder: the entry whose value the mapping is; None where it is the document.
    """
    wanted = {entry.span for entry in entries}
    doomed = [entry for entry in mapping.entries if entry.span in wanted]
    if mapping.flow:
        spans = [
            Span(writer.entry_start(entry), max(writer.content_end(entry.span), entry.key.span.end))
            for entry in mapping.entries
        ]
        return tuple(_in_flow(writer, mapping.span, spans, [entry.span in wanted for entry in mapping.entries]))
    edits = [writer.edit(*span, "") for span in _block_spans(writer, doomed)]
    if len(doomed) == len(mapping.entries) and holder is not None:
        at = writer.after_colon(holder)
        edits.insert(0, writer.edit(at, at, " {}"))
    return tuple(edits)


def removals_of_items(writer: YamlWriter, sequence: nodes.Sequence, items: Iterable[Node]) -> tuple[TextEdit, ...]:
    """Takes items out of a flow sequence."""
    wanted = {item.span for item in items}
    spans = [Span(item.span.start, writer.content_end(item.span)) for item in sequence.items]
    return tuple(_in_flow(writer, sequence.span, spans, [item.span in wanted for item in sequence.items]))


def _block_spans(writer: YamlWriter, doomed: Sequence[Entry]) -> list[Span]:
    """The whole lines of block entries; those that follow one another as one span."""
    spans: list[Span] = []
    for entry in doomed:
        span = _with_empty_lines(writer, writer.extent(entry))
        if spans and spans[-1].end >= span.start:
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            spans.append(span)
    last = spans[-1]
    if last.end == len(writer.text) and not writer.text.endswith(("\n", "\r")) and last.start:
        # A text without a line break at its end goes on to have none.
        spans[-1] = Span(writer.end_of_line(last.start - 1), last.end)
    return spans


def _with_empty_lines(writer: YamlWriter, extent: Span) -> Span:
    """The span with the empty lines behind it, if there are empty lines before it, too."""
    lines, end = writer.lines, extent.end
    before = lines.line_of(extent.start) - 1
    if before >= 0 and not lines.line_text(before).strip():
        number = lines.line_of(end) if end < len(writer.text) else lines.line_count
        while number < lines.line_count - 1 and not lines.line_text(number).strip():
            number += 1
            end = lines.line_start(number)
    return Span(extent.start, end)


_TO_COMMA = re.compile(r"(?:\s|(?<=\s)#[^\r\n]*)*,")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?<=[ \t,])#[^\r\n]*)?(?:\r\n|\n|\r)")
_COMMENT = re.compile(r"[ \t]*(?<=[ \t,])#[^\r\n]*")
_GAP = re.compile(r"[ \t]*,[ \t]*\Z")


def _in_flow(
    writer: YamlWriter, collection: Span, parts: Sequence[Span], is_doomed: Sequence[bool]
) -> Iterable[TextEdit]:
    """Takes parts (entries or items) out of a flow collection."""
    text = writer.text
    if all(is_doomed) and "\n" not in text[collection.start : collection.end]:
        yield writer.edit(collection.start + 1, collection.end - 1, "")
        return
    kept_end: int | None = None
    """Where the last part that is kept ends, while none is kept after it."""
    pending: list[Span] = []
    for part, is_one in zip(parts, is_doomed, strict=True):
        if is_one:
            pending.append(_flow_span(writer, part.start, part.end))
        else:
            yield from (writer.edit(*span, "") for span in pending)
            pending, kept_end = [], part.end
    if pending and kept_end is not None and _GAP.match(text[kept_end : pending[0].start]):
        # The comma before what was last on the line goes with it.
        pending[0] = Span(kept_end, pending[0].end)
    yield from (writer.edit(*span, "") for span in pending)


def _flow_span(writer: YamlWriter, start: int, content_end: int) -> Span:
    """A flow entry with its comma and the comment behind it; whole lines if they hold nothing else."""
    text = writer.text
    comma = _TO_COMMA.match(text, content_end)
    end = comma.end() if comma else content_end
    line_start = writer.lines.line_start(writer.lines.line_of(start))
    rest = _REST_OF_LINE.match(text, end)
    if not text[line_start:start].strip() and rest is not None:
        return Span(line_start, rest.end())
    comment = _COMMENT.match(text, end)
    if comment is not None:
        return Span(start, comment.end())
    while text[end : end + 1] in {" ", "\t"}:
        end += 1
    return Span(start, end)
