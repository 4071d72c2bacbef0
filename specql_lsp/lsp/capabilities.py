"""What the server answers to ``initialize``: a pure function of its table of routes and of the client's capabilities.

JSON in, JSON out. It imports nothing of the protocol: the answer is sent before that is imported. For the same routes
pygls' ``ServerCapabilitiesBuilder`` gives the same capabilities; a test compares the two.
"""

from __future__ import annotations

from specql_lsp import __version__
from specql_lsp.lsp.routes import COMMANDS, NOTIFICATIONS, REQUESTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from specql_lsp.lsp.client_json import ClientObject

NAME = "specql-lsp"

ENCODINGS = ("utf-8", "utf-16", "utf-32")
"""The encodings in which positions can be counted (LSP 3.17, "PositionEncodingKind")."""
DEFAULT_ENCODING = "utf-16"
_INCREMENTAL = 2
"""LSP 3.17, "TextDocumentSyncKind"."""

PROVIDERS: Mapping[str, str] = {
    "textDocument/codeAction": "codeActionProvider",
    "textDocument/codeLens": "codeLensProvider",
    "textDocument/completion": "completionProvider",
    "textDocument/declaration": "declarationProvider",
    "textDocument/definition": "definitionProvider",
    "textDocument/diagnostic": "diagnosticProvider",
    "textDocument/documentColor": "colorProvider",
    "textDocument/documentHighlight": "documentHighlightProvider",
    "textDocument/documentLink": "documentLinkProvider",
    "textDocument/documentSymbol": "documentSymbolProvider",
    "textDocument/foldingRange": "foldingRangeProvider",
    "textDocument/formatting": "documentFormattingProvider",
    "textDocument/hover": "hoverProvider",
    "textDocument/implementation": "implementationProvider",
    "textDocument/inlayHint": "inlayHintProvider",
    "textDocument/inlineValue": "inlineValueProvider",
    "textDocument/linkedEditingRange": "linkedEditingRangeProvider",
    "textDocument/moniker": "monikerProvider",
    "textDocument/onTypeFormatting": "documentOnTypeFormattingProvider",
    "textDocument/prepareCallHierarchy": "callHierarchyProvider",
    "textDocument/prepareTypeHierarchy": "typeHierarchyProvider",
    "textDocument/rangeFormatting": "documentRangeFormattingProvider",
    "textDocument/references": "referencesProvider",
    "textDocument/rename": "renameProvider",
    "textDocument/selectionRange": "selectionRangeProvider",
    "textDocument/semanticTokens/full": "semanticTokensProvider",
    "textDocument/signatureHelp": "signatureHelpProvider",
    "textDocument/typeDefinition": "typeDefinitionProvider",
    "workspace/symbol": "workspaceSymbolProvider",
}
"""The server capability of each request that has one (LSP 3.17, "ServerCapabilities")."""

_WITHOUT_BOOLEAN = frozenset(
    {"codeLensProvider", "completionProvider", "documentLinkProvider", "signatureHelpProvider"}
)
"""Capabilities whose value is an object also if there is nothing to say in it."""

_SAID_BY_ROUTES: Mapping[str, Mapping[str, str]] = {
    "codeLensProvider": {"resolveProvider": "codeLens/resolve"},
    "documentLinkProvider": {"resolveProvider": "documentLink/resolve"},
    "inlayHintProvider": {"resolveProvider": "inlayHint/resolve"},
    "workspaceSymbolProvider": {"resolveProvider": "workspaceSymbol/resolve"},
    "diagnosticProvider": {"workspaceDiagnostics": "workspace/diagnostic"},
}
"""Options that are true if another request has a route, and false otherwise."""

_FILE_OPERATIONS: Mapping[str, str] = {
    f"workspace/{operation}Files": operation
    for operation in ("willCreate", "didCreate", "willRename", "didRename", "willDelete", "didDelete")
}


def position_encoding(capabilities: ClientObject) -> str:
    """The client's first encoding that the server knows; UTF-16 if there is none (LSP 3.17)."""
    offered = capabilities.object("general").texts("positionEncodings")
    return next((encoding for encoding in offered if encoding in ENCODINGS), DEFAULT_ENCODING)


