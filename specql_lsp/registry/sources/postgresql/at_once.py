"""An allocation in one exchange (``allocate_at_once.sql``): what is sent, and what comes of it. Pure.

The client says which codes ``allocation.decide`` could give; the server registers the lowest one that is free. So what
is given is what would be decided from the registry as it is under the same locks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specql_lsp.language import table_code as codes
from specql_lsp.registry import allocation
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.rows import NO_ENTITIES, Lookups, Row, RowReader, lock_key, subdomain_key

_MOST_CODES = 255
"""A subdomain that holds more is looked at first: to try its codes one after the other would take long."""


def values_to_send(
    known: Snapshot, rows: Sequence[Row], lookups: Lookups, request: AllocationRequest
) -> dict[str, Any] | None:
    """The values of ``allocate_at_once.sql``; None where it has to be looked first.

    Args:
        known: the registry as last read, under the rules to follow.
        rows: of the same reading.
        lookups: of the same rows.
        request: what is asked for.
    """
    if request.table_code is not None:
        return None
    try:
        domain, subdomain = allocation.target(known, request)
    except Refused:
        return None  # others may have registered it by now
    if request.domain.lower() not in {domain.number.lower(), domain.name.lower()}:
        return None  # an alias may be another domain's by now
    key = subdomain_key(rows, domain, subdomain)
    padded = {codes.normalize(code) for _, _, code, _ in lookups.padded}
    digits = (domain.number + subdomain.number).upper()
    prefix = request.layer.upper() + digits
    behind = codes.codes_behind(prefix)
    kept_back = known.kept_back(prefix, request.used | padded if padded else request.used)
    if key is None or not len(kept_back) < len(behind) <= _MOST_CODES:
        return None
    return {
        "key": lock_key(domain, request.entity),
        "locked": f"{{{','.join(map(str, lookups.sharing(digits)))}}}",  # takes psycopg a fifth of what a list does
        "entity": request.entity,
        "folded": request.entity.lower(),
        "subdomain": key,
        "domain_number": domain.number,
        "domain_name": domain.name,
        "subdomain_number": subdomain.number,
        "subdomain_name": subdomain.name,
        "prefix": prefix,
        "width": codes.CODE_LENGTH - len(prefix),
        "last": len(behind),
        "kept_back": f"{{{','.join(kept_back)}}}",
    }


def allocation_of(found: Sequence[Sequence[Row]], values: dict[str, Any], reader: RowReader) -> Allocation:
    """What was registered.

    Args:
        found: the rows of each statement of ``allocate_at_once.sql``.
        values: what was sent.
        reader: of the subdomains that were locked.
    """
    headers, ((code, sequence, _),) = found
    (domain,) = reader.domains_of([row + NO_ENTITIES for row in headers if row[6] == values["subdomain"]])
    (subdomain,) = domain.subdomains
    return allocation.new_allocation(domain, subdomain, values["entity"], code, sequence)
