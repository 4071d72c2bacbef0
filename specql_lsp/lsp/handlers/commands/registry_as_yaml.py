"""``specql.registryAsYaml``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from specql_lsp.lsp.handlers.commands.support import answering_folder
from specql_lsp.lsp.session import Session
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.state import Source
from specql_lsp.registry.yaml_edits.export import ExportError, export_registry


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
