"""``specql.resolveDiscrepancy``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from specql_lsp.features.discrepancy_titles import keep_yaml_answer
from specql_lsp.features.registry_yaml.edits import keep_postgresql, why_not_in_yaml
from specql_lsp.lsp.handlers.commands.support import (
    apply,
    folder_for,
    keep_yaml_question_of,
    refreshed,
    result,
    truth,
    with_registry_document,
)
from specql_lsp.lsp.session import Session
from specql_lsp.registry.consistency.comparison import discrepancy_from_json, same_path
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.state import Discrepancy, RegistryState, Source


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
    await with_registry_document(session, folder)
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


async def _agreed(session: Session, argument: dict[str, Any], state: RegistryState, discrepancy: Discrepancy) -> bool:
    """Whether the user agrees to what keeping the YAML's side writes into the shared database."""
    confirmed = truth(argument, "confirmed", default=not session.client.offers_actions)
    question = keep_yaml_question_of(state, discrepancy)
    if confirmed or question is None:
        return True
    yes = keep_yaml_answer(discrepancy)
    return await session.client.ask(types.MessageType.Warning, question, [yes, "Cancel"]) == yes


def _current(state: RegistryState, wanted: Discrepancy) -> Discrepancy:
    """The discrepancy as it is now: acting on an outdated one would overwrite another user's change."""
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
