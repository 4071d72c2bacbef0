"""Decides whether a registered entity or a domain may get another name. Pure functions of a snapshot.

Every writable source calls this with its content *under its lock*, as it does for allocations. A rename keeps codes,
sequences, numbers and counters. It is idempotent: where the new name has taken the old one's place already, nothing is
left to be done.
"""

from __future__ import annotations

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import (
    check_entity_name,
    check_name,
    check_storable,
    find_domain,
    sequence_of,
    title,
)
from specql_lsp.registry.consistency.changes import Change, Replace
from specql_lsp.registry.model import Domain, Registration, RegistryPath
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.registered import has_code, in_domain, not_registered, registered_once
from specql_lsp.registry.requests import DomainRename, EntityRename, Renaming
from specql_lsp.registry.snapshot import Snapshot


def rename_entity(snapshot: Snapshot, request: EntityRename) -> tuple[Renaming, tuple[Change, ...]]:
    """What a rename of a registered entity answers, and the change to make (none where it has been made).

    Args:
        snapshot: what the source holds now.
        request: what is asked for.

    Raises:
        Refused: with a sentence that says why not and what to do.
    """
    check_storable(entity=request.entity, table_code=request.table_code)
    check_storable(new_name=request.new_name)
    check_entity_name(request.new_name)
    domain = find_domain(snapshot, request.domain)
    found = registered_once(snapshot, domain, request.entity, request.subdomain, request.table_code)
    new = [r for r in in_domain(snapshot, domain, request.new_name) if found is None or not _same(r, found)]
    if found is None:
        return _done_already(snapshot, domain, new, request), ()
    if new:
        raise _taken(domain, new[0])
    if found.entity.name == request.new_name:
        return _renaming(snapshot, found, request, renamed=False), ()
    path = RegistryPath(domain.number, found.subdomain.number, found.entity.name)
    entity = found.entity._replace(name=request.new_name, entity_code=None)
    renamed = Registration(found.domain, found.subdomain, entity)
    return _renaming(snapshot, renamed, request, renamed=True), (Replace(path, entity),)


def rename_domain(snapshot: Snapshot, request: DomainRename) -> tuple[Domain, tuple[Change, ...]]:
    """The domain after a rename of its name or of an alias, and the change to make (none where it has been made).

    Raises:
        Refused: with a sentence that says why not and what to do.
    """
    check_storable(domain=request.domain, name=request.name, new_name=request.new_name)
    check_name("domain", request.new_name)
    domain = snapshot.domain_numbered(request.domain) or find_domain(snapshot, request.domain)
    names = (domain.name, *domain.aliases)
    holder = snapshot.domain_named(request.new_name)
    if request.name not in names:
        if request.new_name in names:
            return domain, ()
        raise Refused(
            RefusalKind.CONFLICT,
            f"{title(domain)} has no name or alias {request.name!r} any more: look at what the registry has.",
        )
    if request.new_name == request.name:
        return domain, ()
    if holder is not None and (holder.number != domain.number or request.new_name.lower() != request.name.lower()):
        raise Refused(
            RefusalKind.ALREADY_REGISTERED,
            f"The name {request.new_name} is taken: it is a name of {title(holder, start=False)}. Choose another.",
        )
    renamed = domain._replace(
        name=request.new_name if domain.name == request.name else domain.name,
        aliases=tuple(request.new_name if alias == request.name else alias for alias in domain.aliases),
    )
    return renamed, (Replace(RegistryPath(domain.number), renamed),)


def _same(one: Registration, other: Registration) -> bool:
    return (one.subdomain.number, one.entity.name) == (other.subdomain.number, other.entity.name)


def _done_already(snapshot: Snapshot, domain: Domain, new: list[Registration], request: EntityRename) -> Renaming:
    """The answer where the old name is not registered: that of the rename that was made before."""
    fitting = [r for r in new if r.entity.name == request.new_name and has_code(r, request.table_code)]
    if len(fitting) == 1:
        return _renaming(snapshot, fitting[0], request, renamed=False)
    if new and request.table_code is not None:
        raise _taken(domain, new[0])
    raise not_registered(domain, request.entity, request.table_code)


def _taken(domain: Domain, other: Registration) -> Refused:
    return Refused(
        RefusalKind.ALREADY_REGISTERED,
        f"{other.entity.name} is registered already, with code {other.entity.table_code} in subdomain "
        f"{other.subdomain.number} ({other.subdomain.name}) of {title(domain, start=False)}: choose another name.",
    )


def _renaming(snapshot: Snapshot, registration: Registration, request: EntityRename, *, renamed: bool) -> Renaming:
    domain, subdomain, entity = registration
    return Renaming(
        entity=entity.name,
        previous=request.entity,
        table_code=entity.table_code,
        entity_code=entity.entity_code or codes.short_code(entity.name),
        domain=domain._replace(subdomains=()),
        subdomain=subdomain._replace(entities=()),
        sequence=sequence_of(snapshot, domain, subdomain, entity) or 0,
        renamed=renamed,
    )
