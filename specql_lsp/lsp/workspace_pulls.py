"""``workspace/diagnostic``: a request stays open for as long as the client has everything.

A client that takes partial results gets every change as one, and no answer until it cancels the request: asking again,
with the result ids of all files, is needless. Another one is answered as soon as anything differs from what it has;
the first time when every file has been read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.workspace.uris import canonical

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.open_documents import OpenDocuments

PAUSE_MS = 100
"""Changes within so many milliseconds are reported together. Answers about single documents come before."""
BATCH = 50
"""A partial result has at most so many files: the client shows one after the other."""
_PAUSE = "workspace"


@dataclass(eq=False, slots=True)
class _Request:
    """A request that is open."""

    answer: asyncio.Future[Any]
    token: str | int | None
    known: dict[str, str]
    """The result ids of what the client has, by our URIs."""
    spelled: dict[str, str]
    """The client's spelling of their URIs."""


class WorkspacePulls:
    """The requests that are open. Used on the event loop.

    Args:
        client: what asks.
        documents: what the editor has open.
        reports: what is shown of each file.
        timers: for the pauses between two reports.
        has_read_all: whether every file of every folder has been read and checked once.
    """

    def __init__(
        self,
        client: Client,
        documents: OpenDocuments,
        reports: DiagnosticReports,
        timers: Debouncer,
        has_read_all: Callable[[], bool],
    ) -> None:
        self._client = client
        self._documents = documents
        self._reports = reports
        self._timers = timers
        self._has_read_all = has_read_all
        self._requests: list[_Request] = []
        self._changed: dict[str, None] = {}
        """The files that may be to report to the open requests."""
        self._closed: set[str] = set()
        """The documents that were closed and not reported since: it is not known what the client shows of them."""
        self.is_used = False
        """Whether the client has ever asked."""

    def pull(self, previous: dict[str, str], token: str | int | None) -> asyncio.Future[Any]:
        """Opens a request; see ``DiagnosticDelivery.pull_workspace``."""
        self.is_used = True
        spelled = {canonical(uri): uri for uri in previous}
        known = {ours: previous[uri] for ours, uri in spelled.items()}
        request = _Request(asyncio.get_running_loop().create_future(), token, known, spelled)
        self._requests.append(request)
        request.answer.add_done_callback(lambda _: self._end(request))
        self._report(request, [*self._reports.uris, *known, *self._closed])
        if token is not None:
            self._closed.clear()
        return request.answer

    def _end(self, request: _Request) -> None:
        if request in self._requests:
            self._requests.remove(request)

    def close(self) -> None:
        """Answers the open requests: nothing more is reported. To a client an error would be one of the server's."""
        for request in list(self._requests):
            if not request.answer.done():
                request.answer.set_result(Json({"items": []}))

    def changed(self, uri: str) -> None:
        """Has a file reported soon."""
        if self._requests:
            self._changed[uri] = None
            self._report_soon()

    def closed(self, uri: str) -> None:
        """Has a document that was closed reported again, once it was read from the disk.

        While it was open, a client prefers what it pulled of the document itself to what is reported here.
        """
        if self.is_used:
            self._closed.add(uri)
            self.changed(uri)

    def read_all(self) -> None:
        """Every file of a folder has been read: those who wait for that are answered."""
        if self._requests:
            self._changed.update(dict.fromkeys(self._reports.uris))
            self._report_soon()

    def _report_soon(self) -> None:
        if not self._timers.is_pending(_PAUSE):
            self._timers.call(_PAUSE, PAUSE_MS, self._report_changed)

    def _report_changed(self) -> None:
        changed, self._changed = self._changed, {}
        for request in list(self._requests):
            everything = [*self._reports.uris, *request.known, *self._closed]
            self._report(request, changed if request.token is not None else everything)
        self._closed.clear()

    def _report(self, request: _Request, uris: Iterable[str]) -> None:
        """Reports files of which the client has something else."""
        if request.answer.done() or (request.token is None and not self._has_read_all()):
            return
        items = self._items(request, dict.fromkeys(uris), frozenset(self._closed))
        if request.token is not None:
            self._stream(request.token, request, items)
        elif whole := list(items):
            request.answer.set_result(Json({"items": whole}))

    def _stream(self, token: str | int, request: _Request, items: Iterator[dict[str, Any]]) -> None:
        """Sends items in batches; what else there is to do comes between them."""
        batch = list(islice(items, BATCH)) if not request.answer.done() else []
        if batch:
            self._client.partial_result(token, {"items": batch})
            asyncio.get_running_loop().call_soon(self._stream, token, request, items)

    def _items(self, request: _Request, uris: Iterable[str], closed: frozenset[str]) -> Iterator[dict[str, Any]]:
        """The reports that a client has not got, each as it is when it is taken."""
        return (item for uri in uris if (item := self._item(request, uri, is_closed=uri in closed)) is not None)

    def _item(self, request: _Request, uri: str, *, is_closed: bool) -> dict[str, Any] | None:
        report = self._reports.report(uri)
        known = request.known.get(uri)
        is_same = known == report.result_id or not (known or report.diagnostics)
        if is_same and not is_closed:
            return None
        spelled = request.spelled.get(uri) or self._documents.client_uri(uri)
        version = report.version if uri in self._documents else None
        item = {"kind": "full", "uri": spelled, "version": version, "items": report.diagnostics}
        if report.diagnostics:
            request.known[uri] = item["resultId"] = report.result_id
        else:  # without an id the client need not name the file again
            request.known.pop(uri, None)
        return item