def initialize_result(params: ClientObject) -> dict[str, Any]:
    """The result of ``initialize`` with these parameters, as JSON."""
    capabilities = params.object("capabilities")
    options = {route.method: route.options for route in (*REQUESTS, *NOTIFICATIONS)}
    if not pulls_documents(capabilities):
        options.pop("textDocument/diagnostic", None)
    if not pulls_workspace(capabilities, client_name(params)):
        options.pop("workspace/diagnostic", None)
    return {
        "capabilities": server_capabilities(options, [route.method for route in COMMANDS], capabilities),
        "serverInfo": {"name": NAME, "version": __version__},
    }


def pulls_documents(capabilities: ClientObject) -> bool:
    """Whether a client asks for the diagnostics of its open documents.

    It must do so again on request (LSP 3.17, "workspace/diagnostic/refresh"): what is found in a document changes with
    other files and with the registry. To one that cannot (Neovim 0.11) everything is published. Some clients (Zed,
    Helix) spell the capability ``diagnostic``.
    """
    workspace = capabilities.object("workspace")
    refreshes = any(workspace.object(name).flag("refreshSupport") for name in ("diagnostics", "diagnostic"))
    return capabilities.object("textDocument").has_object("diagnostic") and refreshes


def pulls_workspace(capabilities: ClientObject, name: str) -> bool:
    """Whether a client asks for the diagnostics of all files by itself, and keeps on doing so.

    No capability says so. VS Code does; Neovim 0.12 does at its user's request, and no longer asks for documents at a
    refresh if the server answers ``workspace/diagnostic``.

    Args:
        capabilities: the client's.
        name: the client's own name.
    """
    return pulls_documents(capabilities) and is_of_vscode(name)


def client_name(params: ClientObject) -> str:
    """The client's own name (LSP 3.17, "clientInfo"); empty where it gives none."""
    return params.object("clientInfo").text("name") or ""


_OF_VSCODE = ("visual studio code", "code - oss", "vscode", "vscodium", "code-server", "cursor", "windsurf", "positron")


def is_of_vscode(name: str) -> bool:
    """Whether a client is VS Code or made of it, by its name: what VS Code calls ``vscode.env.appName``."""
    return name.lower().startswith(_OF_VSCODE)


def server_capabilities(
    options: Mapping[str, Mapping[str, Any] | None], commands: Sequence[str], client: ClientObject
) -> dict[str, Any]:
    """The server's capabilities.

    Args:
        options: the options of every method that has a route.
        commands: the commands, in their order.
        client: the client's capabilities.
    """
    shown: dict[str, Any] = {
        "positionEncoding": position_encoding(client),
        "textDocumentSync": _synchronization(options, client),
        "executeCommandProvider": {"commands": list(commands)},
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": _file_operations(options, client),
        },
    }
    for method, provider in PROVIDERS.items():
        if method in options:
            shown[provider] = _provider(provider, options, options[method] or {}, client)
    return shown


def _provider(
    provider: str, all_options: Mapping[str, Any], options: Mapping[str, Any], client: ClientObject
) -> Mapping[str, Any] | bool:
    """A capability's value: its options, or True where it has none."""
    if provider == "renameProvider":
        # RenameOptions only for a client that prepares renames (LSP 3.17, "textDocument/rename").
        if not client.object("textDocument").object("rename").flag("prepareSupport"):
            return True
        return {"prepareProvider": "textDocument/prepareRename" in all_options}
    if provider == "semanticTokensProvider":
        has_delta = "textDocument/semanticTokens/full/delta" in all_options
        ranges = {"range": True} if "textDocument/semanticTokens/range" in all_options else {}
        return {**options, "full": {"delta": True} if has_delta else True, **ranges}
    said = {name: method in all_options for name, method in _SAID_BY_ROUTES.get(provider, {}).items()}
    return {**options, **said} or ({} if provider in _WITHOUT_BOOLEAN else True)


def _synchronization(options: Mapping[str, Any], client: ClientObject) -> dict[str, Any]:
    supported = client.object("textDocument").object("synchronization")
    return {
        "openClose": "textDocument/didOpen" in options or "textDocument/didClose" in options,
        "change": _INCREMENTAL,
        "save": "textDocument/didSave" in options and (options["textDocument/didSave"] or True),
        **{
            name: supported.flag(name) and f"textDocument/{name}" in options
            for name in ("willSave", "willSaveWaitUntil")
            if supported.value(name) is not None
        },
    }


def _file_operations(options: Mapping[str, Any], client: ClientObject) -> dict[str, Any]:
    supported = client.object("workspace").object("fileOperations")
    return {
        operation: options[method]
        for method, operation in _FILE_OPERATIONS.items()
        if method in options and supported.flag(operation)
    }
