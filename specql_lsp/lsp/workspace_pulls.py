"""``workspace/diagnostic``: a request stays open for as long as the client has everything.

A client that takes partial results gets every change as one, and no answer until it cancels the request: asking again,
with the result ids of all files, is needless. Another one is answered as soon as anything differs from what it has;
the first time when every file has been read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.answers import JsonText
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
SLICE = 500
"""So many files are looked at at once: a client may name ten thousand, and other requests must not wait for all."""
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
    is_busy: bool = True
    """Whether its files are being taken, or gone through for an answer: thousands are, a few at a time."""


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

    def pull(self, previous: Iterable[tuple[str, str]], token: str | int | None) -> asyncio.Future[Any]:
        """Opens a request; see ``DiagnosticDelivery.pull_workspace``."""
        self.is_used = True
        request = _Request(asyncio.get_running_loop().create_future(), token, {}, {})
        self._requests.append(request)
        request.answer.add_done_callback(lambda _: self._end(request))
        self._take(request, iter(previous))
        return request.answer

    def _take(self, request: _Request, previous: Iterator[tuple[str, str]]) -> None:
        """Takes what the client has, some files at a time, and reports what differs from it."""
        taken = list(islice(previous, SLICE))
        for uri, result_id in taken:
            ours = canonical(uri)
            request.known[ours], request.spelled[ours] = result_id, uri
        if len(taken) == SLICE:
            asyncio.get_running_loop().call_soon(self._take, request, previous)
            return
        request.is_busy = False
        self._report(request, [*self._reports.uris, *request.known, *self._closed])
        if request.token is not None:
            self._closed.clear()

    def _end(self, request: _Request) -> None:
        if request in self._requests:
            self._requests.remove(request)

    def close(self) -> None:
        """Answers the open requests: nothing more is reported. To a client an error would be one of the server's."""
        for request in list(self._requests):
            if not request.answer.done():
                request.answer.set_result(JsonText('{"items":[]}'))

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
        if any(request.is_busy for request in self._requests):
            self._report_soon()
            return
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
        else:
            request.is_busy = True
            self._gather(request, items, [])

    def _stream(self, token: str | int, request: _Request, items: Iterator[str | None]) -> None:
        """Sends items in batches; what else there is to do comes between them."""
        if request.answer.done():
            return
        batch, is_last = _some(items, BATCH)
        if batch:
            self._client.partial_result(token, f'{{"items":[{",".join(batch)}]}}')
        if not is_last:
            asyncio.get_running_loop().call_soon(self._stream, token, request, items)

    def _gather(self, request: _Request, items: Iterator[str | None], gathered: list[str]) -> None:
        """Answers with all items, if there are any; what else there is to do comes between two parts of them."""
        if request.answer.done():
            return
        batch, is_last = _some(items, SLICE)
        gathered += batch
        if not is_last:
            asyncio.get_running_loop().call_soon(self._gather, request, items, gathered)
            return
        request.is_busy = False
        if gathered:
            request.answer.set_result(JsonText(f'{{"items":[{",".join(gathered)}]}}'))

    def _items(self, request: _Request, uris: Iterable[str], closed: frozenset[str]) -> Iterator[str | None]:
        """The reports that a client has not got, each as it is when it is taken; None for each other file."""
        return (self._item(request, uri, is_closed=uri in closed) for uri in uris)

    def _item(self, request: _Request, uri: str, *, is_closed: bool) -> str | None:
        """The report of a file as the text of its JSON; None if the client has it."""
        known, result_id = request.known.get(uri), self._reports.result_id(uri)
        is_same = known == result_id or not (known or self._reports.has_diagnostics(uri))
        if is_same and not is_closed:
            return None
        report = self._reports.report(uri)
        spelled = request.spelled.get(uri) or self._documents.client_uri(uri)
        version = report.version if uri in self._documents else None
        text = f'{{"kind":"full","uri":{json.dumps(spelled)},"version":{json.dumps(version)},"items":{report.items}'
        if report.diagnostics:
            request.known[uri] = result_id
            return f'{text},"resultId":{json.dumps(result_id)}}}'
        request.known.pop(uri, None)  # without an id the client need not name the file again
        return f"{text}}}"


def _some(items: Iterator[str | None], most: int) -> tuple[list[str], bool]:
    """So many items at most, of some files; and whether no file is left."""
    found: list[str] = []
    for looked_at, item in enumerate(items, 1):
        if item is not None:
            found.append(item)
        if len(found) == most or looked_at == SLICE:
            return found, False
    return found, True
