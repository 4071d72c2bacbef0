"""Decides whether a registered entity may move to another subdomain, or give its code back. Pure functions.

Every writable source calls this with its content *under its lock*, as it does for allocations and renames.
"""

from __future__ import annotations

from collections.abc import Sequence

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import check_storable, decide, find_domain, find_subdomain, sequence_of
from specql_lsp.registry.consistency.changes import Change, Move, Remove, Replace
from specql_lsp.registry.model import Domain, Entity, Registration, RegistryPath
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.registered import has_code, in_domain, not_registered, registered_once
from specql_lsp.registry.requests import AllocationRequest, CodeRelease, EntityMove, Moving, Released
from specql_lsp.registry.snapshot import Snapshot


def move_entity(snapshot: Snapshot, request: EntityMove) -> tuple[Moving, tuple[Change, ...]]:
    """What a move of a registered entity answers, and the changes to make (none where it is there already).

    The entity gets the next free code of the other subdomain (or of its own, where it is to be renumbered), in the
    schema layer that its code has now.

    Args:
        snapshot: what the source holds now, under the rules to follow.
        request: what is asked for.

    Raises:
        Refused: with a sentence that says why not and what to do.
    """
    check_storable(entity=request.entity, subdomain=request.subdomain, table_code=request.table_code)
    domain = find_domain(snapshot, request.domain)
    target = find_subdomain(domain, request.subdomain)
    there = next((r for r in in_domain(snapshot, domain, request.entity) if r.subdomain.number == target.number), None)
    if there is not None and not (request.renumbers and has_code(there, request.table_code)):
        return _moving(snapshot, there, request.table_code or there.entity.table_code, moved=False), ()
    found = there or registered_once(snapshot, domain, request.entity, None, request.table_code)
    if found is None:
        raise not_registered(domain, request.entity, request.table_code)
    old = RegistryPath(domain.number, found.subdomain.number, found.entity.name)
    without = snapshot.with_domain(_without(domain, old))
    parts = snapshot.parts(found.entity.table_code)
    layer = parts.code.layer if parts is not None else codes.WRITE_LAYER
    own = {codes.normalize(found.entity.table_code)}
    used = request.used | own if there is not None else request.used - own
    wanted = AllocationRequest(found.entity.name, domain.number, target.number, layer, used=used)
    decided = decide(without, wanted)
    path = RegistryPath(domain.number, target.number)
    counter = max(target.next_entity_sequence or 1, decided.sequence + 1)
    entity = Entity(found.entity.name, decided.table_code, decided.sequence)
    changes: list[Change] = (
        [Replace(old, found.entity._replace(table_code=decided.table_code, sequence=decided.sequence))]
        if there is not None
        else [Move(old, entity, path)]
    )
    if counter != target.next_entity_sequence:
        changes.append(Replace(path, target._replace(next_entity_sequence=counter)))
    moved = Registration(domain, target, entity)
    return _moving(snapshot, moved, found.entity.table_code, moved=True), tuple(changes)


def release_code(snapshot: Snapshot, request: CodeRelease) -> tuple[Released, tuple[Change, ...]]:
    """The registration that is taken back, and the change to make.

    Raises:
        Refused: with a sentence that says why not and what to do.
    """
    domain = find_domain(snapshot, request.domain)
    found = registered_once(snapshot, domain, request.entity, request.subdomain, request.table_code)
    if found is None:
        raise not_registered(domain, request.entity, request.table_code)
    path = RegistryPath(domain.number, found.subdomain.number, found.entity.name)
    released = Released(
        found.entity.name,
        found.entity.table_code,
        domain._replace(subdomains=()),
        found.subdomain._replace(entities=()),
    )
    return released, (Remove(path),)


def refuse_used(entity: str, table_code: str, files: tuple[str, ...]) -> None:
    """Refuses to release a code that files use; their paths are named.

    Raises:
        Refused: kind ``conflict``.
    """
    if files:
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        raise Refused(
            RefusalKind.CONFLICT,
            f"The code {table_code} of {entity} is used by {files[0]}{more}: delete the file, or give it another code, "
            "then release the code.",
        )


def refuse_unknown_files(entity: str, table_code: str, reasons: Sequence[str]) -> None:
    """Refuses to release a code that a file may use which could not be read.

    Args:
        entity: the one that has the code.
        table_code: the code.
        reasons: sentences about what is not known of the files.

    Raises:
        Refused: kind ``conflict``.
    """
    if reasons:
        raise Refused(
            RefusalKind.CONFLICT,
            f"Whether a file uses the code {table_code} of {entity} is not known. {reasons[0]} Mend that, then release "
            "the code.",
        )


def _without(domain: Domain, path: RegistryPath) -> Domain:
    return domain._replace(
        subdomains=tuple(
            s._replace(entities=tuple(e for e in s.entities if e.name != path.entity))
            if s.number == path.subdomain
            else s
            for s in domain.subdomains
        )
    )


def _moving(snapshot: Snapshot, registration: Registration, previous: str, *, moved: bool) -> Moving:
    domain, subdomain, entity = registration
    return Moving(
        entity=entity.name,
        table_code=entity.table_code,
        previous_code=previous,
        entity_code=entity.entity_code or codes.short_code(entity.name),
        domain=domain._replace(subdomains=()),
        subdomain=subdomain._replace(entities=()),
        sequence=sequence_of(snapshot, domain, subdomain, entity) or 0,
        moved=moved,
    )
