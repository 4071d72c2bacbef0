"""``workspace/executeCommand``: the commands of the interface. Each takes one JSON object and answers with JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, TypeVar

from lsprotocol import types

from specql_lsp.features.entity_edits import set_table_code
from specql_lsp.features.model import Edit
from specql_lsp.features.registry_edits import keep_postgresql
from specql_lsp.lsp import convert
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.session import Session
from specql_lsp.registry.consistency import consistency_report, discrepancy_from_json, same_place
from specql_lsp.registry.model import Discrepancy, RefusalKind, Refused, RegistryState, Snapshot, Source
from specql_lsp.registry.sources.base import AllocationRequest
from specql_lsp.registry.wire import (
    allocation_to_json,
    domain_to_json,
    domains_to_json,
    status_to_json,
    subdomain_to_json,
)
from specql_lsp.workspace.documents import Document

_T = TypeVar("_T")

Command = Callable[[Session, dict[str, Any]], Awaitable[Any]]


async def allocate_entity_code(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.allocateEntityCode``: allocates (or registers) a code and writes it into the file."""
    uri = _text(argument, "uri")
    folder = _folder(session, uri)
    document = session.read_document(uri) if uri else None
    if uri and (document is None or document.entity is None):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{uri} is not a SpecQL entity file, so it can take no code.")
    request = _request(folder, document, argument)
    allocation = await _result(folder.service.allocate(request))
    # The file may have been edited while the database worked.
    current = session.read_document(uri) if uri else None
    if current is not None and current.entity is not None:
        edits = set_table_code(current, allocation.table_code)
        if edits and not await _apply(session, f"Allocate {allocation.table_code}", edits, current):
            session.client.show(
                types.MessageType.Warning,
                f"{allocation.entity} has the code {allocation.table_code}, but the editor did not write it into "
                "the file. Put it there as organization.table_code, in quotes.",
            )
    return allocation_to_json(allocation)


def _request(folder: Folder, document: Document | None, argument: dict[str, Any]) -> AllocationRequest:
    entity, domain, subdomain = (_text(argument, key) for key in ("entity", "domain", "subdomain"))
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
        layer=_text(argument, "layer") or "01",
        table_code=_text(argument, "tableCode"),
        used=analysis.codes_used_elsewhere(document.uri if document else "", entity if document is None else None),
    )


