"""A file of several YAML documents, of which SpecQL reads none: each document but the first gets a file of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.diagnostics.rules.syntax import SEVERAL_DOCUMENTS
from specql_lsp.features.model import ActionKind, CodeAction, NewFile
from specql_lsp.features.new_files import file_name, is_free, uri_for
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

_TITLE = "Move each further document into a file of its own"
_MARK = re.compile(r"^(?P<mark>---|\.\.\.)(?=[ \t]|\r|\n|\Z)[ \t]*(?P<comment>#[^\r\n]*)?(?:\r\n|\n|\r)?", re.MULTILINE)


class _Part(NamedTuple):
    """The text of a document, and where its mark begins."""

    start: int
    text: str


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """Offered at the mark of the second document, where each document is an entity of its own."""
    fixes = tuple(finding for finding in request.findings if finding.code == SEVERAL_DOCUMENTS.code)
    document = request.document
    if not fixes or document.tree.has_problems:
        return
    first, *others = _parts(document.text)
    files: dict[str, str] = {}
    for part in others:
        single = Document(document.uri, part.text)
        entity = single.entity
        if entity is None or entity.name is None or single.tree.document_count > 1:
            yield _disabled(request, "Not every document is an entity with a name.")
            return
        home = document.entity or entity
        uri = uri_for(request.analysis, document, home, entity.schema, entity.name.value)
        if uri in files or uri == document.uri or not is_free(request.analysis, uri):
            yield _disabled(request, f"There is a file {file_name(entity.name.value)} already.")
            return
        files[uri] = part.text
    if not others or Document(document.uri, first.text).tree.document_count > 1:
        return
    edit = TextEdit(Span(others[0].start, len(document.text)), "")
    new_files = tuple(NewFile(uri, text) for uri, text in files.items())
    yield CodeAction(_TITLE, ActionKind.QUICK_FIX, fixes, (edit,), preferred=True, new_files=new_files)


def _disabled(request: ActionRequest, reason: str) -> CodeAction:
    fixes = tuple(finding for finding in request.findings if finding.code == SEVERAL_DOCUMENTS.code)
    return CodeAction(_TITLE, ActionKind.QUICK_FIX, fixes, disabled=f"{reason} Move them by hand.")


def _parts(text: str) -> list[_Part]:
    """The documents that hold anything; the first one with everything before its own mark."""
    bounds = [match for match in _MARK.finditer(text) if match["mark"] == "---"]
    parts: list[_Part] = []
    starts = [match.start() for match in bounds]
    if text[: starts[0] if starts else len(text)].strip():
        parts.append(_Part(0, text[: starts[0] if starts else len(text)]))
    for match, end in zip(bounds, [*starts[1:], len(text)], strict=True):
        if not parts:
            parts.append(_Part(0, text[:end]))
            continue
        comment = f"{match['comment']}\n" if match["comment"] else ""
        parts.append(_Part(match.start(), comment + text[match.end() : end].lstrip("\r\n")))
    return parts or [_Part(0, text)]
