"""Which way the client gets the diagnostics of each file: it pulls them, or they are published; never both for one.

A client pulls a document from its first request for it until the document is closed, and all files from its first
``workspace/diagnostic``. What it does not pull is published to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.lsp.document_pulls import DocumentPulls
from specql_lsp.lsp.workspace_pulls import WorkspacePulls

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.open_documents import OpenDocuments
    from specql_lsp.lsp.tasks import Tasks

UNPULLED_MS = 500
"""So long a document is open without being pulled, by a client that pulls documents, until it is published."""


class DiagnosticDelivery:
    """Delivers reports. Used on the event loop.

    Args:
        client: to which they are delivered.
        tasks: where the client is asked to pull again.
        documents: what the editor has open.
        is_settled: whether the report of a document is that of its text, and no check of it is due.
        has_read_all: whether every file of every folder has been read and checked once.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        documents: OpenDocuments,
        is_settled: Callable[[str], bool],
        has_read_all: Callable[[], bool],
    ) -> None:
        self._client = client
        self._documents = documents
        self._timers = Debouncer()
        self.reports = DiagnosticReports(client, documents.client_uri, self._deliver)
        self._pulls = DocumentPulls(client, tasks, documents, self.reports, self._timers, is_settled)
        self._workspace = WorkspacePulls(client, documents, self.reports, self._timers, has_read_all)
        self._published: dict[str, str] = {}
        """The result ids of what is published, of files that have diagnostics."""

    def close(self) -> None:
        """Delivers nothing more, and answers what is still asked."""
        self._timers.close()
        self._pulls.close()
        self._workspace.close()

    # What the client asks for.

    def pull_document(self, uri: str, previous: str | None) -> asyncio.Future[Any]:
        """Answers ``textDocument/diagnostic``, when the document has been checked.

        Args:
            uri: the document.
            previous: the result id of what the client has of it, if any.

        Returns:
            The answer as JSON. It fails with ``ServerCancelled`` as soon as the document has another text.
        """
        self._timers.cancel(f"unpulled:{uri}")
        self._withdraw(uri)
        answer = self._pulls.pull(uri, previous)
        if self._workspace.is_used and uri not in self._documents:  # as VS Code asks once more when it closes one
            self._pulls.forget(uri)
        return answer

    def pull_workspace(self, previous: Iterable[tuple[str, str]], token: str | int | None) -> asyncio.Future[Any]:
        """Answers ``workspace/diagnostic`` (``WorkspacePulls``).

        Args:
            previous: the files of which the client has a report, in its spelling, each with the result id; there may be
                thousands, which are taken a few at a time.
            token: by which it takes partial results; None if it takes none.
        """
        answer = self._workspace.pull(previous, token)
        for uri in list(self._published):
            self._withdraw(uri)
        return answer

    # What happens to documents and files.

    def edited(self, uri: str) -> None:
        """A document has another text: what was asked about the one before is not answered."""
        self._pulls.cancel(uri, retrigger=True)

    def closed(self, uri: str) -> None:
        """A document was closed, or its text is not known any more."""
        self._timers.cancel(f"unpulled:{uri}")
        self._pulls.cancel(uri, retrigger=False)
        if uri not in self._documents:
            self._pulls.forget(uri)
            self._workspace.closed(uri)

    def folders_changed(self) -> None:
        """Other folders answer for some documents, or none does any more."""
        self._pulls.answer_settled()

    def read_all(self) -> None:
        """Every file of a folder has been read and checked once."""
        self._workspace.read_all()

    # The reports.

    def _deliver(self, uri: str, *, is_checked: bool) -> None:
        is_pulled = self._pulls.changed(uri)
        if self._workspace.is_used:
            self._workspace.changed(uri)
        elif is_pulled:
            return
        elif self._client.pulls_documents and uri in self._documents:
            if not self._timers.is_pending(f"unpulled:{uri}"):
                self._timers.call(f"unpulled:{uri}", UNPULLED_MS, lambda: self._publish(uri, is_checked=False))
        elif not self._client.pulls_workspace:
            self._publish(uri, is_checked=is_checked)

    def _publish(self, uri: str, *, is_checked: bool) -> None:
        """Publishes the report of a file if it has changed; of an open document that was checked always."""
        report = self.reports.report(uri)
        known = self._published.get(uri)
        is_same = known == report.result_id or not (known or report.diagnostics)
        if is_same and (report.version is None or not is_checked):
            return
        self._published.pop(uri, None)
        if report.diagnostics:
            self._published[uri] = report.result_id
        self._client.publish(self._documents.client_uri(uri), report.items, report.version)

    def _withdraw(self, uri: str) -> None:
        """Takes back what is published of a file that the client pulls from now on."""
        if self._published.pop(uri, None) is not None:
            self._client.publish(self._documents.client_uri(uri), "[]", self.reports.report(uri).version)
