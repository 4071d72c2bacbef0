"""The semantic tokens that the client has, by document: what the next delta is made from (LSP 3.17, "delta")."""

from __future__ import annotations

from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

if TYPE_CHECKING:
    from specql_lsp.lsp.convert.semantic_tokens import Data

MOST_DOCUMENTS = 64
"""Of more documents the answers used longest ago are forgotten: their next delta is a full answer."""


class Result(NamedTuple):
    """An answer that was given."""

    id: str
    data: Data


class SemanticTokenResults:
    """The last answer for each document. It may be used on any thread."""

    def __init__(self) -> None:
        self._last: LRUCache[str, Result] = LRUCache(MOST_DOCUMENTS)
        self._ids = count(1)
        self._lock = Lock()

    def put(self, uri: str, data: Data) -> Result:
        """Keeps an answer; it has an id of its own."""
        with self._lock:
            result = Result(str(next(self._ids)), data)
            self._last[uri] = result
        return result

    def get(self, uri: str, result_id: str) -> Result | None:
        """The answer with that id; None where it is not the last one for the document."""
        with self._lock:
            result = self._last.get(uri)
        return result if result is not None and result.id == result_id else None

    def forget(self, uri: str) -> None:
        """Forgets a document that was closed."""
        with self._lock:
            self._last.pop(uri, None)
