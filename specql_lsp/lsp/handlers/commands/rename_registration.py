"""``specql.renameRegistration``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import folder_for, required, result, snapshot_of, text, truth
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import refuse_unwritable
from specql_lsp.registry.renaming import rename_entity
from specql_lsp.registry.requests import EntityRename
from specql_lsp.registry.serialization import renaming_to_json


async def rename_registration(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.renameRegistration``: gives a registered entity another name; its code stays, files are not changed.

    With ``dryRun`` nothing is changed.
    """
    request = EntityRename(
        domain=required(argument, "domain"),
        entity=required(argument, "entity"),
        new_name=required(argument, "newName"),
        subdomain=text(argument, "subdomain"),
        table_code=text(argument, "tableCode"),
    )
    folder = folder_for(session, argument)
    if truth(argument, "dryRun", default=False):
        await folder.until_registry_answered()
        refuse_unwritable(folder.service.state.provenance)
        return renaming_to_json(rename_entity(snapshot_of(folder), request)[0])
    renaming = await result(folder.service.rename_entity(request))
    place = RegistryPath(renaming.domain.number, renaming.subdomain.number)
    session.changed_registry(folder, place._replace(entity=renaming.previous), place._replace(entity=renaming.entity))
    return renaming_to_json(renaming)
