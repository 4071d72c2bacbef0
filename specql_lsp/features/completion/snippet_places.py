"""Where a snippet may begin: at a place where a key or an item of a block can start, and nowhere else.

The lines say what is probable, a parse of the text with a sample in the snippet's place says what is so: prose, quoted
text, block scalars, flow collections and values never pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from specql_lsp.features.completion.request import Request
from specql_lsp.items.entity import EntityItem
from specql_lsp.syntax.cursor import ITEM, CursorKind
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, path_at, walk
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.workspace.documents import Document

LONGEST_TEXT = 200_000
"""A longer text, in characters, gets no snippets: a parse for each key that is typed would take too long."""
_LINE = re.compile(r"(?P<indent> *)(?P<dash>- +)?(?P<word>[A-Za-z_]*)[ \t]*\Z")
_SAMPLE = "specql__sample"


@dataclass(frozen=True, slots=True)
class SnippetPlace:
    """A place where a key or an item may start.

    Attributes:
        replace: the span of the word that is typed there.
        column: the column of that word.
        indentation: the blanks that the line begins with.
        typed: the word up to the cursor.
        needs_dash: whether the snippet is an item whose dash is not typed yet.
        entity: the file as it is read with a sample in this place; None in a file that has nothing else or no entity.
        keys: the keys beside the place, where it is one for a key.
        is_item: whether a new item of a list begins there.
    """

    replace: Span
    column: int
    indentation: int
    typed: str
    needs_dash: bool = False
    entity: EntityItem | None = None
    keys: frozenset[str] = frozenset()
    is_item: bool = False


def key_place(request: Request) -> SnippetPlace | None:
    """The place where a key of the mapping that the context names may start; None where none may."""
    place = _word(request)
    if place is None or place.column != place.indentation or request.context.kind is not CursorKind.KEY:
        return None
    return _confirmed(request, place, request.context.path, f"{_SAMPLE}: {_SAMPLE}", is_item=False)


def item_place(request: Request) -> SnippetPlace | None:
    """The place where an item of the sequence that the context names may start; None where none may."""
    place, context = _word(request), request.context
    if place is None:
        return None
    if place.column == place.indentation:
        if context.kind is not CursorKind.KEY:
            return None
        return _confirmed(request, place, (*context.path, ITEM), f"- {_SAMPLE}: {_SAMPLE}", is_item=True)
    if context.path[-1:] != (ITEM,):
        return None
    return _confirmed(request, place, context.path, f"{_SAMPLE}: {_SAMPLE}", is_item=True)


def empty_file(document: Document, offset: int) -> SnippetPlace | None:
    """The first word of a file that holds nothing else but comments; None elsewhere."""
    line = document.lines.line_of(offset)
    start, text = document.lines.line_start(line), document.lines.line_text(line)
    match = re.match(r"(?P<word>[A-Za-z_]*)[ \t]*\Z", text)
    if match is None or offset - start > match.end("word"):
        return None
    others = (document.lines.line_text(n) for n in range(document.lines.line_count) if n != line)
    if any(other.strip() and not other.lstrip().startswith("#") for other in others):
        return None
    return SnippetPlace(Span(start, start + match.end("word")), 0, 0, text[: offset - start])


def _word(request: Request) -> SnippetPlace | None:
    """The word at the cursor, where its line holds nothing else but an item's dash."""
    context, lines = request.context, request.document.lines
    if context.in_flow or context.quote or context.has_colon or len(request.document.text) > LONGEST_TEXT:
        return None
    line = lines.line_of(request.offset)
    start = lines.line_start(line)
    match = _LINE.match(lines.line_text(line))
    if match is None or not match.start("word") <= request.offset - start <= match.end("word"):
        return None
    span = Span(start + match.start("word"), start + match.end("word"))
    typed = request.document.text[span.start : request.offset]
    return SnippetPlace(span, match.start("word"), len(match["indent"]), typed)


def _confirmed(
    request: Request, place: SnippetPlace, path: tuple[str, ...], sample: str, *, is_item: bool
) -> SnippetPlace | None:
    """The place, where a sample in it is read as the entry that a snippet would be."""
    lines = request.document.lines.edited(*place.replace, sample)
    document = _read(_Sampled(request.document.uri, lines.text, request.document, lines))
    tree, entity = document.tree, document.entity
    if (entity is None and document.library_kind is None) or tree.broken or tree.document_count > 1:
        return None
    at = place.replace.start + sample.index(_SAMPLE)
    line = document.lines.line_of(at)
    if any(abs(document.lines.line_of(problem.span.start) - line) <= 1 for problem in tree.problems):
        return None
    found = path_at(tree.root, at)
    if found.names != (*path, _SAMPLE) or not found.on_key:
        return None
    entry = found.steps[-1].entry
    if entry is None or not isinstance(entry.value, Scalar) or entry.value.value != _SAMPLE:
        return None  # what follows is read as more of the value
    siblings = _mapping_with(tree.root, entry)
    if siblings is None or siblings.flow or (is_item and len(siblings.entries) > 1):
        return None
    keys = frozenset(e.name for e in siblings.entries if e.name is not None and e is not entry)
    needs_dash = sample.startswith("-")
    return SnippetPlace(place.replace, place.column, place.indentation, place.typed, needs_dash, entity, keys, is_item)


@dataclass(frozen=True, slots=True)
class _Sampled:
    """The text with a sample in it, and what it was made of."""

    uri: str
    text: str
    document: Document = field(compare=False)
    lines: LineIndex = field(compare=False)


@lru_cache(maxsize=1)
def _read(sampled: _Sampled) -> Document:
    """The document with a sample in it. Kept: it is the same for each letter of the word that the sample replaces."""
    return sampled.document.edited(sampled.lines, None, is_registry=False)


def _mapping_with(root: Node | None, entry: Entry) -> Mapping | None:
    return next((n for n in walk(root) if isinstance(n, Mapping) and entry in n.entries), None) if root else None
