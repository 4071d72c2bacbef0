"""The client: what it can do, and the requests and notifications that we send to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.protocol import SpecqlServer
from specql_lsp.redaction import redact

logger = logging.getLogger(__name__)

STATUS_METHOD = "specql/registryStatus"

_Answer = TypeVar("_Answer")


class Client:
    """What the client declared at ``initialize``, read once."""

    def __init__(self, server: SpecqlServer, capabilities: types.ClientCapabilities) -> None:
        self._server = server
        workspace = capabilities.workspace
        document = capabilities.text_document
        general = capabilities.general
        window = capabilities.window
        self.encoding = Encoding.negotiated(list(general.position_encodings or ()) if general else None)
        self.pulls_configuration = bool(workspace and workspace.configuration)
        self.watches_files = bool(
            workspace and workspace.did_change_watched_files and workspace.did_change_watched_files.dynamic_registration
        )
        self.registers_configuration = bool(
            workspace and workspace.did_change_configuration and workspace.did_change_configuration.dynamic_registration
        )
        edit = workspace.workspace_edit if workspace else None
        self.document_changes = bool(edit and edit.document_changes)
        self.applies_edits = bool(workspace and workspace.apply_edit)
        completion = document.completion if document else None
        item = completion.completion_item if completion else None
        self.label_details = bool(item and item.label_details_support)
        self.snippets = bool(item and item.snippet_support)
        self.completion_formats = tuple(item.documentation_format or ()) if item else ()
        lists = completion.completion_list if completion else None
        self.item_defaults = bool(lists and "editRange" in (lists.item_defaults or ()))
        hover = document.hover if document else None
        self.hover_formats = tuple(hover.content_format or ()) if hover else ()
        action = document.code_action if document else None
        self.disabled_actions = bool(action and action.disabled_support)
        definition = document.definition if document else None
        self.definition_links = bool(definition and definition.link_support)
        symbols = document.document_symbol if document else None
        self.symbol_trees = bool(symbols and symbols.hierarchical_document_symbol_support)
        """Whether a document's symbols may have children."""
        publish = document.publish_diagnostics if document else None
        self.versions = bool(publish and publish.version_support)
        self.related_information = bool(publish and publish.related_information)
        self.offers_actions = bool(window and window.show_message)
        """Whether a message may come with buttons (LSP 3.17, "window.showMessage")."""
        self.shows_documents = bool(window and window.show_document and window.show_document.support)

    def hold(self) -> None:
        """Keeps the client's messages back until ``release`` (``SpecqlProtocol.hold``)."""
        self._server.protocol.hold()

    def release(self) -> None:
        """Handles the messages that were kept back."""
        self._server.protocol.release()

    def publish(self, params: types.PublishDiagnosticsParams) -> None:
        """Sends the diagnostics of a file."""
        self._server.text_document_publish_diagnostics(params)

    def show(self, kind: types.MessageType, message: str) -> None:
        """Shows a message to the user."""
        self._server.window_show_message(types.ShowMessageParams(kind, redact(message)))

    async def ask(self, kind: types.MessageType, message: str, actions: Sequence[str]) -> str | None:
        """Shows a message with buttons, and waits for as long as it stays open.

        Returns:
            The title of the button that was chosen; None where the message was closed, or cannot be shown.
        """
        items = [types.MessageActionItem(title) for title in actions]
        request = self._server.window_show_message_request(types.ShowMessageRequestParams(kind, redact(message), items))
        try:
            answer = await _answered(request)
        except JsonRpcException as error:
            logger.warning("The client did not show a message: %s", error)
            return None
        title = getattr(answer, "title", None)
        return title if title in actions else None

    async def show_document(self, uri: str, selection: types.Range) -> bool:
        """Has the editor open a file at a place, in the client's spelling and encoding; whether it did."""
        params = types.ShowDocumentParams(uri, external=False, take_focus=True, selection=selection)
        try:
            answer = await _answered(self._server.window_show_document(params))
        except JsonRpcException as error:
            logger.warning("The client did not show a document: %s", error)
            return False
        return bool(getattr(answer, "success", False))

    def log(self, kind: types.MessageType, message: str) -> None:
        """Writes to the client's log of this server."""
        self._server.window_log_message(types.LogMessageParams(kind, redact(message)))

    def status(self, status: dict[str, Any]) -> None:
        """Sends ``specql/registryStatus``."""
        self._server.protocol.notify(STATUS_METHOD, status)

    async def configuration(self, scopes: list[str | None]) -> list[Any] | None:
        """The section ``specql`` for each scope (folders' URIs); None where the client does not answer it."""
        items = [types.ConfigurationItem(scope_uri=scope, section="specql") for scope in scopes]
        try:
            answer = await self._server.workspace_configuration_async(types.ConfigurationParams(items))
        except JsonRpcException as error:
            logger.warning("The client did not give its configuration: %s", error)
            return None
        return list(answer) if isinstance(answer, list | tuple) else None

    async def register(self, registrations: list[types.Registration]) -> bool:
        """Registers capabilities; whether the client took them."""
        try:
            await self._server.client_register_capability_async(types.RegistrationParams(registrations))
        except JsonRpcException as error:
            logger.warning("The client refused a registration: %s", error)
            return False
        return True

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> bool:
        """Asks the client to make an edit; whether it did."""
        try:
            answer = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        except JsonRpcException as error:
            logger.warning("The client refused an edit: %s", error)
            return False
        return bool(answer.applied)


async def _answered(request: Future[_Answer]) -> _Answer:
    """The client's answer to a request of ours.

    Whoever waits may be cancelled, the request not: pygls would break on an answer that still comes (issue 621).
    """
    return await asyncio.shield(asyncio.wrap_future(request))
