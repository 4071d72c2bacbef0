"""Which findings of a checked file are published, and when.

What is being typed waits for a pause; findings that name other files wait until these are known to exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from specql_lsp.features.model import Finding
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.lsp.typing_places import QUIET_MS, TypingPlaces
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import path_of

if TYPE_CHECKING:
    from specql_lsp.lsp.debouncer import Debouncer
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.open_documents import OpenDocuments
    from specql_lsp.lsp.tasks import Tasks

ForgetGone: TypeAlias = "Callable[[Folder, list[str]], Awaitable[None]]"


class FindingsPublisher:
    """Turns what the host knows of each file into its report. Used on the event loop.

    Args:
        tasks: where it is looked up whether files exist.
        documents: what the editor has open.
        host: the state of the workspace.
        reports: what is shown of each file.
        timers: for the pause after which nothing counts as being typed any more.
        forget_gone: takes away what is known of files of a folder that are gone, by their URIs.
    """

    def __init__(
        self,
        tasks: Tasks,
        documents: OpenDocuments,
        host: AnalysisHost[Finding],
        reports: DiagnosticReports,
        timers: Debouncer,
        forget_gone: ForgetGone,
    ) -> None:
        self._tasks = tasks
        self._documents = documents
        self._host = host
        self._reports = reports
        self._timers = timers
        self._forget_gone = forget_gone
        self._unverified: dict[str, Document] = {}
        """What was checked last of files whose findings name others that are still to be looked for."""
        self._typing = TypingPlaces()
        self._withheld: dict[str, Document] = {}
        """The documents of which something is found that is not published yet."""

    def is_unverified(self, uri: str) -> bool:
        """Whether the findings of a file wait until the files that they name are known to exist."""
        return uri in self._unverified

    def checked(self, folder: Folder, document: Document, *, is_verified: bool) -> None:
        """Publishes the findings of a document that was checked, once the files are known to exist that they name.

        Args:
            folder: the folder of the document.
            document: what was checked.
            is_verified: whether those files have been read just now.
        """
        file = self._host.diagnostics(document.uri)
        named = self._named(document, file.shown if file is not None and not is_verified else ())
        if named:
            self._unverified[document.uri] = document
            self._tasks.spawn(self._verify(folder, document, named))
        else:
            self._publish(document)

    def show(self, uri: str) -> None:
        """Publishes what is shown of a file that was not checked again, or takes it away."""
        file = self._host.diagnostics(uri)
        if file is None:
            self._unverified.pop(uri, None)
            self._reports.clear(uri)
        elif uri not in self._unverified:
            document = self._host.document(uri)
            if document is None:
                self._reports.shown(uri, file.shown, None)
            else:
                self._reports.shown(uri, self._published_now(document, file.shown), document.version)

    # What is being typed.

    def edited(self, before: Document, after: Document) -> None:
        """Withholds what is found at the place of an edit until the document has not changed for a while."""
        self._typing.edited(before, after)
        self._timers.call(f"quiet:{after.uri}", QUIET_MS, partial(self._publish_withheld, after.uri))

    def _publish_withheld(self, uri: str) -> None:
        self._typing.ended(uri)
        checked, current = self._withheld.pop(uri, None), self._documents.get(uri)
        if checked is not None and current is not None and checked.text is current.text:
            self.show(uri)  # else a check of a newer text is on its way

    def closed(self, uri: str) -> None:
        """Forgets what was meant for a document that the editor has closed."""
        self._timers.cancel(f"quiet:{uri}")
        self._typing.ended(uri)
        self._withheld.pop(uri, None)
        self._unverified.pop(uri, None)

    # Findings that name other files.

    def _named(self, document: Document, found: Iterable[Finding]) -> dict[str, Path]:
        """The files on the disk that findings name, apart from the document's own and from those that are open."""
        uris = {related.place.uri for finding in found for related in finding.related} - {document.uri}
        paths = {uri: path_of(uri) for uri in uris if uri not in self._documents}
        return {uri: path for uri, path in paths.items() if path is not None}

    async def _verify(self, folder: Folder, document: Document, named: dict[str, Path]) -> None:
        """Publishes what is found in a document, once it is known that the files exist that it names."""
        gone = await self._tasks.in_thread(partial(_missing, named))
        if not self._is_last(folder, document):
            return
        await self._forget_gone(folder, gone)
        if self._is_last(folder, document) and document.uri not in self._host.stale(folder.uri):
            self._publish(document)

    def _is_last(self, folder: Folder, document: Document) -> bool:
        """Whether the check of a document is still the last one of its file."""
        return not folder.closed and self._unverified.get(document.uri) is document

    def _publish(self, document: Document) -> None:
        """Publishes the findings of a document that was checked."""
        self._unverified.pop(document.uri, None)
        file = self._host.diagnostics(document.uri)
        if file is not None:
            self._reports.checked(document, file.found, self._published_now(document, file.shown))

    def _published_now(self, document: Document, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """What is published now of what is shown: what is being typed waits."""
        now = self._typing.published_now(document, found)
        if len(now) < len(found):
            self._withheld[document.uri] = document
        else:
            self._withheld.pop(document.uri, None)
        return now


def _missing(named: dict[str, Path]) -> list[str]:
    """The URIs of those files that do not exist; one that cannot be looked for counts as there."""
    missing: list[str] = []
    for uri, path in named.items():
        try:
            if not path.is_file():
                missing.append(uri)
        except OSError:
            continue
    return missing
