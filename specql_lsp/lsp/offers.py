"""What the server offers, by name only: all that ``initialize`` has to know.

An editor waits for ``initialize``, and most of a start is imports; whatever answers is imported after it
(``routes``).
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

REQUESTS: dict[str, Any] = {
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(
        trigger_characters=[":", " ", "'", '"', "(", ".", "|"], resolve_provider=True
    ),
    types.COMPLETION_ITEM_RESOLVE: None,
    types.TEXT_DOCUMENT_HOVER: None,
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite],
        resolve_provider=False,
    ),
    types.CODE_ACTION_RESOLVE: None,
}
"""Methods that are answered, each with the options of its capability."""

NOTIFICATIONS: tuple[str, ...] = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)

COMMANDS: tuple[str, ...] = (
    "specql.allocateEntityCode",
    "specql.checkConsistency",
    "specql.resolveDiscrepancy",
    "specql.registryAsYaml",
    "specql.refreshRegistry",
    "specql.registryStatus",
    "specql.performanceReport",
    "specql.listDomains",
    "specql.getDomain",
    "specql.registerDomain",
    "specql.registerSubdomain",
)
