"""The registry as JSON: Status and domain trees in the shape (and the camelCase) of the interface. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Entity, LeasedCode, Subdomain
from specql_lsp.registry.requests import Allocation, Moving, Released, Renaming
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, RegistryState, SnapshotFile, Source


def timestamp(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond, such as ``2025-11-21T15:53:37.813Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status_to_json(state: RegistryState) -> dict[str, Any]:
    """The Status of ``specql.registryStatus`` and ``specql/registryStatus``.

    Counts are None where nothing can be read, and ``discrepancies`` where the two sides cannot be compared:
    unavailable is not empty. ``databaseFrom`` is the layer of the settings that names the database (None: none does),
    ``databaseOverrides`` are the lower ones that name another; ``reason`` says so in a sentence. ``awaitsTrust``: the
    folder's own file names a database that is used once the workspace is trusted. ``snapshot`` is the file
    that answers, with when and where it was taken; None unless one answers. ``leased`` is how many leased codes can be
    allocated although PostgreSQL is away.
    """
    provenance, snapshot = state.provenance, state.snapshot
    return {
        "source": provenance.source.value,
        "writable": provenance.writable,
        "stale": provenance.stale,
        "reason": _reason(provenance),
        "since": timestamp(provenance.since) if provenance.since else None,
        "loadedAt": timestamp(provenance.loaded_at) if provenance.loaded_at else None,
        "domains": len(snapshot.domains) if snapshot else None,
        "subdomains": snapshot.subdomain_count if snapshot else None,
        "entities": snapshot.entity_count if snapshot else None,
        "discrepancies": len(state.discrepancies) if state.discrepancies is not None else None,
        "server": provenance.server,
        "databaseFrom": provenance.url_origin.source or None,
        "databaseOverrides": list(provenance.url_origin.overridden),
        "awaitsTrust": provenance.url_origin.withheld and provenance.source is not Source.POSTGRESQL,
        "listening": provenance.listening,
        "snapshot": _snapshot_file(provenance.file) if provenance.file else None,
        "leased": len(provenance.leased),
    }


def _reason(provenance: Provenance) -> str:
    """Why this source answers, which file, what can be allocated from leases, and whose URL of the database counts."""
    file = f"The snapshot is {provenance.file.in_words}." if provenance.file else ""
    sentences = provenance.reason, file, provenance.leases_in_words, provenance.url_origin.sentence
    return " ".join(filter(None, sentences))


def _snapshot_file(file: SnapshotFile) -> dict[str, Any]:
    return {
        "path": file.name,
        "takenAt": timestamp(file.taken_at),
        "source": file.source.value,
        "location": file.location,
    }


def domains_to_json(snapshot: Snapshot, used: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The trees of ``specql.listDomains``.

    Args:
        snapshot: the registry.
        used: codes that files use although the registry does not know them (upper case); they are not free.
    """
    taken = frozenset(used)
    return [domain_to_json(snapshot, domain, taken) for domain in snapshot.domains]


def domain_to_json(snapshot: Snapshot, domain: Domain, used: Iterable[str] = ()) -> dict[str, Any]:
    """The tree of one domain of ``snapshot``."""
    taken = frozenset(used)
    return {
        "number": domain.number,
        "name": domain.name,
        "description": domain.description,
        "multiTenant": domain.multi_tenant,
        "aliases": list(domain.aliases),
        "subdomains": [subdomain_to_json(snapshot, domain, subdomain, taken) for subdomain in domain.subdomains],
    }


def subdomain_to_json(
    snapshot: Snapshot, domain: Domain, subdomain: Subdomain, used: Iterable[str] = ()
) -> dict[str, Any]:
    """One subdomain of a domain of ``snapshot``.

    ``free`` is how many codes of the write side can be given out, ``nextTableCode`` the one that is given next; None
    where none is free. ``leased`` are the codes of the write side that somebody has leased.
    """
    free = snapshot.free_sequences(domain, subdomain, used=frozenset(used))
    return {
        "number": subdomain.number,
        "name": subdomain.name,
        "description": subdomain.description,
        "nextEntitySequence": subdomain.next_entity_sequence,
        "free": len(free),
        "nextTableCode": str(_code(domain, subdomain, free[0])) if free else None,
        "leased": [_leased(lease) for lease in snapshot.leased_in(domain, subdomain)],
        "entities": [_entity(snapshot, entity) for entity in subdomain.entities],
    }


def allocation_to_json(allocation: Allocation) -> dict[str, Any]:
    """The result of ``specql.allocateEntityCode``."""
    return {**_registration(allocation), "created": allocation.created, "leased": allocation.leased}


def renaming_to_json(renaming: Renaming) -> dict[str, Any]:
    """The result of ``specql.renameRegistration``."""
    return {**_registration(renaming), "previousName": renaming.previous, "renamed": renaming.renamed}


def moving_to_json(moving: Moving) -> dict[str, Any]:
    """The result of ``specql.moveRegistration``."""
    return {**_registration(moving), "previousTableCode": moving.previous_code, "moved": moving.moved}


def released_to_json(registration: Released, *, released: bool) -> dict[str, Any]:
    """The result of ``specql.releaseCode``; ``released`` False: of a preview."""
    return {
        "released": released,
        "entity": registration.entity,
        "tableCode": registration.table_code,
        "domain": {"number": registration.domain.number, "name": registration.domain.name},
        "subdomain": {"number": registration.subdomain.number, "name": registration.subdomain.name},
    }


def _registration(registered: Allocation | Renaming | Moving) -> dict[str, Any]:
    return {
        "entity": registered.entity,
        "tableCode": registered.table_code,
        "entityCode": registered.entity_code,
        "domain": {"number": registered.domain.number, "name": registered.domain.name},
        "subdomain": {"number": registered.subdomain.number, "name": registered.subdomain.name},
        "sequence": registered.sequence,
    }


def _code(domain: Domain, subdomain: Subdomain, sequence: int) -> codes.TableCode:
    return codes.TableCode(codes.WRITE_LAYER, domain.number.upper(), subdomain.number.upper(), sequence)


def _leased(lease: LeasedCode) -> dict[str, Any]:
    return {
        "tableCode": lease.table_code,
        "holder": lease.holder,
        "expiresAt": timestamp(lease.expires_at),
        "isOwn": lease.is_own,
        "entity": lease.entity,
    }


def _entity(snapshot: Snapshot, entity: Entity) -> dict[str, Any]:
    sequence = entity.sequence
    if sequence is None:
        parts = snapshot.parts(entity.table_code)
        sequence = parts.code.sequence if parts else None
    return {
        "name": entity.name,
        "tableCode": codes.normalize(entity.table_code),
        "sequence": sequence,
        "entityCode": entity.entity_code or codes.short_code(entity.name),
    }
