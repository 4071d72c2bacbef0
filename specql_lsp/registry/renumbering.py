"""Decides which codes entities get that have the code of another one, all at once. A pure function of a snapshot.

Every writable source calls this with its content *under its lock*, as it does for allocations and moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from specql_lsp.language import table_code as codes
from specql_lsp.registry import corrections
from specql_lsp.registry.batch_allocation import decide_all
from specql_lsp.registry.consistency.changes import Add, Change, Move, Remove, Replace, applied
from specql_lsp.registry.model import RegistryPath, Subdomain
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest, EntityMove, Moving
from specql_lsp.registry.snapshot import Snapshot

RenumberRequest = EntityMove | AllocationRequest
"""A registered entity is moved within its subdomain (``EntityMove.renumbers``); another one is registered."""
RenumberAnswer = Moving | Allocation | Refused
"""For each request in its order: what became of it."""
BeforeCommit = Callable[[tuple[RenumberAnswer, ...], Snapshot], None]
"""Is given the answers and the registry as it was written, before the commit; raises ``Refused`` to change nothing."""


def renumber_all(
    snapshot: Snapshot, requests: Iterable[RenumberRequest]
) -> tuple[tuple[RenumberAnswer, ...], tuple[Change, ...]]:
    """The code, or the refusal, of each request in its order, and the changes that register the codes.

    A code that one of the entities gives up is given to none of the others: a file may use it. One request that is
    refused does not keep the others from their codes.

    Args:
        snapshot: the whole registry, under the rules to follow.
        requests: what is asked for.
    """
    requests = list(requests)
    snapshot = snapshot.warm()  # The indexes are built once, and only updated from one request to the next.
    given_up = frozenset(codes.normalize(each.table_code) for each in requests if each.table_code is not None)
    answers: list[RenumberAnswer] = []
    entities: list[Change] = []
    subdomains: dict[RegistryPath, Change] = {}
    for request in requests:
        try:
            answer, changes = _one(snapshot, request, given_up)
        except Refused as refused:
            answers.append(refused)
            continue
        answers.append(answer)
        if not changes:
            continue
        domains = snapshot.domains
        for change in changes:
            domains = applied(domains, change)
            if isinstance(change, Replace) and isinstance(change.node, Subdomain):
                subdomains[change.path] = change
            else:
                entities.append(change)
        snapshot = snapshot.with_domains(domains)
    kinds = (Replace, Move, Add, Remove)
    return tuple(answers), (*sorted(entities, key=lambda each: kinds.index(type(each))), *subdomains.values())


def _one(
    snapshot: Snapshot, request: RenumberRequest, given_up: frozenset[str]
) -> tuple[RenumberAnswer, tuple[Change, ...]]:
    if isinstance(request, EntityMove):
        return corrections.move_entity(snapshot, replace(request, used=request.used | given_up))
    (answer,), changes = decide_all(snapshot, [replace(request, used=request.used | given_up)])
    return answer, changes
