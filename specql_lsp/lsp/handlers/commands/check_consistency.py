"""``specql.checkConsistency``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from specql_lsp.features.diagnostics.drift import span_of
from specql_lsp.features.discrepancy_titles import keep_title
from specql_lsp.lsp.convert.locations import location_json
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.handlers.commands.support import answering_folder, refreshed, truth
from specql_lsp.lsp.positions import Positions
from specql_lsp.lsp.resolving import question_of
from specql_lsp.lsp.session import Session
from specql_lsp.registry.consistency.comparison import consistency_report
from specql_lsp.registry.consistency.labels import label_of
from specql_lsp.registry.state import Discrepancy


async def check_consistency(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.checkConsistency``: compares the two registries as they are now, or (``refresh`` false) as last read.

    Beside the contract's keys each discrepancy has ``name`` and ``detail``, its line in a list (``Thing201`` and
    ``011201 · core / area_20 · only in PostgreSQL``), ``domainName`` and ``subdomainName``, ``side`` (``postgresql``,
    ``yaml`` or ``both``: where the thing is), ``location`` (a Location in the registry YAML), ``keepPostgresql``
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
        label = label_of(discrepancy, (state.snapshot, state.yaml))
        data.update(name=label.name, detail=label.detail, side=label.side.value)
        data.update(domainName=label.domain, subdomainName=label.subdomain)
        data["location"] = place
        data["keepPostgresql"] = keep_title(discrepancy, "postgresql")
        data["keepYaml"] = keep_title(discrepancy, "yaml")
        data["keepYamlQuestion"] = question_of(state, [discrepancy])
    return report


def _places(session: Session, folder: Folder, discrepancies: tuple[Discrepancy, ...]) -> list[dict[str, Any] | None]:
    """Where the registry YAML shows each discrepancy; None where that YAML is gone."""
    document = folder.registry_document
    registry = document.registry if document is not None else None
    if document is None or registry is None:
        return [None] * len(discrepancies)
    positions, uri = Positions(document.lines, session.client.encoding), session.client_uri(document.uri)
    return [location_json(uri, positions.range(span_of(document, registry, each))) for each in discrepancies]
