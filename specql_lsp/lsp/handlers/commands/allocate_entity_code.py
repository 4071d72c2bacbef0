"""``specql.allocateEntityCode``."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from specql_lsp.features.entity_edits import has_code, set_table_code, why_no_table_code
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.handlers.commands.support import allocated_path, answering_folder, apply, document_of, result, text
from specql_lsp.lsp.session import Session
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.serialization import allocation_to_json
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import is_editable


async def allocate_entity_code(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.allocateEntityCode``: allocates (or registers) a code and writes it into the file."""
    uri = text(argument, "uri")
    if uri and not is_editable(uri):
        reason = f"{uri} is not a file, but another state of one, so it can take no code."
        raise Refused(RefusalKind.INVALID_ARGUMENT, reason)
    folder = await answering_folder(session, argument)
    await session.index_now(folder)  # the codes in files are never given out
    document = document_of(session, uri) if uri else None
    if uri and (document is None or document.entity is None):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{uri} is not a SpecQL entity file, so it can take no code.")
    if document is not None and document.entity is not None:
        asked = text(argument, "tableCode")
        refused = None if asked and has_code(document, asked) else why_no_table_code(document)
        if refused is not None:
            raise Refused(RefusalKind.INVALID_ARGUMENT, refused)
    request = _request(folder, document, argument)
    allocation = await result(folder.service.allocate(request))
    session.changed_registry(folder, allocated_path(allocation))
    if uri and not await _write_code(session, uri, allocation.table_code):
        session.client.show(
            types.MessageType.Warning,
            f"{allocation.entity} has the code {allocation.table_code}, but the editor did not write it into "
            "the file. Put it there as organization.table_code, in quotes.",
        )
    return allocation_to_json(allocation)


async def _write_code(session: Session, uri: str, code: str) -> bool:
    """Has the editor write a code into a file as it is now: it may have been edited meanwhile. Whether it is there."""
    async with session.edit_order.of([uri]):
        document = session.read_document(uri)
        if document is None or document.entity is None:
            return False
        edits = set_table_code(document, code)
        return not edits or await apply(session, f"Allocate {code}", edits, document)


def _request(folder: Folder, document: Document | None, argument: dict[str, Any]) -> AllocationRequest:
    entity, domain, subdomain = (text(argument, key) for key in ("entity", "domain", "subdomain"))
    analysis = folder.analysis
    if document is not None and document.entity is not None:
        file = document.entity
        entity = entity or (file.name.value if file.name else None)
        if domain is None:
            found = analysis.domain_of(document)
            domain = found.number if found else file.schema
        if subdomain is None and file.subdomain is not None and analysis.registration_of(document) is None:
            subdomain = file.subdomain.value
    if not entity:
        raise Refused(RefusalKind.INVALID_ARGUMENT, "No entity is named: give entity, or the uri of an entity file.")
    if not domain:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"No domain is named for {entity}: give domain.")
    return AllocationRequest(
        entity=entity,
        domain=domain,
        subdomain=subdomain,
        layer=text(argument, "layer") or "01",
        table_code=text(argument, "tableCode"),
        used=analysis.codes_used_elsewhere(document.uri if document else "", entity if document is None else None),
    )
