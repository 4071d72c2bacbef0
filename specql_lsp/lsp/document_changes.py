"""The client opens, changes and closes documents."""

from __future__ import annotations

import logging
from collections.abc import Callable

from lsprotocol import types

from specql_lsp.features.model import Finding
from specql_lsp.lsp.change_follower import ChangeFollower
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.diagnostics_scheduler import DiagnosticsScheduler
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.open_folders import OpenFolders
from specql_lsp.lsp.semantic_token_results import SemanticTokenResults
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.changes import DocumentClosed, DocumentLost, Invalidated
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import canonical, name_of, path_of

logger = logging.getLogger(__name__)


class DocumentChanges:
    """Follows what the client says of its documents; on the event loop.

    Args:
        client: which is shown what cannot be followed.
        tasks: where files are read.
        host: the state of the workspace.
        open_documents: the editor's documents.
        folders: the workspace folders.
        token_results: the semantic tokens that the client has.
        diagnostics: what checks documents.
        follower: has done what a change invalidates.
        on_text: called with each document that has a new text.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        host: AnalysisHost[Finding],
        open_documents: OpenDocuments,
        folders: OpenFolders,
        token_results: SemanticTokenResults,
        diagnostics: DiagnosticsScheduler,
        follower: ChangeFollower,
        on_text: Callable[[Document], None],
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._host = host
        self._open = open_documents
        self._folders = folders
        self._token_results = token_results
        self._diagnostics = diagnostics
        self._follow = follower.follow
        self._on_text = on_text
        self._rejected: set[str] = set()

    def put(self, client_uri: str, lines: LineIndex, version: int) -> None:
        """Takes the new text of an open document, as the index of its lines."""
        uri = canonical(client_uri)
        folder = self._folders.of(uri)
        is_registry = folder is not None and folder.registry_uri == uri
        is_new = uri not in self._open
        before = self._open.get(uri)
        document = self._open.put(client_uri, lines, version, is_registry=is_registry)
        if before is not None:
            self._diagnostics.edited(before, document)
        self._on_text(document)
        path = path_of(uri)
        if is_new and folder is not None and path is not None and folder.holds(path):
            self._tasks.spawn(self._diagnostics.reader.claim(folder, path))
        delay = folder.settings.diagnostics.debounce_ms if folder and not is_new else 0  # nothing is typed yet
        if is_registry and folder is not None:
            # The worker reads the editor's text; what it finds comes back as a new state.
            self._diagnostics.debouncer.call(f"overlay:{uri}", delay, folder.service.yaml_changed)
        else:
            self._diagnostics.parse_soon(uri)
        self._diagnostics.soon(uri, delay)

    def lose(self, client_uri: str, why: str) -> None:
        """Answers nothing about an open document any more, until its text comes as a whole, and says so once.

        Args:
            client_uri: the document, in the client's spelling.
            why: why the change could not be applied, as the end of a sentence.
        """
        uri = canonical(client_uri)
        document = self._open.get(uri)
        if document is None:  # it is lost already
            return
        self._open.lose(uri)
        self._diagnostics.closed(uri)
        self._diagnostics.follow(self._host.apply(DocumentLost(document)))
        folder = self._folders.of(uri)
        if folder is not None and uri == folder.registry_uri:
            folder.service.yaml_changed()  # the file on the disk counts
        self._complain(client_uri, f"The editor sent a change that cannot be applied: {why}.")

    def reject(self, client_uri: str) -> None:
        """Says once that a change is ignored because its document is not open."""
        if client_uri not in self._rejected:
            self._rejected.add(client_uri)
            self._complain(client_uri, "The editor changed the file without having opened it.")

    def _complain(self, client_uri: str, what: str) -> None:
        message = f"{what} Close {name_of(client_uri)} and open it again; until then specql-lsp says nothing about it."
        logger.error("%s", message)
        self._client.show(types.MessageType.Warning, message)

    def close(self, client_uri: str) -> None:
        """Forgets the editor's text; from now on the disk's counts."""
        uri = canonical(client_uri)
        self._open.remove(uri)
        self._token_results.forget(uri)
        self._diagnostics.closed(uri)
        folder = self._folders.of(uri)
        if folder is not None and uri == folder.registry_uri:
            folder.service.yaml_changed()
        invalidated = self._host.apply(DocumentClosed(uri))
        self._follow(invalidated if folder is not None else Invalidated(shown=(uri,)))
