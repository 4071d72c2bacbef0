"""``specql.listDomains``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.handlers.commands.support import answering_folder, snapshot_of, truth
from specql_lsp.lsp.handlers.commands.trees import domain_trees
from specql_lsp.lsp.session import Session


async def list_domains(session: Session, argument: dict[str, Any]) -> JsonText:
    """``specql.listDomains``: the tree of every domain.

    Waits until all files have been read: a code that only a file has is not free. With ``atOnce`` it answers from the
    files that have been read so far. The client is notified from now on when files change what is listed.
    """
    at_once = truth(argument, "atOnce", default=False)
    session.notify_of_domains()
    folder = await answering_folder(session, argument)
    if not at_once:
        await session.index_now(folder)
    return await domain_trees(session, folder, snapshot_of(folder))
