"""Finds the one registration that a correction is about, or refuses. Pure functions of a snapshot."""

from __future__ import annotations

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import nearest
from specql_lsp.registry.allocation import check_storable, find_subdomain, title
from specql_lsp.registry.model import Domain, Registration
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot


def in_domain(snapshot: Snapshot, domain: Domain, entity: str) -> list[Registration]:
    """Every registration of an entity in a domain; case does not matter."""
    number = domain.number.upper()
    return [r for r in snapshot.by_entity(entity) if r.domain.number.upper() == number]


def registered_once(
    snapshot: Snapshot, domain: Domain, entity: str, subdomain: str | None, table_code: str | None
) -> Registration | None:
    """The registration that is meant; None where the domain has no such entity.

    Args:
        snapshot: what the source holds now.
        domain: one of its domains.
        entity: the entity's name; case matters only where the domain has several that differ in nothing else.
        subdomain: number or name; needed where the domain has the entity in several, unless the code says which.
        table_code: the code that it must have; None: any.

    Raises:
        Refused: several are meant, or it has another code by now.
    """
    check_storable(entity=entity, table_code=table_code)
    found = in_domain(snapshot, domain, entity)
    if subdomain is not None:
        number = find_subdomain(domain, subdomain).number
        found = [r for r in found if r.subdomain.number == number]
    found = [r for r in found if r.entity.name == entity] or found
    if len(found) > 1:
        found = [r for r in found if has_code(r, table_code)] or found
    if len(found) > 1:
        places = ", ".join(f"{r.subdomain.number} ({r.subdomain.name}, code {r.entity.table_code})" for r in found)
        raise Refused(
            RefusalKind.INVALID_ARGUMENT,
            f"{title(domain)} has {entity} in several subdomains: {places}. Name the subdomain that is meant.",
        )
    if found and not has_code(found[0], table_code):
        raise Refused(
            RefusalKind.CONFLICT,
            f"{found[0].entity.name} is registered with the code {found[0].entity.table_code} by now, not with "
            f"{table_code}: look at what the registry has, and ask again.",
        )
    return found[0] if found else None


def has_code(registration: Registration, wanted: str | None) -> bool:
    """Whether a registration has that code; None: any."""
    return wanted is None or codes.normalize(registration.entity.table_code) == codes.normalize(wanted)


def not_registered(domain: Domain, entity: str, table_code: str | None) -> Refused:
    """The refusal where a domain has no such entity; says the nearest name.

    Args:
        domain: the domain.
        entity: the name that was asked for.
        table_code: the code that it was to have: then it was there before.
    """
    near = nearest(entity, (e.name for s in domain.subdomains for e in s.entities))
    hint = f" (did you mean {near!r}?)" if near else ""
    return Refused(
        RefusalKind.CONFLICT if table_code is not None else RefusalKind.INVALID_ARGUMENT,
        f"{title(domain)} has no entity {entity!r}{hint}; name one that is registered in it.",
    )
