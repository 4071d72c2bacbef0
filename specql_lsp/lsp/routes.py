"""The table of routes: every request, notification and command of the server, with the handler that answers it.

Plain data. ``initialize`` is answered from this module before the protocol is imported, so it imports nothing at run
time; a handler is imported when it is first called.

The handlers' signatures, by table:

- ``REQUESTS``: ``(context, params)``; ``textDocument/…`` gets a ``DocumentContext``, everything else, and what
  ``WAITS``, a ``RequestContext`` (``request_context``). A ``textDocument/…`` request with a ``DocumentContext`` for a
  document whose text is not known is answered with null; its handler is not called.
- ``NOTIFICATIONS``: ``(session, params)``.
- ``COMMANDS``: ``async (session, argument)`` with the command's only argument, a JSON object.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal

    Runs = Literal["loop", "worker", "waits", "task"]

LOOP: Runs = "loop"
"""The handler runs at once on the event loop: for what is answered from one file within a few milliseconds."""
WORKER: Runs = "worker"
"""The handler runs on the requests' thread, from a context that was made on the event loop, and can be cancelled."""
WAITS: Runs = "waits"
"""The handler runs at once on the event loop and gives a future: the answer comes when something has happened."""

TASK: Runs = "task"
"""The handler is a coroutine function on the event loop: for what asks the registry or the user. What takes long in it
runs on the requests' thread (``RequestContext.on_worker``)."""

_HANDLERS = "specql_lsp.lsp.handlers."


_TOKEN_TYPES = (
    *("class", "type", "property", "enumMember", "parameter", "variable", "function", "keyword", "operator"),
    *("string", "number", "tableCode", "namespace", "macro"),
)
"""As ``features.semantic_tokens.token``, which is not imported at start; a test compares the two."""
_TOKEN_MODIFIERS = ("declaration", "deprecated", "defaultLibrary")


_YAML_AND_FOLDERS = {
    "filters": [
        {"scheme": "file", "pattern": {"glob": "**/*.{yaml,yml}", "matches": "file"}},
        {"scheme": "file", "pattern": {"glob": "**", "matches": "folder"}},
    ]
}


class Route:
    """What answers a method or command.

    Args:
        method: the method of LSP, or the name of a command.
        handler: ``module:function`` within ``specql_lsp.lsp.handlers``.
        options: the options of its server capability, as the protocol's JSON; None where it has none.
        runs: of a request: where its handler runs.
        raw: whether the handler gets the parameters as JSON: what cannot be structured must reach it, too.
    """

    __slots__ = ("handler", "method", "options", "raw", "runs")

    def __init__(
        self,
        method: str,
        handler: str,
        options: Mapping[str, Any] | None = None,
        *,
        runs: Runs = LOOP,
        raw: bool = False,
    ) -> None:
        self.method = method
        self.handler = handler
        self.options = options
        self.runs = runs
        self.raw = raw

    def load(self) -> Callable[..., Any]:
        """The handler; its module is imported now if it is not yet."""
        from importlib import import_module

        module, _, name = self.handler.partition(":")
        handler: Callable[..., Any] = getattr(import_module(_HANDLERS + module), name)
        return handler


