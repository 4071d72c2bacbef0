"""``specql.moveRegistration``."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from specql_lsp.features.registered_files import own_files
from specql_lsp.lsp.handlers.commands.support import answering_folder, required, result, snapshot_of, text, truth
from specql_lsp.lsp.handlers.commands.written_codes import WrittenCode, named, write_codes
from specql_lsp.lsp.session import Session
from specql_lsp.registry.corrections import move_entity
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import refuse_unwritable
from specql_lsp.registry.requests import EntityMove
from specql_lsp.registry.serialization import moving_to_json


async def move_registration(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.moveRegistration``: moves an entity to another subdomain; it gets another code, and its file, too.

    With ``dryRun`` nothing is changed; ``files`` are the entity's own, in either case.
    """
    folder = await answering_folder(session, argument)
    await session.index_now(folder)  # the codes in files are never given out
    request = EntityMove(
        domain=required(argument, "domain"),
        entity=required(argument, "entity"),
        subdomain=required(argument, "subdomain"),
        table_code=text(argument, "tableCode"),
        used=frozenset(folder.index.codes()),
    )
    if truth(argument, "dryRun", default=False):
        refuse_unwritable(folder.service.state.provenance)
        moving, _ = move_entity(snapshot_of(folder), request)
    else:
        moving = await result(folder.service.move_entity(request))
        places = snapshot_of(folder).domain_numbered(moving.domain.number)
        numbers = [each.number for each in places.subdomains] if places is not None else []
        paths = (RegistryPath(moving.domain.number, number, moving.entity) for number in numbers)
        session.changed_registry(folder, *paths)
    files = own_files(folder.analysis, moving.domain, moving.entity, moving.previous_code)
    if moving.moved and not truth(argument, "dryRun", default=False):
        written = [
            WrittenCode(f.uri, f.name, moving.table_code, moving.previous_code) for f in files if f.code is not None
        ]
        left = await write_codes(session, "Move to", written)
        if left:
            session.client.show(
                types.MessageType.Warning,
                f"{moving.entity} has the code {moving.table_code} now, but the editor did not write it into "
                f"{named(left)}. Put it there as organization.table_code, in quotes.",
            )
    return {**moving_to_json(moving), "files": [session.client_uri(each.uri) for each in files]}
