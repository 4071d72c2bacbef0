"""``workspace/didChangeConfiguration``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.lsp.session import Session
from specql_lsp.lsp.workspace_folders import apply_configurations


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Follows changed settings."""
    session.spawn(_pull(session, params))


async def _pull(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Requests the changed settings, or takes them from the notification of a client that cannot be asked."""
    uris = list(session.folders)
    if session.client.pulls_configuration:
        apply_configurations(session, uris, await session.client.configuration([uri or None for uri in uris]))
        return
    settings = params.settings if isinstance(params.settings, dict) else {}
    section = settings.get("specql", settings)
    apply_configurations(session, uris, [section] * len(uris))
