"""Builds the language server: one readable table of what it answers. No module-level server, no module-level state."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcServerNotInitialized

from specql_lsp import __version__
from specql_lsp.config import Layer
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.handlers import code_action, commands, completion, configuration, documents, hover
from specql_lsp.lsp.protocol import SpecqlProtocol, SpecqlServer, answering_now, noticing
from specql_lsp.lsp.session import Session
from specql_lsp.lsp.watchdog import watch_process

logger = logging.getLogger(__name__)

NAME = "specql-lsp"


class _Holder:
    """The session between ``initialize`` and the end."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.folder_uris: list[str] = []

    def get(self) -> Session:
        if self.session is None:
            raise JsonRpcServerNotInitialized("The server has not been initialized.")
        return self.session


def create_server(overrides: list[Layer] | None = None) -> SpecqlServer:
    """A server with every handler registered.

    Args:
        overrides: settings above all others, such as the command line's.
    """
    server = SpecqlServer(
        NAME, __version__, protocol_cls=SpecqlProtocol, text_document_sync_kind=types.TextDocumentSyncKind.Incremental
    )
    holder = _Holder()

    def now(handler: Callable[[Session, Any], Any]) -> Callable[[Any], Any]:
        return lambda params: handler(holder.get(), params)

    def later(handler: Callable[[Session, Any], Any]) -> Callable[[Any], None]:
        return lambda params: holder.get().spawn(handler(holder.get(), params))

    def initialize(params: types.InitializeParams) -> None:
        client = Client(server, params.capabilities)
        options = params.initialization_options
        layers = [Layer("initializationOptions", options)] if isinstance(options, dict) else []
        holder.session = Session(client, layers, overrides or [])
        holder.folder_uris = _folder_uris(params)
        if params.process_id is not None:
            watch_process(params.process_id)

    def initialized(_params: types.InitializedParams) -> None:
        session = holder.get()

        async def begin() -> None:
            await configuration.open_folders(session, holder.folder_uris)
            await configuration.register(session)

        session.spawn(begin())

    def shutdown(_params: Any) -> None:
        if holder.session is not None:
            holder.session.close()

    requests: dict[str, tuple[Callable[[Session, Any], Any], Any]] = {
        types.TEXT_DOCUMENT_COMPLETION: (completion.completion, completion.OPTIONS),
        types.COMPLETION_ITEM_RESOLVE: (completion.resolve, None),
        types.TEXT_DOCUMENT_HOVER: (hover.hover, None),
        types.TEXT_DOCUMENT_CODE_ACTION: (code_action.code_action, code_action.OPTIONS),
    }
    notifications: dict[str, Callable[[Any], None]] = {
        types.INITIALIZED: initialized,
        types.TEXT_DOCUMENT_DID_OPEN: now(documents.did_open),
        types.TEXT_DOCUMENT_DID_CHANGE: now(documents.did_change),
        types.TEXT_DOCUMENT_DID_CLOSE: now(documents.did_close),
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: now(documents.did_change_watched_files),
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: later(configuration.changed),
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: later(configuration.folders_changed),
    }
    server.feature(types.INITIALIZE)(answering_now(types.INITIALIZE, initialize))
    server.feature(types.SHUTDOWN)(answering_now(types.SHUTDOWN, shutdown))
    for method, (handler, options) in requests.items():
        server.feature(method, options)(answering_now(method, now(handler)))
    for method, notice in notifications.items():
        server.feature(method)(noticing(method, notice))
    for name, command in commands.COMMANDS.items():
        server.command(name)(_command(holder, name, command))
    return server


def _command(holder: _Holder, name: str, command: commands.Command) -> Callable[[dict[str, Any]], Any]:
    async def run(argument: dict[str, Any]) -> Any:
        return await command(holder.get(), argument)

    run.__name__ = name
    return run


def _folder_uris(params: types.InitializeParams) -> list[str]:
    """The workspace folders; of older clients the root; of a client without a folder one that has no path."""
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    if params.root_path:
        from pathlib import Path

        return [Path(params.root_path).absolute().as_uri()]
    return [""]


def serve(overrides: list[Layer] | None = None) -> int:
    """Serves on stdin and stdout until the client leaves.

    Returns:
        The process's exit status: 0, or 1 where the client left without ``shutdown`` (LSP 3.17, "exit").
    """
    server = create_server(overrides)
    try:
        server.start_io()
    except (BrokenPipeError, ConnectionError, asyncio.CancelledError):
        logger.warning("The client is gone.")
    return 0 if server.protocol.was_shut_down else 1
