"""``specql.listDomains``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.handlers.commands.support import answering_folder, snapshot_of
from specql_lsp.lsp.handlers.commands.trees import domain_trees
from specql_lsp.lsp.session import Session


async def list_domains(session: Session, argument: dict[str, Any]) -> JsonText:
    """``specql.listDomains``: the tree of every domain."""
    folder = await answering_folder(session, argument)
    snapshot = snapshot_of(folder)
    return await domain_trees(session, folder, snapshot)
