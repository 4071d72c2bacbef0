"""Decides which codes many entities get at once. A pure function of a snapshot, as ``allocation``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from specql_lsp.registry.allocation import decide
from specql_lsp.registry.consistency.changes import Add, Change, Replace
from specql_lsp.registry.model import Entity, RegistryPath, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.snapshot import Snapshot


def decide_all(
    snapshot: Snapshot, requests: Iterable[AllocationRequest]
) -> tuple[tuple[Allocation | Refused, ...], tuple[Change, ...]]:
    """The code, or the refusal, of each request in its order, and the changes that register the codes.

    Args:
        snapshot: the whole registry, under the rules to follow.
        requests: what is asked for. An entity that is asked for a second time in a domain is refused: both cannot be
            meant.

    One request that is refused does not keep the others from their codes.
    """
    given: set[str] = set()
    seen: set[tuple[str, str]] = set()
    answers: list[Allocation | Refused] = []
    entities: dict[RegistryPath, list[Entity]] = {}
    subdomains: dict[RegistryPath, Subdomain] = {}
    for request in requests:
        try:
            decided = decide(snapshot, replace(request, used=request.used | given))
        except Refused as refused:
            answers.append(refused)
            continue
        key = (decided.domain.number, decided.entity.lower())
        if key in seen:
            reason = f"{decided.entity} is asked for twice in domain {decided.domain.number} ({decided.domain.name})."
            answers.append(Refused(RefusalKind.CONFLICT, reason))
            continue
        seen.add(key)
        answers.append(decided)
        if decided.created:
            given.add(decided.table_code)
            path = RegistryPath(decided.domain.number, decided.subdomain.number)
            entities.setdefault(path, []).append(Entity(decided.entity, decided.table_code, decided.sequence))
            subdomains[path] = decided.subdomain
    changes: list[Change] = []
    for path, added in entities.items():
        changes += [Add(entity, path) for entity in added]
        counter = max(subdomains[path].next_entity_sequence or 1, *((entity.sequence or 0) + 1 for entity in added))
        if counter != subdomains[path].next_entity_sequence:
            changes.append(Replace(path, subdomains[path]._replace(next_entity_sequence=counter)))
    return tuple(answers), tuple(changes)
