"""``textDocument/didOpen``, ``didChange``, ``didClose`` and ``workspace/didChangeWatchedFiles``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.config import CONFIG_FILE
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.session import Session
from specql_lsp.lsp.uris import canonical, path_of
from specql_lsp.syntax.text import LineIndex


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Takes the text of a document that the editor opened."""
    item = params.text_document
    session.put_document(item.uri, item.text, item.version)


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """Applies changes in their order, each to the text that the one before left (LSP 3.17, "didChange")."""
    document = session.open.get(canonical(params.text_document.uri))
    if document is None:
        return
    text = document.text
    lines = document.lines
    for change in params.content_changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            span = Positions(lines, session.client.encoding).span(change.range)
            text = text[: span.start] + change.text + text[span.end :]
        else:
            text = change.text
        lines = LineIndex(text)
    session.put_document(params.text_document.uri, text, params.text_document.version)


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Forgets the editor's text."""
    session.close_document(params.text_document.uri)


def did_change_watched_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Follows changes on the disk: settings, registries, entity files, folders."""
    for event in params.changes:
        path = path_of(event.uri)
        if path is not None and path.name == CONFIG_FILE:
            for folder in list(session.folders.values()):
                if folder.path == path.parent:
                    session.reload_settings(folder)
        else:
            session.file_changed(event.uri)
