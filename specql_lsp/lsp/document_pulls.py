"""``textDocument/diagnostic``: answered when the document has been checked; the client is asked to ask again later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.lsp.refresh_request import RefreshRequest

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.open_documents import OpenDocuments
    from specql_lsp.lsp.tasks import Tasks

REFRESH_MS = 50
"""Changes within so many milliseconds are one refresh: a change in one file often concerns several documents."""


class DocumentPulls:
    """The documents that the client pulls, and its requests that wait. Used on the event loop.

    Args:
        client: what asks.
        tasks: where the client is asked to ask again.
        documents: what the editor has open.
        reports: what is shown of each file.
        timers: for the refreshes.
        is_settled: whether the report of a document is that of its text, and no check of it is due.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        documents: OpenDocuments,
        reports: DiagnosticReports,
        timers: Debouncer,
        is_settled: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._documents = documents
        self._reports = reports
        self._is_settled = is_settled
        self._answered: dict[str, str] = {}
        """The result ids of the last answers, of the documents that are pulled; empty before the first."""
        self._waiting: dict[str, dict[asyncio.Future[Any], str | None]] = {}
        """The requests that wait for a check of their document, with the ids of what the client has."""
        self._refreshed: dict[str, str] = {}
        """The result ids for which the client was asked to ask again: once for each is enough."""
        self._refresh = RefreshRequest(tasks, timers, "refresh", REFRESH_MS, self._ask_again)

    def pull(self, uri: str, previous: str | None) -> asyncio.Future[Any]:
        """The answer about a document; see ``DiagnosticDelivery.pull_document``."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answered.setdefault(uri, "")
        if self._is_settled(uri):
            answer.set_result(JsonText(self._answer(uri, previous)))
            return answer
        self._waiting.setdefault(uri, {})[answer] = previous
        answer.add_done_callback(lambda _: self._leave(uri, answer))
        return answer

    def _leave(self, uri: str, answer: asyncio.Future[Any]) -> None:
        """A request is answered, or was cancelled by the client."""
        waiting = self._waiting.get(uri, {})
        waiting.pop(answer, None)
        if not waiting and self._waiting.pop(uri, None) is not None:
            self._refresh_soon(uri)

    def changed(self, uri: str) -> bool:
        """Answers what waits for a report, or has the client ask for it; whether the file is pulled at all."""
        if uri in self._waiting and self._is_settled(uri):
            for answer, previous in self._waiting.pop(uri).items():
                if not answer.done():
                    answer.set_result(JsonText(self._answer(uri, previous)))
        self._refresh_soon(uri)
        return uri in self._answered

    def answer_settled(self) -> None:
        """Answers what waits for documents that no check is due of any more, such as those without a folder."""
        for uri in list(self._waiting):
            self.changed(uri)

    def cancel(self, uri: str, *, retrigger: bool) -> None:
        """Ends the requests that wait for a document.

        Args:
            uri: the document.
            retrigger: whether the client should ask again.
        """
        for answer in self._waiting.pop(uri, {}):
            if not answer.done():
                answer.set_exception(_server_cancelled(retrigger=retrigger))

    def close(self) -> None:
        """Ends every request that waits."""
        for uri in list(self._waiting):
            self.cancel(uri, retrigger=False)

    def forget(self, uri: str) -> None:
        """A document was closed: it is not pulled any more."""
        self._answered.pop(uri, None)
        self._refreshed.pop(uri, None)

    def _answer(self, uri: str, previous: str | None) -> str:
        """The answer as the text of its JSON."""
        members = self._report(uri, previous)
        if self._client.related_documents:
            others = [
                f"{json.dumps(self._documents.client_uri(other))}:{{{self._report(other, None)}}}"
                for other in list(self._answered)
                if other != uri and self._answered[other] and self._is_outdated(other) and self._is_settled(other)
            ]
            if others:
                members += f',"relatedDocuments":{{{",".join(others)}}}'
        return f"{{{members}}}"

    def _report(self, uri: str, previous: str | None) -> str:
        """The members of a report."""
        result_id = self._answered[uri] = self._reports.result_id(uri)
        self._refreshed.pop(uri, None)
        if result_id == previous:
            return f'"kind":"unchanged","resultId":{json.dumps(result_id)}'
        return f'"kind":"full","resultId":{json.dumps(result_id)},"items":{self._reports.report(uri).items}'

    def _is_outdated(self, uri: str) -> bool:
        """Whether the client has another report of a document than the present one, and does not wait for that."""
        answered = self._answered.get(uri)
        return answered is not None and uri not in self._waiting and answered != self._reports.result_id(uri)

    # Refreshes.

    def _refresh_soon(self, uri: str) -> None:
        if self._is_outdated(uri):
            self._refresh.soon()

    async def _ask_again(self) -> None:
        """Has the client ask again, unless it was asked to for the present reports already."""
        outdated = {
            uri: result_id
            for uri in self._answered
            if self._is_outdated(uri) and (result_id := self._reports.result_id(uri)) != self._refreshed.get(uri)
        }
        if outdated:
            self._refreshed.update(outdated)
            await self._client.refresh_diagnostics()


def _server_cancelled(*, retrigger: bool) -> JsonRpcException:
    return JsonRpcException(
        "The document has changed since the request, or is closed.",
        code=types.LSPErrorCodes.ServerCancelled.value,
        data={"retriggerRequest": retrigger},
    )
