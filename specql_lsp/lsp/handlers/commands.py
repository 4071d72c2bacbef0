"""``workspace/executeCommand``: allocation, and the registry's status, trees and additions.

Each command takes one JSON object and answers with JSON. ``folder`` (or ``uri``) in it says which workspace folder is
meant; without them it is the first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from lsprotocol import types

from specql_lsp.features.entity_edits import has_code, set_table_code, why_no_table_code
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.handlers.command_support import (
    answering_folder,
    apply,
    document_of,
    folder_for,
    refreshed,
    required,
    result,
    snapshot_of,
    text,
    truth,
)
from specql_lsp.lsp.registry_locations import add_file_locations, add_registry_locations
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import Domain, RefusalKind, Refused, Snapshot
from specql_lsp.registry.serialization import (
    allocation_to_json,
    domain_to_json,
    status_to_json,
)
from specql_lsp.registry.sources.base import AllocationRequest
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import is_editable

Command = Callable[[Session, dict[str, Any]], Awaitable[Any]]


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
    if uri and not await _write_code(session, uri, allocation.table_code):
        session.client.show(
            types.MessageType.Warning,
            f"{allocation.entity} has the code {allocation.table_code}, but the editor did not write it into "
            "the file. Put it there as organization.table_code, in quotes.",
        )
    return allocation_to_json(allocation)


async def _write_code(session: Session, uri: str, code: str) -> bool:
    """Has the editor write a code into a file as it is now: it may have been edited meanwhile. Whether it is there."""
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


async def refresh_registry(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.refreshRegistry``: reads the registry now, also in a pause between attempts, and looks at the files."""
    folder = folder_for(session, argument)
    session.look_again(folder)
    return status_to_json(await refreshed(folder))


async def registry_status(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registryStatus``: what answers now, without asking anything."""
    return status_to_json((await answering_folder(session, argument)).service.state)


async def performance_report(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.performanceReport``: how the registry's statements fared."""
    return folder_for(session, argument).service.metrics.report()


async def list_domains(session: Session, argument: dict[str, Any]) -> list[dict[str, Any]]:
    """``specql.listDomains``: the tree of every domain."""
    folder = await answering_folder(session, argument)
    snapshot = snapshot_of(folder)
    return await _trees(session, folder, snapshot, snapshot.domains)


async def get_domain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.getDomain``: the tree of one domain, by its number or its name."""
    folder = await answering_folder(session, argument)
    snapshot = snapshot_of(folder)
    number, name = text(argument, "number"), text(argument, "name")
    if (number is None) == (name is None):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "Give either the number or the name of a domain.")
    domain = snapshot.domain_numbered(number) if number else snapshot.domain_named(name or "")
    if domain is None:
        known = ", ".join(f"{d.number} {d.name}" for d in snapshot.domains) or "none"
        raise Refused(RefusalKind.UNKNOWN_DOMAIN, f"There is no domain {number or name}. The registry has: {known}.")
    return (await _trees(session, folder, snapshot, [domain]))[0]


async def register_domain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registerDomain``: adds a domain."""
    multi_tenant = truth(argument, "multiTenant", default=False)
    aliases = argument.get("aliases") or []
    if not isinstance(aliases, list | tuple) or not all(isinstance(alias, str) for alias in aliases):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "aliases must be a list of texts.")
    folder = folder_for(session, argument)
    domain = await result(
        folder.service.register_domain(
            required(argument, "number"),
            required(argument, "name"),
            text(argument, "description"),
            multi_tenant=multi_tenant,
            aliases=tuple(aliases),
        )
    )
    return (await _trees(session, folder, Snapshot([domain]), [domain]))[0]


async def register_subdomain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registerSubdomain``: adds a subdomain to a domain."""
    parent = required(argument, "domain")
    folder = folder_for(session, argument)
    subdomain = await result(
        folder.service.register_subdomain(
            parent, required(argument, "number"), required(argument, "name"), text(argument, "description")
        )
    )
    snapshot = snapshot_of(folder)
    domain = snapshot.domain(parent)
    if domain is None:  # somebody removed it in this very moment
        raise Refused(RefusalKind.UNKNOWN_DOMAIN, f"There is no domain {parent} any more.")
    (tree,) = await _trees(session, folder, snapshot, [domain._replace(subdomains=(subdomain,))])
    subtree: dict[str, Any] = tree["subdomains"][0]
    return subtree


async def _trees(
    session: Session, folder: Folder, snapshot: Snapshot, domains: Sequence[Domain]
) -> list[dict[str, Any]]:
    """The trees of some domains of ``snapshot``, with Locations. Most of the work is done off the event loop."""
    document, used = folder.registry_document, frozenset(folder.index.codes())
    client_uri, encoding = session.client_uri, session.client.encoding

    def make() -> list[dict[str, Any]]:
        made = [domain_to_json(snapshot, domain, used) for domain in domains]
        add_registry_locations(domains, made, document, client_uri, encoding)
        return made

    trees = await session.in_thread(make)
    add_file_locations(domains, trees, folder.analysis, client_uri, encoding)
    return trees
