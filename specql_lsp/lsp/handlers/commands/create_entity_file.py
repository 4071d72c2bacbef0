"""``specql.createEntityFile``."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from specql_lsp.features.model import NewFile
from specql_lsp.features.new_files import entity_text
from specql_lsp.language.names import DEFAULT_SCHEMA, is_entity_name
from specql_lsp.lsp.convert.edits import EditConverter
from specql_lsp.lsp.handlers.commands.support import allocated_path, answering_folder, required, result, text
from specql_lsp.lsp.session import Session
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.workspace.uris import canonical, is_editable, name_of, path_of


async def create_entity_file(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """Allocates a code for an entity, and has the editor create its file with the code in it.

    Without ``domain`` no code is allocated. An existing file is never overwritten: what the editor then holds is as
    before, and the code stays the entity's.
    """
    uri, entity = required(argument, "uri"), required(argument, "entity")
    if not is_editable(uri):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{uri} is not a file, so it cannot be created.")
    if not is_entity_name(entity):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{entity} cannot name an entity.")
    if not session.client.applies_edits or not session.client.creates_files:
        raise Refused(RefusalKind.INVALID_ARGUMENT, "This editor creates no files for the server.")
    path = path_of(canonical(uri))
    if path is None or await session.in_thread(path.exists):
        raise Refused(RefusalKind.CONFLICT, f"{name_of(uri)} exists already, so it is not created.")
    code = await _allocate(session, entity, argument)
    schema = text(argument, "schema") or DEFAULT_SCHEMA
    file = NewFile(uri, entity_text(entity, schema, "\n", code))
    converter = EditConverter(session.client.encoding, session.document, session.client_uri, document_changes=True)
    applied = await session.client.apply(f"Create {entity}", converter.workspace_edit({}, (file,)))
    if not applied:
        kept = f" {entity} has the code {code} in the registry." if code is not None else ""
        session.client.show(types.MessageType.Warning, f"The editor did not create {name_of(uri)}.{kept}")
    return {"uri": uri, "entity": entity, "tableCode": code, "created": applied}


async def _allocate(session: Session, entity: str, argument: dict[str, Any]) -> str | None:
    domain = text(argument, "domain")
    if domain is None:
        return None
    folder = await answering_folder(session, argument)
    await session.index_now(folder)  # the codes in files are never given out
    request = AllocationRequest(
        entity=entity,
        domain=domain,
        subdomain=text(argument, "subdomain"),
        layer="01",
        table_code=None,
        used=folder.analysis.codes_used_elsewhere("", entity),
    )
    allocation = await result(folder.service.allocate(request))
    session.changed_registry(folder, allocated_path(allocation))
    return allocation.table_code
