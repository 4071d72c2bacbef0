"""The client: its capabilities, and the requests and notifications that we send to it."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.lsp.awaiting import outcome
from specql_lsp.lsp.capabilities import (
    is_of_vscode,
    position_encoding,
    pulls_documents,
    pulls_workspace,
)
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.stdio_server import SpecqlServer
from specql_lsp.redaction import redact

logger = logging.getLogger(__name__)

STATUS_METHOD = "specql/registryStatus"
CATALOGS_METHOD = "specql/catalogsChanged"
DOMAINS_METHOD = "specql/domainsChanged"


class Client:
    """What the client declared at ``initialize``, read once.

    Args:
        server: what the requests and notifications are sent through.
        capabilities: the client's capabilities (LSP 3.17, "ClientCapabilities").
        name: the client's own name (LSP 3.17, "clientInfo"); empty where it gives none.
    """

    def __init__(self, server: SpecqlServer, capabilities: ClientObject, name: str = "") -> None:
        self._server = server
        workspace = capabilities.object("workspace")
        document = capabilities.object("textDocument")
        views = ("inlayHint", "codeLens", "semanticTokens")
        self.shows_catalogs = False
        """Whether the client has asked for catalogs."""
        self.shows_domains = False
        """Whether the client has asked for the domains."""
        self.refreshed_views = tuple(name for name in views if workspace.object(name).flag("refreshSupport"))
        """What the client asks for again on request (LSP 3.17, "refreshSupport")."""
        window = capabilities.object("window")
        self.encoding = Encoding(position_encoding(capabilities))
        self.pulls_configuration = workspace.flag("configuration")
        self.watches_files = workspace.object("didChangeWatchedFiles").flag("dynamicRegistration")
        self.registers_configuration = workspace.object("didChangeConfiguration").flag("dynamicRegistration")
        edits = workspace.object("workspaceEdit")
        self.document_changes = edits.flag("documentChanges")
        self.creates_files = "create" in edits.texts("resourceOperations")
        """Whether an edit may create files."""
        self.renames_files = "rename" in edits.texts("resourceOperations")
        """Whether an edit may rename files."""
        self.change_annotations = edits.has_object("changeAnnotationSupport")
        """Whether an edit's changes may have labels, under which the user confirms them."""
        self.asks_about_moves = is_of_vscode(name)
        """Whether it asks its user about any edit that follows a renamed file, also one that needs no confirmation."""
        self.applies_edits = workspace.flag("applyEdit")
        symbols = workspace.object("symbol").object("resolveSupport")
        self.resolves_symbols = "location.range" in symbols.texts("properties")
        """Whether the range of a workspace symbol may be asked for when the symbol is chosen."""
        completion = document.object("completion")
        item = completion.object("completionItem")
        self.label_details = item.flag("labelDetailsSupport")
        self.snippets = item.flag("snippetSupport")
        self.marks_deprecated = item.has_object("tagSupport")
        self.opens_lists = is_of_vscode(name)
        """Whether it has VS Code's command that opens the list of completions."""
        self.completion_formats = tuple(item.texts("documentationFormat"))
        self.item_defaults = "editRange" in completion.object("completionList").texts("itemDefaults")
        signature = document.object("signatureHelp").object("signatureInformation")
        self.signature_formats = tuple(signature.texts("documentationFormat"))
        self.label_offsets = signature.object("parameterInformation").flag("labelOffsetSupport")
        """Whether a signature's parameters may be spans of its label."""
        self.hover_formats = tuple(document.object("hover").texts("contentFormat"))
        action = document.object("codeAction")
        self.disabled_actions = action.flag("disabledSupport")
        self.resolves_edits = action.flag("dataSupport") and "edit" in action.object("resolveSupport").texts(
            "properties"
        )
        """Whether an action's edit may be asked for when the action is chosen."""
        self.definition_links = document.object("definition").flag("linkSupport")
        self.type_definition_links = document.object("typeDefinition").flag("linkSupport")
        self.link_tooltips = document.object("documentLink").flag("tooltipSupport")
        self.symbol_trees = document.object("documentSymbol").flag("hierarchicalDocumentSymbolSupport")
        """Whether a document's symbols may have children."""
        self.most_folding_ranges = document.object("foldingRange").integer("rangeLimit")
        """How many ranges to fold it takes of a document; None: any number."""
        publish = document.object("publishDiagnostics")
        self.versions = publish.flag("versionSupport")
        self.code_descriptions = publish.flag("codeDescriptionSupport")
        """Whether a diagnostic's code may link to a page."""
        self.diagnostic_tags = publish.has_object("tagSupport")
        """Whether a diagnostic may be tagged as unnecessary."""
        self.related_information = publish.flag("relatedInformation")
        """Whether a diagnostic may point at further places."""
        self.pulls_documents = pulls_documents(capabilities)
        """Whether it asks for the diagnostics of its open documents."""
        self.pulls_workspace = pulls_workspace(capabilities, name)
        """Whether it asks for the diagnostics of all files."""
        self.related_documents = document.object("diagnostic").flag("relatedDocumentSupport")
        """Whether the answer about one document may hold the diagnostics of others."""
        self.offers_actions = window.has_object("showMessage")
        """Whether a message may come with buttons (LSP 3.17, "window.showMessage")."""
        self.commands = frozenset(capabilities.object("experimental").object("commands").texts("commands"))
        """Its own commands, which lenses and actions may call: said as rust-analyzer's clients say it."""
        self.shows_references = "specql.showReferences" in self.commands
        self.shows_documents = window.object("showDocument").flag("support")

    def hold(self) -> None:
        """Holds the client's messages until ``release`` (``SpecqlProtocol.hold``)."""
        self._server.protocol.hold()

    def release(self) -> None:
        """Handles the messages that were held."""
        self._server.protocol.release()

    def publish(self, uri: str, diagnostics: str, version: int | None) -> None:
        """Sends the diagnostics of a file, as the text of a JSON array.

        Args:
            uri: the file, in the client's spelling.
            diagnostics: the array.
            version: of an open document; it is sent to a client that takes one.
        """
        versioned = f',"version":{version}' if version is not None and self.versions else ""
        params = f'{{"uri":{json.dumps(uri)},"diagnostics":{diagnostics}{versioned}}}'
        self._server.protocol.notify_text("textDocument/publishDiagnostics", params)

    def sending_together(self) -> AbstractContextManager[None]:
        """Sends what is sent in a block in one piece at its end; not for longer than a moment."""
        return self._server.protocol.sending_together()

    def partial_result(self, token: str | int, value: str) -> None:
        """Sends a part of a request's result, as the text of its JSON (LSP 3.17, "Partial Result Progress")."""
        self._server.protocol.notify_text("$/progress", f'{{"token":{json.dumps(token)},"value":{value}}}')

    async def refresh_views(self) -> None:
        """Has the client ask again for the views that it can refresh; waits until it heard."""
        requests = {
            "inlayHint": self._server.workspace_inlay_hint_refresh,
            "codeLens": self._server.workspace_code_lens_refresh,
            "semanticTokens": self._server.workspace_semantic_tokens_refresh,
        }
        for view in self.refreshed_views:
            try:
                await outcome(requests[view](None))
            except JsonRpcException as error:
                logger.warning("The client did not refresh its %s: %s", view, error)

    async def refresh_diagnostics(self) -> None:
        """Has the client ask again for the diagnostics of the documents that it asked for; waits until it heard."""
        try:
            await outcome(self._server.workspace_diagnostic_refresh(None))
        except JsonRpcException as error:
            logger.warning("The client did not refresh its diagnostics: %s", error)

    def as_json(self, value: Any) -> Any:
        """One of the protocol's objects as JSON."""
        return self._server.protocol.converter.unstructure(value)

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
            answer = await outcome(request)
        except JsonRpcException as error:
            logger.warning("The client did not show a message: %s", error)
            return None
        title = getattr(answer, "title", None)
        return title if title in actions else None

    async def show_document(self, uri: str, selection: types.Range) -> bool:
        """Has the editor open a file at a place, in the client's spelling and encoding; whether it did."""
        params = types.ShowDocumentParams(uri, external=False, take_focus=True, selection=selection)
        try:
            answer = await outcome(self._server.window_show_document(params))
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

    async def refresh_catalogs(self) -> None:
        """Sends ``specql/catalogsChanged`` to a client that has asked for catalogs."""
        if self.shows_catalogs:
            self._server.protocol.notify(CATALOGS_METHOD, {})

    async def refresh_domains(self) -> None:
        """Sends ``specql/domainsChanged`` to a client that has asked for the domains."""
        if self.shows_domains:
            self._server.protocol.notify(DOMAINS_METHOD, {})

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

    async def apply_json(self, label: str, edit: dict[str, Any]) -> bool:
        """As ``apply``, of an edit as JSON."""
        return await self.apply(label, self._server.protocol.converter.structure(edit, types.WorkspaceEdit))

    async def apply(self, label: str, edit: types.WorkspaceEdit) -> bool:
        """Asks the client to make an edit; whether it did."""
        try:
            answer = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        except JsonRpcException as error:
            logger.warning("The client refused an edit: %s", error)
            return False
        return bool(answer.applied)
