"""An allocation in one exchange (``allocate_at_once.sql``): what is sent, and what comes of it. Pure.

The client gives all codes that ``allocation.decide`` could give, best first; the server registers the first one that
is free. So what is given is what would be decided from the registry as it is under the same locks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from specql_lsp.language import table_code as codes
from specql_lsp.registry import allocation
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.snapshot import Snapshot, assignable_codes
from specql_lsp.registry.sources.postgresql.rows import NO_ENTITIES, Lookups, Row, RowReader, lock_key, subdomain_key

_MOST_CODES = 255
"""A subdomain that holds more is looked at first: its codes would be a long text."""


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
    given = _codes_to_send(prefix, known.kept_back(prefix, request.used | padded if padded else request.used))
    if key is None or given is None:
        return None
    return {
        "key": lock_key(domain, request.entity),
        "locked": lookups.sharing(digits),
        "entity": request.entity,
        "folded": request.entity.lower(),
        "subdomain": key,
        "domain_number": domain.number,
        "domain_name": domain.name,
        "subdomain_number": subdomain.number,
        "subdomain_name": subdomain.name,
        **given,
    }


@lru_cache(maxsize=256)
def _codes_to_send(prefix: str, kept_back: frozenset[str]) -> Mapping[str, str] | None:
    """The values that say which codes behind a prefix can be given; None where there are none, or too many."""
    assignable = assignable_codes(prefix, kept_back)
    if not 0 < len(assignable) <= _MOST_CODES:
        return None
    return {
        "first": assignable[0][0],
        "last": assignable[-1][0],
        "codes": f"{{{','.join(code for code, _ in assignable)}}}",
        "sequences": f"{{{','.join(str(sequence) for _, sequence in assignable)}}}",
    }


def allocation_of(found: Sequence[Sequence[Row]], values: dict[str, Any], reader: RowReader) -> Allocation:
    """What was registered.

    Args:
        found: the rows of each statement of ``allocate_at_once.sql``.
        values: what was sent.
        reader: of the subdomains that were locked.
    """
    _, headers, ((code, sequence, _),) = found
    (domain,) = reader.domains_of([row + NO_ENTITIES for row in headers if row[6] == values["subdomain"]])
    (subdomain,) = domain.subdomains
    return allocation.new_allocation(domain, subdomain, values["entity"], code, sequence)
