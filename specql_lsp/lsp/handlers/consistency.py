"""The commands about PostgreSQL beside the registry YAML: what differs, keeping one side, the YAML as it would be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from specql_lsp.features.diagnostics.drift import span_of
from specql_lsp.features.discrepancy_titles import (
    keep_postgresql_title,
    keep_yaml_answer,
    keep_yaml_question,
    keep_yaml_title,
)
from specql_lsp.features.registry_yaml.edits import keep_postgresql, why_not_in_yaml
from specql_lsp.features.registry_yaml.export import ExportError, export_registry
from specql_lsp.lsp.convert import location
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.handlers.command_support import answering_folder, apply, folder_for, refreshed, result, truth
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.session import Session
from specql_lsp.registry.consistency.comparison import consistency_report, discrepancy_from_json, same_path
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.state import Discrepancy, RegistryState, Source


async def check_consistency(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.checkConsistency``: compares the two registries as they are now, or (``refresh`` false) as last read.

    Beside the contract's keys each discrepancy has ``location`` (a Location in the registry YAML), ``keepPostgresql``
    and ``keepYaml`` (what each resolution does, in words), and ``keepYamlQuestion``: what a client asks its user before
    ``keep: "yaml"``, null where that only adds to the database.
    """
    folder = await answering_folder(session, argument)
    if truth(argument, "refresh", default=True):
        state, checked_at = await refreshed(folder), datetime.now(UTC)
    else:
        state = folder.service.state
        checked_at = state.provenance.loaded_at or datetime.now(UTC)
    report = consistency_report(state, checked_at, yaml_problem=folder.service.yaml_problem)
    places = await session.in_thread(lambda: _places(session, folder, state.discrepancies or ()))
    for discrepancy, data, place in zip(state.discrepancies or (), report["discrepancies"], places, strict=True):
        data["location"] = place
        data["keepPostgresql"] = keep_postgresql_title(discrepancy)
        data["keepYaml"] = keep_yaml_title(discrepancy)
        data["keepYamlQuestion"] = _question(state, discrepancy)
    return report


def _places(session: Session, folder: Folder, discrepancies: tuple[Discrepancy, ...]) -> list[dict[str, Any] | None]:
    """Where the registry YAML shows each discrepancy; None where that YAML is gone."""
    document = folder.registry_document
    registry = document.registry if document is not None else None
    if document is None or registry is None:
        return [None] * len(discrepancies)
    positions, uri = Positions(document.lines, session.client.encoding), session.client_uri(document.uri)
    return [location(uri, positions.range(span_of(document, registry, each))) for each in discrepancies]


async def resolve_discrepancy(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.resolveDiscrepancy``: makes one side hold what the other holds.

    Before the database's content is changed or removed the user is asked: always with ``confirmed`` false, which code
    actions send; never with ``confirmed`` true, which a client sends that has asked by itself; without it in a client
    that declares messages with buttons. ``resolved`` is false where the user did not agree.
    """
    keep = argument.get("keep")
    if keep not in {"postgresql", "yaml"}:
        raise Refused(RefusalKind.INVALID_ARGUMENT, 'keep must be "postgresql" or "yaml".')
    wanted = discrepancy_from_json(argument.get("discrepancy"))
    folder = folder_for(session, argument)
    state = await refreshed(folder)
    discrepancy = _current(state, wanted)
    if keep == "yaml":
        if not await _agreed(session, argument, state, discrepancy):
            return {"resolved": False}
        await result(folder.service.keep_yaml(discrepancy))
        return {"resolved": True}
    document, snapshot = folder.registry_document, state.snapshot
    if document is None or snapshot is None or state.provenance.source is not Source.POSTGRESQL:
        raise Refused(
            RefusalKind.REGISTRY_UNAVAILABLE, "PostgreSQL and the registry file are not both there to compare."
        )
    edits = keep_postgresql(document, discrepancy, snapshot, datetime.now(UTC))
    refused = why_not_in_yaml(document, discrepancy, snapshot) if not edits else None
    if refused is not None:
        raise Refused(RefusalKind.CONFLICT, refused)
    applied = await apply(session, "Keep PostgreSQL's value", edits, document) if edits else False
    return {"resolved": applied}


def _question(state: RegistryState, discrepancy: Discrepancy) -> str | None:
    if state.snapshot is None:
        return None
    return keep_yaml_question(discrepancy, state.snapshot, state.provenance.server)


async def _agreed(session: Session, argument: dict[str, Any], state: RegistryState, discrepancy: Discrepancy) -> bool:
    """Whether the user agrees to what keeping the YAML's side writes into the shared database."""
    confirmed = truth(argument, "confirmed", default=not session.client.offers_actions)
    question = _question(state, discrepancy)
    if confirmed or question is None:
        return True
    yes = keep_yaml_answer(discrepancy)
    return await session.client.ask(types.MessageType.Warning, question, [yes, "Cancel"]) == yes


def _current(state: RegistryState, wanted: Discrepancy) -> Discrepancy:
    """The discrepancy as it stands now: acting on an outdated one would overwrite what somebody else changed."""
    if state.discrepancies is None:
        raise Refused(
            RefusalKind.REGISTRY_UNAVAILABLE,
            f"PostgreSQL and the registry file cannot be compared now. {state.provenance.reason}".strip(),
        )
    for discrepancy in state.discrepancies:
        if same_path(discrepancy, wanted):
            if (discrepancy.postgresql_value, discrepancy.yaml_value) != (wanted.postgresql_value, wanted.yaml_value):
                break
            return discrepancy
    raise Refused(RefusalKind.CONFLICT, "The registries no longer differ in this way; check their consistency again.")


async def registry_as_yaml(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.registryAsYaml``: the registry YAML as it would be if it held what PostgreSQL holds, for a diff view."""
    folder = await answering_folder(session, argument)
    state = folder.service.state
    snapshot, provenance = state.snapshot, state.provenance
    if snapshot is None or provenance.source is not Source.POSTGRESQL or provenance.stale:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"PostgreSQL does not answer. {provenance.reason}".strip())
    document = folder.registry_document
    text = document.text if document is not None else None
    try:
        exported = await session.in_thread(lambda: export_registry(snapshot, text, datetime.now(UTC)))
    except ExportError as error:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"{folder.registry_path.name}: {error}") from None
    return {"uri": session.client_uri(folder.registry_uri), "text": exported}
