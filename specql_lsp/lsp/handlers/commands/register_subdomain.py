"""``specql.registerSubdomain``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import folder_for, required, result, snapshot_of, text
from specql_lsp.lsp.handlers.commands.trees import domain_tree
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import RefusalKind, Refused


async def register_subdomain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registerSubdomain``: adds a subdomain to a domain."""
    parent = required(argument, "domain")
    folder = folder_for(session, argument)
    await session.index_now(folder)  # the answer says which codes are free
    subdomain = await result(
        folder.service.register_subdomain(
            parent, required(argument, "number"), required(argument, "name"), text(argument, "description")
        )
    )
    snapshot = snapshot_of(folder)
    domain = snapshot.domain(parent)
    if domain is None:  # removed at the same moment
        raise Refused(RefusalKind.UNKNOWN_DOMAIN, f"There is no domain {parent} any more.")
    session.changed_registry(folder, RegistryPath(domain.number, subdomain.number))
    tree = await domain_tree(session, folder, snapshot, domain._replace(subdomains=(subdomain,)))
    subtree: dict[str, Any] = tree["subdomains"][0]
    return subtree
