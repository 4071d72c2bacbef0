"""Builds the language server. No module-level server, no module-level state.

Until ``initialize`` is answered nothing is imported that it does not need: an editor waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcServerNotInitialized

from specql_lsp import __version__
from specql_lsp.lsp.answers import guard_notification, guard_sync
from specql_lsp.lsp.capabilities import NAME, client_name
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.dispatch import command_handler, notification_handler, request_handler
from specql_lsp.lsp.internal_errors import InternalErrors
from specql_lsp.lsp.parent_process import watch_process
from specql_lsp.lsp.protocol import SpecqlProtocol
from specql_lsp.lsp.request_worker import RequestWorker
from specql_lsp.lsp.routes import COMMANDS, NOTIFICATIONS, REQUESTS, Route
from specql_lsp.lsp.stdio_server import SpecqlServer
from specql_lsp.lsp.structuring import tolerant_converter

if TYPE_CHECKING:
    from specql_lsp.config import Layer
    from specql_lsp.lsp.session import Session
    from specql_lsp.lsp.start import FirstMessage

logger = logging.getLogger(__name__)


class _Connection:
    """What is known of the client between ``initialize`` and the end."""

    def __init__(
        self, server: SpecqlServer, overrides: list[Layer], internal_errors: InternalErrors, *, trusted: bool
    ) -> None:
        self._server = server
        self._internal_errors = internal_errors
        self._overrides = overrides
        self._trusted = trusted
        self._parameters = ClientObject(None)
        self._client: Client | None = None
        self._session: Session | None = None
        self.worker = RequestWorker()

    def initialize(self, params: dict[str, Any]) -> None:
        if self._client is None:
            self._server.protocol.hold(self.session)  # until the folders are open
        self._parameters = ClientObject(params, "params", _log_unreadable)
        capabilities = self._parameters.object("capabilities")
        self._client = Client(self._server, capabilities, client_name(self._parameters))
        process_id = self._parameters.integer("processId")
        if process_id is not None:
            watch_process(process_id)

    def initialized(self, _params: types.InitializedParams) -> None:
        self.session()

    def session(self) -> Session:
        """The session; it begins with the first message after ``initialize``, which is ``initialized``."""
        if self._session is None:
            if self._client is None:
                raise JsonRpcServerNotInitialized("The server has not been initialized.")
            from specql_lsp.config import Layer
            from specql_lsp.lsp.session import Session
            from specql_lsp.lsp.workspace_folders import begin

            options = self._parameters.value("initializationOptions")
            layers = [Layer("initializationOptions", options)] if isinstance(options, dict) else []
            self._session = Session(self._client, layers, self._overrides, self._internal_errors, trusted=self._trusted)
            begin(self._session, folder_uris(self._parameters))
        return self._session

    def shutdown(self, _params: None) -> None:
        self.worker.close()
        if self._session is not None:
            self._session.close()


def create_server(
    overrides: list[Layer] | None = None,
    *,
    trusted: bool = True,
    requests: Sequence[Route] = REQUESTS,
    internal_errors: InternalErrors | None = None,
) -> SpecqlServer:
    """A server with every handler registered.

    Args:
        overrides: settings above all others, such as the command line's.
        trusted: whether a workspace's ``specql-lsp.toml`` may name a database to connect to.
        requests: the requests that are answered.
        internal_errors: what the performance report says of the server's own errors; None: there are none.
    """
    server = SpecqlServer(
        NAME,
        __version__,
        protocol_cls=SpecqlProtocol,
        converter_factory=tolerant_converter,
    )
    connection = _Connection(server, overrides or [], internal_errors or InternalErrors(), trusted=trusted)
    server.on_end = connection.worker.close
    server.feature(types.INITIALIZE)(guard_sync(types.INITIALIZE, connection.initialize))
    server.feature(types.INITIALIZED)(guard_notification(types.INITIALIZED, connection.initialized))
    server.feature(types.SHUTDOWN)(guard_sync(types.SHUTDOWN, connection.shutdown))
    for route in requests:
        server.feature(route.method)(
            request_handler(route, connection.session, connection.worker, server.protocol.converter.unstructure)
        )
    for route in NOTIFICATIONS:
        server.feature(route.method)(notification_handler(route, connection.session, connection.worker))
    for route in COMMANDS:
        server.command(route.method)(command_handler(route, connection.session))
    return server


def _log_unreadable(path: str) -> None:
    logger.warning("Of initialize %s cannot be read; it is left out.", path)


def folder_uris(params: ClientObject) -> list[str]:
    """The workspace folders; of older clients the root; of a client without a folder one that has no path.

    Args:
        params: the parameters of ``initialize``.
    """
    folders = [folder.text("uri") for folder in params.objects("workspaceFolders") or ()]
    if uris := [uri for uri in folders if uri is not None]:
        return uris
    if root := params.text("rootUri"):
        return [root]
    if path := params.text("rootPath"):
        from pathlib import Path

        return [Path(path).absolute().as_uri()]
    return [""]


def serve(overrides: list[Layer] | None = None, *, trusted: bool = True, first: FirstMessage | None = None) -> int:
    """Serves on stdin and stdout until the client leaves.

    Args:
        overrides: settings above all others, such as the command line's.
        trusted: whether a workspace's ``specql-lsp.toml`` may name a database to connect to.
        first: what was read from stdin already.

    Returns:
        The process's exit status: 0, or 1 where the client left without ``shutdown`` (LSP 3.17, "exit").
    """
    internal_errors = InternalErrors()
    logging.getLogger().addHandler(internal_errors)
    server = create_server(overrides, trusted=trusted, internal_errors=internal_errors)
    server.first = first
    try:
        server.start_io()
    except (BrokenPipeError, ConnectionError, asyncio.CancelledError):
        logger.warning("The client is gone.")
    return 0 if server.protocol.was_shut_down else 1
