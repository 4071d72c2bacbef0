"""What a request is answered from: one client, one document, one analysis, all of the same moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.cancellation import CancellationToken
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.routes import WAITS, WORKER

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.file_reader import FileReader
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.routes import Route
    from specql_lsp.lsp.semantic_token_results import SemanticTokenResults
    from specql_lsp.lsp.session import Session
    from specql_lsp.workspace.analysis import Analysis
    from specql_lsp.workspace.documents import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """The context of a request that is about no single document.

    Args:
        session: for the event loop only; a handler that runs on the requests' thread must not use it.
        cancelled: a handler that runs on the requests' thread checks it once for each file that it reads.
        read: gives the text of any file as it was when the request arrived; for the requests' thread only.
    """

    session: Session
    read: FileReader
    cancelled: CancellationToken = field(default_factory=CancellationToken)

    @property
    def client(self) -> Client:
        """The client and what it declared."""
        return self.session.client

    def client_uri(self, uri: str) -> str:
        """The client's spelling of our URI; on any thread."""
        return self.session.client_uri(uri)

    @property
    def token_results(self) -> SemanticTokenResults:
        """The semantic tokens that the client has; on any thread."""
        return self.session.token_results

    @property
    def is_current(self) -> bool:
        """Whether the client still sees what the answer is made from; for the event loop."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentContext(RequestContext):
    """The context of a request about a document.

    Args:
        document: the document with the text that the client's positions are about. On the event loop its tree may be
            that of an earlier text, fitted to this one, as long as a large text is still to be parsed.
        folder: the workspace folder that answers for it; None if no folder does. For the event loop only.
        analysis: of the folder, at the moment at which the request arrived.
        positions: converts the document's positions.
    """

    document: Document
    folder: Folder | None
    analysis: Analysis
    positions: Positions

    @property
    def is_current(self) -> bool:
        """Whether the document still has this text; for the event loop."""
        document = self.session.document(self.document.uri)
        return document is not None and document.text is self.document.text


def request_context(session: Session, route: Route, params: Any) -> RequestContext | None:
    """The context of a request; None if it is about a document whose text is not known.

    Args:
        session: the client's session.
        route: a method that begins with ``textDocument/`` is about the document that its parameters name.
        params: the request's parameters.
    """
    if route.runs == WAITS or not route.method.startswith("textDocument/"):
        return RequestContext(session=session, read=session.reader())
    return document_context(session, params.text_document.uri, on_worker=route.runs == WORKER)


def document_context(session: Session, uri: str, *, on_worker: bool = False) -> DocumentContext | None:
    """The context of a request about a document; None if the document's text is not known.

    Args:
        session: the client's session.
        uri: the document's, as the client writes it.
        on_worker: whether the handler runs on the requests' thread, where a large text may be parsed.
    """
    document = session.document(uri)
    if document is None:
        return None
    if not on_worker:
        document = document.for_requests
    folder = session.folder_of(document.uri)
    return DocumentContext(
        session=session,
        document=document,
        folder=folder,
        analysis=session.analysis(folder),
        positions=Positions(document.lines, session.client.encoding),
        read=session.reader(),
    )
