"""``specql.registerDomain``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import folder_for, required, result, text, truth
from specql_lsp.lsp.handlers.commands.trees import domain_tree
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot


async def register_domain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registerDomain``: adds a domain."""
    multi_tenant = truth(argument, "multiTenant", default=False)
    aliases = argument.get("aliases") or []
    if not isinstance(aliases, list | tuple) or not all(isinstance(alias, str) for alias in aliases):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "aliases must be a list of texts.")
    folder = folder_for(session, argument)
    await session.index_now(folder)  # the answer says which codes are free
    domain = await result(
        folder.service.register_domain(
            required(argument, "number"),
            required(argument, "name"),
            text(argument, "description"),
            multi_tenant=multi_tenant,
            aliases=tuple(aliases),
        )
    )
    session.changed_registry(folder, RegistryPath(domain.number))
    return await domain_tree(session, folder, Snapshot([domain]), domain)
