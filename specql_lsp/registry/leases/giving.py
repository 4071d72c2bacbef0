"""Which leased code an entity gets, from what the folder holds and the registry as it is known. Pure.

The decision itself is that of ``allocation``, as for every other code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from specql_lsp.language.table_code import LAYER_LENGTH, normalize
from specql_lsp.registry.leases.model import HeldLease, Moment
from specql_lsp.registry.leases.store import Holdings
from specql_lsp.registry.model import LeasedCode
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot

if TYPE_CHECKING:
    from specql_lsp.registry.requests import Allocation

_NOT_HERE = frozenset({RefusalKind.CODE_TAKEN, RefusalKind.CODE_RESERVED})


def taken(
    holdings: Holdings, snapshot: Snapshot, request: AllocationRequest, now: Moment
) -> tuple[Allocation | None, Holdings]:
    """A leased code for an entity, None where no lease fits; and the holdings after it, the same if they are as before.

    Raises:
        Refused: a lease may fit, but the request could not be met in any registry that is as ``snapshot`` says.
    """
    from specql_lsp.registry.allocation import target

    snapshot = snapshot.with_leased({})  # the folder's own are to be given out
    domain, subdomain = target(snapshot, request)
    for lease in _fitting(holdings, request, domain.number, subdomain.number, now):
        is_again = lease.entity is not None
        used = (request.used | holdings.spent) - ({lease.table_code} if is_again else set())
        wanted = replace(request, subdomain=subdomain.number, table_code=lease.table_code, used=used)
        allocation = _decided(snapshot, wanted)
        if allocation is not None:
            is_new = allocation.created and not is_again
            if is_new:
                holdings = holdings.with_lease(lease._replace(entity=allocation.entity, refused=None))
            return replace(allocation, created=is_new, leased=allocation.created), holdings
    return None, holdings


def _fitting(
    holdings: Holdings, request: AllocationRequest, domain: str, subdomain: str, now: Moment
) -> list[HeldLease]:
    """The leases that may answer a request: the one that the entity got already, else those that are usable."""
    asked = normalize(request.table_code) if request.table_code is not None else None

    def fits(lease: HeldLease) -> bool:
        code = lease.table_code
        is_place = (lease.domain.upper(), lease.subdomain.upper()) == (domain.upper(), subdomain.upper())
        is_code = code == asked if asked is not None else code[:LAYER_LENGTH] == request.layer.upper()
        return is_place and is_code

    name = request.entity.lower()
    given = [
        each
        for each in holdings.leases
        if each.entity is not None and each.entity.lower() == name and each.refused is None and fits(each)
    ]
    return given or [each for each in holdings.usable(now) if fits(each)]


def _decided(snapshot: Snapshot, request: AllocationRequest) -> Allocation | None:
    """The allocation of a leased code; None where the registry, or a file, has that code."""
    from specql_lsp.registry.allocation import decide

    try:
        return decide(snapshot, request)
    except Refused as refused:
        if refused.kind in _NOT_HERE:
            return None
        raise


def with_given_codes(snapshot: Snapshot, requests: Sequence[AllocationRequest]) -> list[AllocationRequest]:
    """Requests that ask for the codes that their entities got while PostgreSQL was away, where they did.

    Args:
        snapshot: a registry whose leases say that (``LeasedCode.entity``).
        requests: what is asked for.
    """
    given = [lease for lease in snapshot.leased.values() if lease.is_own and lease.entity is not None]
    return [_with_given_code(snapshot, given, request) for request in requests]


def _with_given_code(snapshot: Snapshot, given: Sequence[LeasedCode], request: AllocationRequest) -> AllocationRequest:
    for lease in given if request.table_code is None else ():
        code, parts = lease.table_code, snapshot.parts(lease.table_code)
        is_it = lease.entity is not None and lease.entity.lower() == request.entity.lower()
        if is_it and parts is not None and parts.domain is snapshot.domain(request.domain):
            return replace(request, table_code=code, subdomain=None, used=request.used - {code})
    return request
