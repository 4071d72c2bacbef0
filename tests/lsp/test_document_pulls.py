"""Requests for the diagnostics of a document: answered when no check of it is due, whatever ended that."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from specql_lsp.lsp.client import Client
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.lsp.document_pulls import DocumentPulls
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.tasks import Tasks

URI = "file:///w/a.yaml"


def read(answer: asyncio.Future[Any]) -> Any:
    """The answer of a request."""
    return json.loads(answer.result().text)


class Pulls:
    """Requests about documents whose checks are due, or not."""

    def __init__(self) -> None:
        self.settled = False
        client = Client(None, ClientObject({}))  # type: ignore[arg-type]
        self.reports = DiagnosticReports(client, lambda uri: uri, self._deliver)
        documents, self.tasks = OpenDocuments(), Tasks()
        self.pulls = DocumentPulls(client, self.tasks, documents, self.reports, Debouncer(), lambda _uri: self.settled)

    def _deliver(self, uri: str, *, is_checked: bool) -> None:
        assert is_checked is False
        self.pulls.changed(uri)


async def test_a_request_waits_for_the_check() -> None:
    state = Pulls()
    answer = state.pulls.pull(URI, None)
    state.reports.shown(URI, [], 1)  # of the text before
    assert not answer.done()
    state.settled = True
    state.reports.shown(URI, [], 1)
    assert read(answer)["items"] == []
    assert read(state.pulls.pull(URI, read(answer)["resultId"]))["kind"] == "unchanged"
    state.tasks.close()


async def test_a_document_that_is_not_checked_any_more_is_answered() -> None:
    """Its folder was closed: no check follows that would answer."""
    state = Pulls()
    answer = state.pulls.pull(URI, None)
    state.pulls.answer_settled()
    assert not answer.done()
    state.settled = True
    state.pulls.answer_settled()
    assert read(answer)["kind"] == "full"
    state.tasks.close()


async def test_the_end_answers_everything() -> None:
    state = Pulls()
    answer = state.pulls.pull(URI, None)
    state.pulls.close()
    assert answer.exception() is not None
    state.tasks.close()
