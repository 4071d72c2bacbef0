"""Checks documents, here and now or off the event loop, and hands what is found to the publisher."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from specql_lsp.features.diagnostics import found_in, shown
from specql_lsp.features.model import Finding
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.lsp.findings_publisher import FindingsPublisher
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.checks import Check
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost

if TYPE_CHECKING:
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.tasks import Tasks


class DocumentChecks:
    """The checks of documents that the host knows. Used on the event loop.

    Args:
        tasks: where large documents are checked.
        host: the state of the workspace.
        reports: what is shown of each file; a large one is made beside the check.
        publisher: publishes what was found.
    """

    def __init__(
        self, tasks: Tasks, host: AnalysisHost[Finding], reports: DiagnosticReports, publisher: FindingsPublisher
    ) -> None:
        self._tasks = tasks
        self._host = host
        self._reports = reports
        self._publisher = publisher

    def check(self, folder: Folder, uri: str) -> None:
        """Checks a file, if its text is there: here and now, or a large one off the event loop."""
        check = self._host.prepare(uri)
        if check is None:
            return
        if check.document.is_large:
            self._tasks.spawn(self._run_elsewhere(folder, check))
        else:
            self.finish(folder, check.run())

    async def check_elsewhere(self, folder: Folder, uri: str) -> None:
        """Checks a file off the event loop, if it is stale and its text is there."""
        while not folder.closed and uri in self._host.stale(folder.uri):
            check = self._host.prepare(uri)
            if check is None:
                return
            await self._run_elsewhere(folder, check)

    async def _run_elsewhere(self, folder: Folder, check: Check[Finding]) -> None:
        def run() -> None:
            self._reports.prepare(check.document, check.run().found)

        await self.in_thread(check.document, run)
        self.finish(folder, check)

    async def in_thread(self, document: Document, run: Callable[[], object]) -> None:
        """Awaits a function that runs on the files' thread, and that may make very many objects of a large document."""
        await (self._tasks.in_thread_uncollected(run) if document.is_large else self._tasks.in_thread(run))

    def finish(self, folder: Folder, check: Check[Finding], *, is_verified: bool = False) -> None:
        """Takes the result of a check that was run, unless a newer text has overtaken it.

        Args:
            folder: the folder of the document.
            check: the check.
            is_verified: whether the files that findings name have been read just now.
        """
        self.finish_all(folder, [check], is_verified=is_verified)

    def finish_all(self, folder: Folder, checks: Iterable[Check[Finding]], *, is_verified: bool = False) -> None:
        """As ``finish``, for the checks of several files."""
        taken = [check.document for check in checks if self._host.finish(check) is not None]
        for document in taken:
            self._publisher.checked(folder, document, is_verified=is_verified)

    def findings(self, folder: Folder | None, analysis: Analysis, document: Document) -> tuple[Finding, ...]:
        """What is found in a document of a folder, with the analysis of the request that asks."""
        if folder is None:
            return ()
        known = self._host.result_for(document)
        if known is not None and _same_registry(self._host.analysis(folder.uri), analysis):
            return known.shown
        if document.is_large:  # its check is on its way, off the event loop
            return ()
        if not document.is_registry and not folder.takes(document.uri):
            analysis = analysis.without_files()
        return shown(analysis.settings, found_in(analysis, document))


def _same_registry(one: Analysis, other: Analysis) -> bool:
    """Whether two analyses have the same registry and the same differences, whenever they were read."""
    return one.snapshot is other.snapshot and one.discrepancies == other.discrepancies
