"""The one table that says which handler answers what. Its names are those of ``offers``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lsprotocol import types

from specql_lsp.lsp.handlers import code_action, commands, completion, configuration, consistency, documents, hover
from specql_lsp.lsp.session import Session

REQUESTS: Mapping[str, Callable[[Session, Any], Any]] = {
    types.TEXT_DOCUMENT_COMPLETION: completion.completion,
    types.COMPLETION_ITEM_RESOLVE: completion.resolve,
    types.TEXT_DOCUMENT_HOVER: hover.hover,
    types.TEXT_DOCUMENT_CODE_ACTION: code_action.code_action,
    types.CODE_ACTION_RESOLVE: code_action.resolve,
}

NOTIFICATIONS: Mapping[str, Callable[[Session, Any], None]] = {
    types.TEXT_DOCUMENT_DID_OPEN: documents.did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: documents.did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: documents.did_close,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: documents.did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: configuration.did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: configuration.did_change_workspace_folders,
}

COMMANDS: Mapping[str, commands.Command] = {
    "specql.allocateEntityCode": commands.allocate_entity_code,
    "specql.checkConsistency": consistency.check_consistency,
    "specql.resolveDiscrepancy": consistency.resolve_discrepancy,
    "specql.registryAsYaml": consistency.registry_as_yaml,
    "specql.refreshRegistry": commands.refresh_registry,
    "specql.registryStatus": commands.registry_status,
    "specql.performanceReport": commands.performance_report,
    "specql.listDomains": commands.list_domains,
    "specql.getDomain": commands.get_domain,
    "specql.registerDomain": commands.register_domain,
    "specql.registerSubdomain": commands.register_subdomain,
}

begin = configuration.begin
