"""What users ask of the history, checked. Pure."""

from __future__ import annotations

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import check_storable, find_domain
from specql_lsp.registry.history import DEFAULT_LIMIT, MOST, HistoryRequest
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot


def is_code(text: str) -> bool:
    """Whether a text means a table code, and not an entity such as ``Facade``."""
    return codes.is_well_formed(codes.normalize(text)) and any(character.isdecimal() for character in text)


def history_request(
    snapshot: Snapshot | None,
    entity: str | None = None,
    table_code: str | None = None,
    domain: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> HistoryRequest:
    """A request as users make it.

    Args:
        snapshot: the registry as it is, in which a domain is looked up.
        entity: a name.
        table_code: a code.
        domain: a number or a name; a number may be that of a domain that is gone.
        limit: how many events.

    Raises:
        Refused: kind ``unknown-domain`` for a name that no domain has; ``invalid-argument``.
    """
    if not 1 <= limit <= MOST:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"The limit must be from 1 to {MOST}.")
    check_storable(entity=entity or "", table_code=table_code or "", domain=domain or "")
    if domain is not None:
        found = snapshot.domain(domain) if snapshot is not None else None
        if found is None and not codes.is_hexadecimal(domain):
            find_domain(snapshot or Snapshot(()), domain)  # refuses it, with the nearest name
        domain = found.number if found is not None else domain
    return HistoryRequest(entity, table_code, domain, limit)
