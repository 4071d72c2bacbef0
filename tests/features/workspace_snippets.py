"""Workspaces as snippets: several files in one text, a cursor, and marks under what an answer points at.

A file begins with ``-- path --`` on a line of its own; what is before the first is the file ``a.yaml``. ``$0`` is the
cursor, once in all files. Beneath a line a mark says what is expected in it: carets under the text, then the mark's
name and, behind a colon, a message. The registry YAML, where a case needs one, is the file
``registry/domain_registry.yaml``; the registry is read from it, too.

    -- entities/crm/contact.yaml --
    entity: Contact
            ^^^^^^^ def
    -- entities/crm/lead.yaml --
    entity: Lead
    fields: {contact: ref(Con$0tact)}
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.index.symbols import Place
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.text import Position
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

FOLDER = "file:///workspace/"
REGISTRY_PATH = "registry/domain_registry.yaml"
NO_PATH = "a.yaml"
"""The path of a text before the first path."""

_FILE = re.compile(r"-- (?P<path>\S+) --\Z")
_MARK = re.compile(r"(?P<before>[^\^]*)(?P<carets>\^+) (?P<name>[a-z][a-z-]*)(?:: (?P<message>.*))?\Z")
_CURSOR = "$0"


class Mark(NamedTuple):
    """Something that is expected in a file: the line and the columns are from 0, in code points."""

    path: str
    line: int
    start: int
    end: int
    name: str
    message: str = ""

    @property
    def place(self) -> tuple[str, int, int, int]:
        """Where it is, without what it is."""
        return (self.path, self.line, self.start, self.end)


@dataclass(frozen=True)
class Workspace:
    """The files of a snippet, without their marks."""

    texts: dict[str, str]
    marks: tuple[Mark, ...]
    cursor: tuple[str, int] | None
    """The path of the file with the cursor, and the cursor's offset."""
    documents: dict[str, Document] = field(default_factory=dict)

    def document(self, path: str | None = None) -> Document:
        """The document of a file; without a path, the one with the cursor, else the first one."""
        if path is None:
            path = self.cursor[0] if self.cursor else next(iter(self.texts))
        return self.documents[path]

    @property
    def offset(self) -> int:
        """The cursor's offset in its file."""
        assert self.cursor is not None, "no cursor"
        return self.cursor[1]

    def read(self, uri: str) -> Document | None:
        """The document of a URI."""
        return self.documents.get(uri.removeprefix(FOLDER))

    def marked(self, *names: str) -> set[tuple[str, int, int, int]]:
        """The places of the marks with these names."""
        return {mark.place for mark in self.marks if mark.name in names}

    def analysis(self, *, registry: bool = True) -> Analysis:
        """What is known of the workspace; ``registry`` False: none can be read, though there may be a file."""
        documents = [document for path, document in self.documents.items() if path != REGISTRY_PATH]
        index = WorkspaceIndex(_summaries(documents))
        known = self.documents.get(REGISTRY_PATH)
        if not registry:
            return Analysis(registry=RegistryState(Provenance(reason="There is no registry.")), index=index)
        snapshot = Snapshot(())
        if known is not None and known.registry is not None:
            snapshot = snapshot_of(known.registry, known.tree)
        state = RegistryState(Provenance(Source.POSTGRESQL, writable=True), snapshot)
        return replace(Analysis(registry=state, index=index), registry_document=known)


def workspace(snippet: str) -> Workspace:
    """The workspace that a snippet describes."""
    texts: dict[str, list[str]] = {}
    marks: list[Mark] = []
    cursor: tuple[str, int] | None = None
    path = NO_PATH
    for line in textwrap.dedent(snippet).strip("\n").split("\n"):
        begins = _FILE.match(line)
        mark = _MARK.match(line)
        if begins:
            path = begins["path"]
            texts[path] = []
        elif mark and not mark["before"].strip():
            start, end = mark.span("carets")
            marks.append(Mark(path, len(texts[path]) - 1, start, end, mark["name"], mark["message"] or ""))
        else:
            lines = texts.setdefault(path, [])
            if _CURSOR in line:
                assert cursor is None, "one cursor"
                cursor = (path, len("\n".join([*lines, line.partition(_CURSOR)[0]])))
                line = line.replace(_CURSOR, "", 1)
            lines.append(line)
    joined = {path: "\n".join(lines) + "\n" for path, lines in texts.items()}
    documents = {
        path: Document(FOLDER + path, text, 1, is_registry=path == REGISTRY_PATH) for path, text in joined.items()
    }
    return Workspace(joined, tuple(marks), cursor, documents)


def spot(place: Place) -> tuple[str, int, int, int]:
    """A place as a mark has it; it is on one line."""
    assert place.start.line == place.end.line
    return (place.uri.removeprefix(FOLDER), place.start.line, place.start.column, place.end.column)


def at(document: Document, start: int, end: int) -> tuple[int, int, int]:
    """The line and the columns of a span on one line."""
    first, last = document.lines.position(start), document.lines.position(end)
    assert isinstance(first, Position)
    assert first.line == last.line
    return (first.line, first.column, last.column)


def _summaries(documents: Iterable[Document]) -> list[FileSummary]:
    return [summary for document in documents if (summary := summarize(document)) is not None]