REQUESTS: tuple[Route, ...] = (
    Route(
        "textDocument/completion",
        "completion:completion",
        {"triggerCharacters": [":", " ", "'", '"', "(", ".", "|", "$"], "resolveProvider": True},
    ),
    Route("completionItem/resolve", "completion_item_resolve:completion_item_resolve", raw=True),
    Route("textDocument/signatureHelp", "signature_help:signature_help", {"triggerCharacters": ["(", ","]}),
    Route("textDocument/hover", "hover:hover"),
    Route("textDocument/definition", "definition:definition", runs=WORKER),
    Route("textDocument/typeDefinition", "type_definition:type_definition", runs=WORKER),
    Route("textDocument/documentHighlight", "document_highlight:document_highlight", runs=WORKER),
    Route("textDocument/references", "references:references", runs=WORKER),
    Route("textDocument/prepareRename", "prepare_rename:prepare_rename"),
    Route("textDocument/rename", "rename:rename", runs=TASK),
    Route("textDocument/prepareCallHierarchy", "call_hierarchy_prepare:call_hierarchy_prepare", runs=WORKER),
    Route("callHierarchy/incomingCalls", "call_hierarchy_incoming:call_hierarchy_incoming", runs=WORKER, raw=True),
    Route("callHierarchy/outgoingCalls", "call_hierarchy_outgoing:call_hierarchy_outgoing", runs=WORKER, raw=True),
    Route("textDocument/prepareTypeHierarchy", "type_hierarchy_prepare:type_hierarchy_prepare", runs=WORKER),
    Route("typeHierarchy/supertypes", "type_hierarchy_supertypes:type_hierarchy_supertypes", runs=WORKER, raw=True),
    Route("typeHierarchy/subtypes", "type_hierarchy_subtypes:type_hierarchy_subtypes", runs=WORKER, raw=True),
    Route("textDocument/documentLink", "document_link:document_link", runs=WORKER),
    Route("workspace/symbol", "workspace_symbol:workspace_symbol", runs=WORKER),
    Route("workspaceSymbol/resolve", "workspace_symbol_resolve:workspace_symbol_resolve", runs=WORKER, raw=True),
    Route("workspace/willRenameFiles", "will_rename_files:will_rename_files", _YAML_AND_FOLDERS, runs=TASK),
    Route("workspace/willDeleteFiles", "will_delete_files:will_delete_files", _YAML_AND_FOLDERS, runs=TASK),
    Route("textDocument/documentSymbol", "document_symbol:document_symbol", runs=WORKER),
    Route("textDocument/formatting", "formatting:formatting", runs=WORKER),
    Route("textDocument/rangeFormatting", "range_formatting:range_formatting", runs=WORKER),
    Route(
        "textDocument/onTypeFormatting",
        "on_type_formatting:on_type_formatting",
        {"firstTriggerCharacter": "\n", "moreTriggerCharacter": ["-"]},
    ),
    Route("textDocument/foldingRange", "folding_range:folding_range", runs=WORKER),
    Route("textDocument/selectionRange", "selection_range:selection_range"),
    Route("textDocument/linkedEditingRange", "linked_editing_range:linked_editing_range"),
    Route(
        "textDocument/codeAction",
        "code_action:code_action",
        {
            "codeActionKinds": ["quickfix", "refactor.rewrite", "source.fixAll.specql", "source.specql.upToDate"],
            "resolveProvider": True,
        },
    ),
    Route(
        "textDocument/semanticTokens/full",
        "semantic_tokens_full:semantic_tokens_full",
        {"legend": {"tokenTypes": list(_TOKEN_TYPES), "tokenModifiers": list(_TOKEN_MODIFIERS)}},
        runs=WORKER,
    ),
    Route(
        "textDocument/semanticTokens/full/delta", "semantic_tokens_full_delta:semantic_tokens_full_delta", runs=WORKER
    ),
    Route("textDocument/semanticTokens/range", "semantic_tokens_range:semantic_tokens_range", runs=WORKER),
    Route(
        "textDocument/diagnostic",
        "diagnostic:diagnostic",
        {"identifier": "specql", "interFileDependencies": True, "workspaceDiagnostics": False},
        runs=WAITS,
    ),
    Route("workspace/diagnostic", "workspace_diagnostic:workspace_diagnostic", runs=WAITS, raw=True),
    Route("codeAction/resolve", "code_action_resolve:code_action_resolve", raw=True),
    Route("textDocument/inlayHint", "inlay_hint:inlay_hint", runs=WORKER),
    Route("inlayHint/resolve", "inlay_hint_resolve:inlay_hint_resolve", raw=True),
    Route("textDocument/codeLens", "code_lens:code_lens", runs=WORKER),
    Route("codeLens/resolve", "code_lens_resolve:code_lens_resolve", raw=True, runs=WORKER),
)

NOTIFICATIONS: tuple[Route, ...] = (
    Route("textDocument/didOpen", "did_open:did_open"),
    Route("textDocument/didChange", "did_change:did_change", raw=True),
    Route("textDocument/didClose", "did_close:did_close"),
    Route("workspace/didRenameFiles", "did_rename_files:did_rename_files", _YAML_AND_FOLDERS),
    Route("workspace/didChangeWatchedFiles", "did_change_watched_files:did_change_watched_files"),
    Route("workspace/didChangeConfiguration", "did_change_configuration:did_change_configuration"),
    Route("workspace/didChangeWorkspaceFolders", "did_change_workspace_folders:did_change_workspace_folders"),
)

COMMANDS: tuple[Route, ...] = (
    Route("specql.allocateEntityCode", "commands.allocate_entity_code:allocate_entity_code"),
    Route("specql.allocateMissingCodes", "commands.allocate_missing_codes:allocate_missing_codes"),
    Route("specql.renameRegistration", "commands.rename_registration:rename_registration"),
    Route("specql.moveRegistration", "commands.move_registration:move_registration"),
    Route("specql.releaseCode", "commands.release_code:release_code"),
    Route("specql.createEntityFile", "commands.create_entity_file:create_entity_file"),
    Route("specql.checkConsistency", "commands.check_consistency:check_consistency"),
    Route("specql.resolveDiscrepancy", "commands.resolve_discrepancy:resolve_discrepancy"),
    Route("specql.resolveDiscrepancies", "commands.resolve_discrepancies:resolve_discrepancies"),
    Route("specql.registryAsYaml", "commands.registry_as_yaml:registry_as_yaml"),
    Route("specql.refreshRegistry", "commands.refresh_registry:refresh_registry"),
    Route("specql.registryStatus", "commands.registry_status:registry_status"),
    Route("specql.performanceReport", "commands.performance_report:performance_report"),
    Route("specql.listDomains", "commands.list_domains:list_domains"),
    Route("specql.getDomain", "commands.get_domain:get_domain"),
    Route("specql.history", "commands.history:history"),
    Route("specql.listCatalogs", "commands.list_catalogs:list_catalogs"),
    Route("specql.registerDomain", "commands.register_domain:register_domain"),
    Route("specql.registerSubdomain", "commands.register_subdomain:register_subdomain"),
)
