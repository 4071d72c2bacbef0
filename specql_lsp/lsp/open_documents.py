"""The documents that the editor has open, by our spelling of their URIs.

A document whose text is not known any more, because a change could not be applied, is still open: neither its last
text nor the disk's is what the user sees.
"""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import canonical


class OpenDocuments:
    """Changed by the client's notifications only."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._client_uris: dict[str, str] = {}
        self._lost: set[str] = set()

    def __contains__(self, uri: str) -> bool:
        return uri in self._documents or uri in self._lost

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._documents.values()))

    def get(self, uri: str) -> Document | None:
        """The document of our URI, if it is open and its text is known."""
        return self._documents.get(uri)

    def now(self) -> dict[str, Document | None]:
        """Every open document by our URI; None where its text is not known."""
        return {**self._documents, **dict.fromkeys(self._lost)}

    def client_uri(self, uri: str) -> str:
        """The client's spelling of our URI."""
        return self._client_uris.get(uri, uri)

    def put(self, client_uri: str, lines: LineIndex, version: int | None, *, is_registry: bool) -> Document:
        """Takes the text of a document, as the index of its lines; of one that is open already, as a change."""
        uri = canonical(client_uri)
        self._client_uris[uri] = client_uri
        self._lost.discard(uri)
        known = self._documents.get(uri) or Document(uri, "", is_registry=is_registry)
        document = known.edited(lines, version, is_registry=is_registry)
        self._documents[uri] = document
        return document

    def lose(self, uri: str) -> None:
        """Marks an open document as one whose text is not known, until it is put again or removed."""
        if self._documents.pop(uri, None) is not None:
            self._lost.add(uri)

    def is_lost(self, uri: str) -> bool:
        """Whether a document is open and its text is not known."""
        return uri in self._lost

    def remove(self, uri: str) -> None:
        """Forgets a document."""
        self._documents.pop(uri, None)
        self._client_uris.pop(uri, None)
        self._lost.discard(uri)
