"""``specql.history``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.diagnostics.rules.table_codes import renamed_registration
from specql_lsp.lsp.handlers.commands.support import answering_folder, document_of, result, text
from specql_lsp.lsp.session import Session
from specql_lsp.registry.history import DEFAULT_LIMIT, MOST
from specql_lsp.registry.history_in_words import history_to_json
from specql_lsp.registry.history_request import history_request
from specql_lsp.registry.refusals import RefusalKind, Refused


async def history(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.history``: what was done to the registry; with ``uri``, to the entity of a file."""
    folder = await answering_folder(session, argument)
    entity, code, domain = (text(argument, key) for key in ("entity", "tableCode", "domain"))
    uri = text(argument, "uri")
    if uri is not None and entity is None and code is None:
        document = document_of(session, uri)
        if document is None or document.entity is None or document.entity.name is None:
            raise Refused(RefusalKind.INVALID_ARGUMENT, f"{uri} is not a SpecQL entity file, so it has no history.")
        renamed = renamed_registration(folder.analysis, document)
        # What was renamed in its file alone has its history under the registered name.
        entity = renamed.entity.name if renamed is not None else document.entity.name.value
        found = folder.analysis.domain_of(document)
        domain = domain or (found.number if found else None)
    snapshot = folder.service.state.snapshot
    request = history_request(snapshot, entity, code, domain, _limit(argument))
    return history_to_json(await result(folder.service.history.read(request)), snapshot)


def _limit(argument: dict[str, Any]) -> int:
    value = argument.get("limit")
    if value is None:
        return DEFAULT_LIMIT
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"limit must be a number from 1 to {MOST}.")
    return value
