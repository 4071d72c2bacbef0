"""``specql.getDomain``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import answering_folder, snapshot_of, text
from specql_lsp.lsp.handlers.commands.trees import domain_tree
from specql_lsp.lsp.session import Session
from specql_lsp.registry.refusals import RefusalKind, Refused


async def get_domain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.getDomain``: the tree of one domain, by its number or its name."""
    folder = await answering_folder(session, argument)
    await session.index_now(folder)  # a code that only a file has is not free
    snapshot = snapshot_of(folder)
    number, name = text(argument, "number"), text(argument, "name")
    if (number is None) == (name is None):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "Give either the number or the name of a domain.")
    domain = snapshot.domain_numbered(number) if number else snapshot.domain_named(name or "")
    if domain is None:
        known = ", ".join(f"{d.number} {d.name}" for d in snapshot.domains) or "none"
        raise Refused(RefusalKind.UNKNOWN_DOMAIN, f"There is no domain {number or name}. The registry has: {known}.")
    return await domain_tree(session, folder, snapshot, domain)
