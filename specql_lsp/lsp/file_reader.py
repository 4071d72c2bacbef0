"""The texts of files for one request: the editor's as they were when it arrived, else the disk's."""

from __future__ import annotations

from collections.abc import Mapping

from specql_lsp.workspace.discovery import read_text
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of


class FileReader:
    """Reads files on the requests' thread; a file is read from the disk each time it is asked for.

    Args:
        open_documents: the editor's documents by our spelling of their URIs; None for one whose text is not known.
    """

    __slots__ = ("_open",)

    def __init__(self, open_documents: Mapping[str, Document | None]) -> None:
        self._open = open_documents

    def __call__(self, uri: str) -> Document | None:
        """The document of our URI; None where its text is not known or cannot be read."""
        if uri in self._open:
            return self._open[uri]
        path = path_of(uri)
        text = read_text(path) if path is not None else None
        return Document(uri, text) if text is not None else None
