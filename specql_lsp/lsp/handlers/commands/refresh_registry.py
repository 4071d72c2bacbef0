"""``specql.refreshRegistry``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import folder_for, refreshed
from specql_lsp.lsp.session import Session
from specql_lsp.registry.serialization import status_to_json


async def refresh_registry(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.refreshRegistry``: reads the registry now, also in a pause between attempts, and looks at the files."""
    folder = folder_for(session, argument)
    session.folder_changes.look_again(folder)
    return status_to_json(await refreshed(folder))
