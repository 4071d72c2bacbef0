"""``specql.registryStatus``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import answering_folder
from specql_lsp.lsp.session import Session
from specql_lsp.registry.serialization import status_to_json


async def registry_status(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registryStatus``: what answers now, without asking anything."""
    return status_to_json((await answering_folder(session, argument)).service.state)
