"""``specql.releaseCode``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from specql_lsp.features.registered_files import files_of_code
from specql_lsp.lsp.handlers.commands.support import answering_folder, required, result, snapshot_of, text, truth
from specql_lsp.lsp.session import Session
from specql_lsp.registry.corrections import refuse_unknown_files, refuse_used
from specql_lsp.registry.corrections import release_code as decide_release
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import refuse_unwritable
from specql_lsp.registry.requests import CodeRelease
from specql_lsp.registry.serialization import released_to_json
from specql_lsp.workspace.uris import name_of


async def release_code(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.releaseCode``: takes a registration back; refused while a file uses its code.

    With ``dryRun`` nothing is changed.
    """
    folder = await answering_folder(session, argument)
    await session.index_now(folder)
    request = CodeRelease(
        domain=required(argument, "domain"),
        entity=required(argument, "entity"),
        subdomain=text(argument, "subdomain"),
        table_code=text(argument, "tableCode"),
    )
    refuse_unwritable(folder.service.state.provenance)
    released, _ = decide_release(snapshot_of(folder), request)
    users = files_of_code(folder.analysis, released.domain, released.entity, released.table_code)
    refuse_used(released.entity, released.table_code, tuple(name_of(each.uri) for each in users))
    if folder.not_searched is not None:
        refuse_unknown_files(released.entity, released.table_code, [folder.not_searched])
    is_preview = truth(argument, "dryRun", default=False)
    if not is_preview:
        # The files were looked at for this very code.
        request = replace(request, subdomain=released.subdomain.number, table_code=released.table_code)
        released = await result(folder.service.release_code(request))
        place = RegistryPath(released.domain.number, released.subdomain.number, released.entity)
        session.changed_registry(folder, place)
    return released_to_json(released, released=not is_preview)