async def check_consistency(session: Session, _argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.checkConsistency``: compares the two registries as they are now."""
    folder = _folder(session, None)
    state = await _refreshed(folder)
    return consistency_report(state, datetime.now(UTC), yaml_problem=folder.service.yaml_problem)


async def resolve_discrepancy(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.resolveDiscrepancy``: makes one side hold what the other holds."""
    keep = argument.get("keep")
    if keep not in {"postgresql", "yaml"}:
        raise Refused(RefusalKind.INVALID_ARGUMENT, 'keep must be "postgresql" or "yaml".')
    wanted = discrepancy_from_json(argument.get("discrepancy"))
    folder = _folder(session, None)
    state = await _refreshed(folder)
    discrepancy = _current(state, wanted)
    if keep == "yaml":
        await _result(folder.service.keep_yaml(discrepancy))
        return {"resolved": True}
    document, snapshot = folder.registry_document, state.snapshot
    if document is None or snapshot is None or state.provenance.source is not Source.POSTGRESQL:
        raise Refused(
            RefusalKind.REGISTRY_UNAVAILABLE, "PostgreSQL and the registry file are not both there to compare."
        )
    edits = keep_postgresql(document, discrepancy, snapshot)
    applied = await _apply(session, "Keep PostgreSQL's value", edits, document) if edits else False
    return {"resolved": applied}


def _current(state: RegistryState, wanted: Discrepancy) -> Discrepancy:
    """The discrepancy as it stands now: acting on an outdated one would overwrite what somebody else changed."""
    if state.discrepancies is None:
        raise Refused(
            RefusalKind.REGISTRY_UNAVAILABLE,
            f"PostgreSQL and the registry file cannot be compared now. {state.provenance.reason}".strip(),
        )
    for discrepancy in state.discrepancies:
        if same_place(discrepancy, wanted):
            if (discrepancy.postgresql_value, discrepancy.yaml_value) != (wanted.postgresql_value, wanted.yaml_value):
                break
            return discrepancy
    raise Refused(RefusalKind.CONFLICT, "The registries no longer differ in this way; check their consistency again.")


async def refresh_registry(session: Session, _argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.refreshRegistry``: reads the registry now, also in a pause between attempts."""
    return status_to_json(await _refreshed(_folder(session, None)))


async def registry_status(session: Session, _argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registryStatus``: what answers now, without asking anything."""
    return status_to_json(_folder(session, None).service.state)


async def performance_report(session: Session, _argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.performanceReport``: how the registry's statements fared."""
    return _folder(session, None).service.metrics.report()


async def list_domains(session: Session, _argument: dict[str, Any]) -> list[dict[str, Any]]:
    """``specql.listDomains``: the tree of every domain."""
    folder = _folder(session, None)
    return domains_to_json(_snapshot(folder), folder.index.codes())


async def get_domain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.getDomain``: the tree of one domain, by its number or its name."""
    folder = _folder(session, None)
    snapshot = _snapshot(folder)
    number, name = _text(argument, "number"), _text(argument, "name")
    if (number is None) == (name is None):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "Give either the number or the name of a domain.")
    domain = snapshot.domain_numbered(number) if number else snapshot.domain_named(name or "")
    if domain is None:
        known = ", ".join(f"{d.number} {d.name}" for d in snapshot.domains) or "none"
        raise Refused(RefusalKind.UNKNOWN_DOMAIN, f"There is no domain {number or name}. The registry has: {known}.")
    return domain_to_json(snapshot, domain, folder.index.codes())


async def register_domain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registerDomain``: adds a domain."""
    multi_tenant = argument.get("multiTenant", False)
    if not isinstance(multi_tenant, bool):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "multiTenant must be true or false.")
    aliases = argument.get("aliases") or []
    if not isinstance(aliases, list | tuple) or not all(isinstance(alias, str) for alias in aliases):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "aliases must be a list of texts.")
    domain = await _result(
        _folder(session, None).service.register_domain(
            _required(argument, "number"),
            _required(argument, "name"),
            _text(argument, "description"),
            multi_tenant=multi_tenant,
            aliases=tuple(aliases),
        )
    )
    return domain_to_json(Snapshot([domain]), domain)


async def register_subdomain(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registerSubdomain``: adds a subdomain to a domain."""
    parent = _required(argument, "domain")
    folder = _folder(session, None)
    subdomain = await _result(
        folder.service.register_subdomain(
            parent, _required(argument, "number"), _required(argument, "name"), _text(argument, "description")
        )
    )
    snapshot = _snapshot(folder)
    domain = snapshot.domain(parent)
    if domain is None:  # somebody removed it in this very moment
        raise Refused(RefusalKind.UNKNOWN_DOMAIN, f"There is no domain {parent} any more.")
    return subdomain_to_json(snapshot, domain, subdomain, folder.index.codes())


def _required(argument: dict[str, Any], key: str) -> str:
    value = _text(argument, key)
    if value is None:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{key} is missing.")
    return value


def _text(argument: dict[str, Any], key: str) -> str | None:
    value = argument.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{key} must be a text.")
    return value


def _folder(session: Session, uri: str | None) -> Folder:
    folder = session.folder_for_command(uri)
    if folder is None:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, "No folder is open, so there is no registry.")
    return folder


def _snapshot(folder: Folder) -> Snapshot:
    state = folder.service.state
    if state.snapshot is None:
        folder.service.metrics.cache_miss()
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"No registry can be read: {state.provenance.reason}")
    folder.service.metrics.cache_hit()
    return state.snapshot


async def _result(future: Future[_T]) -> _T:
    """Awaits the worker. A cancelled request leaves the work to its end: it may have been committed already."""
    return await asyncio.shield(asyncio.wrap_future(future))


async def _refreshed(folder: Folder) -> RegistryState:
    return await _result(folder.service.refresh())


async def _apply(session: Session, label: str, edits: tuple[Edit, ...], document: Document) -> bool:
    if not session.client.applies_edits:
        return False
    converter = convert.EditConverter(
        session.client.encoding,
        lambda uri: document if uri == document.uri else session.document(uri),
        session.client_uri,
        document_changes=session.client.document_changes,
    )
    return await session.client.apply(label, converter.workspace_edit(edits))
