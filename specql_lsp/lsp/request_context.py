"""What a request is answered from: one client, one document, one analysis, all of the same moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from specql_lsp.lsp.cancellation import CancellationToken
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.routes import TASK, WAITS, WORKER

if TYPE_CHECKING:
    from collections.abc import Callable

    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.file_reader import FileReader
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.request_worker import RequestWorker
    from specql_lsp.lsp.routes import Route
    from specql_lsp.lsp.semantic_token_results import SemanticTokenResults
    from specql_lsp.lsp.session import Session
    from specql_lsp.workspace.analysis import Analysis
    from specql_lsp.workspace.documents import Document

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """The context of a request that is about no single document.

    Args:
        session: for the event loop only; a handler that runs on the requests' thread must not use it.
        cancelled: a handler that runs on the requests' thread checks it once for each file that it reads.
        read: gives the text of any file as it was when the request arrived; for the requests' thread only.
        worker: the requests' thread, for ``on_worker``.
        analyses: of every folder, for a request that runs on the requests' thread and is about all of them.
    """

    session: Session
    read: FileReader
    analyses: tuple[Analysis, ...] = ()
    worker: RequestWorker | None = None
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

    async def on_worker(self, work: Callable[[CancellationToken], _Result]) -> _Result:
        """Awaits a function that runs on the requests' thread, as a handler there does; for the event loop.

        Args:
            work: is given a token of its own, to be checked once for each file.
        """
        if self.worker is None:
            raise ValueError("this request has no thread")
        context = replace(self, cancelled=CancellationToken())  # what ends with this work, and not with the request
        result: _Result = await self.worker.submit(context, lambda: work(context.cancelled))
        return result


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


def request_context(session: Session, worker: RequestWorker, route: Route, params: Any) -> RequestContext | None:
    """The context of a request; None if it is about a document whose text is not known.

    Args:
        session: the client's session.
        worker: the requests' thread.
        route: a method that begins with ``textDocument/`` is about the document that its parameters name.
        params: the request's parameters.
    """
    on_worker = route.runs in {WORKER, TASK}
    if route.runs != WAITS and route.method.startswith("textDocument/"):
        return document_context(session, params.text_document.uri, on_worker=on_worker, worker=worker)
    uri = _document_of(params) if route.method in _RESOLVING else None
    context = document_context(session, uri, on_worker=on_worker, worker=worker) if uri is not None else None
    if context is not None:
        return context
    analyses = tuple(map(session.analysis, session.folders.values())) if route.runs == WORKER else ()
    return RequestContext(session=session, read=session.reader(), worker=worker, analyses=analyses)


_RESOLVING = frozenset({"inlayHint/resolve", "codeLens/resolve"})
"""Requests about an item with ``document_data``: their context is that of its document, if it is known."""


def document_data(context: DocumentContext) -> dict[str, Any]:
    """What an item's ``data`` says, so that a later request gets the context of its document."""
    return {"uri": context.client_uri(context.document.uri)}


def position_data(context: DocumentContext, offset: int) -> dict[str, Any]:
    """``document_data`` for a later request about a place in the text as it is now.

    Args:
        context: of the request that gives the item.
        offset: the place, in code points from 0.
    """
    return {**document_data(context), "version": context.document.version, "offset": offset}


def resolved_position(context: RequestContext, item: Any) -> tuple[DocumentContext, int] | None:
    """The document and the offset that ``position_data`` put into an item; None if the document is another one now."""
    match item:
        case {"data": {"version": int() | None as version, "offset": int(offset)}} if offset >= 0:
            if isinstance(context, DocumentContext) and context.document.version == version:
                return context, min(offset, len(context.document.text))
    return None


def _document_of(item: Any) -> str | None:
    """The URI that ``document_data`` put into an item, in the client's spelling."""
    match item:
        case {"data": {"uri": str(uri)}}:
            return uri
    return None


def document_context(
    session: Session, uri: str, *, on_worker: bool = False, worker: RequestWorker | None = None
) -> DocumentContext | None:
    """The context of a request about a document; None if the document's text is not known.

    Args:
        session: the client's session.
        uri: the document's, as the client writes it.
        on_worker: whether the handler runs on the requests' thread, where a large text may be parsed.
        worker: the requests' thread; None where the handler does not use it.
    """
    document = session.document(uri)
    if document is None:
        return None
    if not on_worker:
        document = document.for_requests
    folder = session.folders.of(document.uri)
    return DocumentContext(
        session=session,
        document=document,
        folder=folder,
        analysis=session.analysis(folder),
        positions=Positions(document.lines, session.client.encoding),
        read=session.reader(),
        worker=worker,
    )
