"""Parts of a file as they are written, in Markdown."""

from __future__ import annotations

from specql_lsp.features.markdown import code, cut, fenced
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

_MOST_LINES = 15
_LONGEST_LINE = 200


def written(document: Document, span: Span, prefix: str = "Written ") -> str:
    """A part of a file: one line behind ``prefix``, several as a block of YAML, cut."""
    lines = _dedented(document, span)
    if len(lines) == 1 and lines[0]:
        shown = code(lines[0])
        return prefix + shown if shown.startswith("`") else fenced("yaml", lines)
    return fenced("yaml", lines) if lines else ""


def block(document: Document, span: Span) -> str:
    """A part of a file as a block of YAML, cut."""
    return fenced("yaml", _dedented(document, span))


def _dedented(document: Document, span: Span) -> list[str]:
    """The lines of a span without the indentation that the first has in its file."""
    start, end = span
    text = document.text[start:end].rstrip()
    line_start = document.lines.line_start(document.lines.line_of(start))
    margin = start - line_start
    before = document.text[line_start:start]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # Behind "- " or a key the first line has less before it than those below it.
    rest = lines[1:]
    indents = [len(line) - len(line.lstrip(" ")) for line in rest if line.strip()]
    if before.strip():
        margin = min(indents, default=0)
    shown = [lines[0], *(line[min(margin, len(line) - len(line.lstrip(" "))) :] for line in rest)]
    first = [cut(line, _LONGEST_LINE) for line in shown[:_MOST_LINES]]
    return [*first, f"# … {len(shown) - _MOST_LINES} more lines"] if len(shown) > _MOST_LINES else first
