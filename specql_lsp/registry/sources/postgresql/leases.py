"""Leases in PostgreSQL. Each function is a piece of work for a session; the server's clock alone ends a lease."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from specql_lsp.language.table_code import TableCode
from specql_lsp.registry.allocation import title
from specql_lsp.registry.leases.model import Lease, LeaseRequest
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.probe import lacks
from specql_lsp.registry.sources.postgresql.upgrades import SCHEMA

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection
    from specql_lsp.registry.sources.postgresql.session import PostgresqlSession

NOT_INSTALLED = (
    "The registry in PostgreSQL has no leases: specql-lsp registry install adds them (registry install --check says "
    "what is missing)."
)


def demand_leases(session: PostgresqlSession, connection: BoundedConnection, *, writes: bool) -> None:
    """Begins a transaction and finds out whether leases can be read, or made.

    Raises:
        Refused: there are none in this database, other programs would not keep to them, or a right is missing.
    """
    (found,) = session.begin(connection, "leases_readable")
    if not found or not found[0][2]:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, NOT_INSTALLED)
    may_read, may_write, _, role = found[0]
    table = f"{SCHEMA}.tb_lease"
    if not may_read:
        raise Refused(RefusalKind.REGISTRY_READ_ONLY, lacks(role, f"SELECT on {table}"))
    if writes and not may_write:
        raise Refused(RefusalKind.REGISTRY_READ_ONLY, lacks(role, f"INSERT, UPDATE and DELETE on {table}"))


def live_leases(session: PostgresqlSession, connection: BoundedConnection) -> tuple[Lease, ...]:
    """The leases that have not ended, read in the transaction."""
    return tuple(Lease(*row) for row in session.execute(connection, "leases").fetchall())


def read_leases(session: PostgresqlSession, connection: BoundedConnection) -> tuple[Lease, ...]:
    """The leases that have not ended. Raises as ``demand_leases``."""
    demand_leases(session, connection, writes=False)
    leases = live_leases(session, connection)
    session.commit(connection)
    return leases


def write_leases(
    session: PostgresqlSession,
    connection: BoundedConnection,
    request: LeaseRequest,
    domain: Domain,
    subdomain: Subdomain,
    wanted: Sequence[str],
) -> tuple[Lease, ...]:
    """Leases codes in the transaction that has locked their subdomain, and reads them back before the commit.

    Returns:
        All leases of the folder.
    """
    values = {
        "token": request.token,
        "holder": request.holder,
        "domain": domain.number,
        "subdomain": subdomain.number,
        "seconds": request.seconds,
        "codes": list(wanted),
    }
    session.execute(connection, "lease_write", values)
    ours = tuple(each for each in live_leases(session, connection) if each.token == request.token)
    kept = {each.table_code for each in ours}
    lost = [code for code in wanted if code not in kept]
    if lost:
        raise Refused(
            RefusalKind.CONFLICT,
            f"PostgreSQL reported no error and did not lease {', '.join(lost)}. Nothing was changed.",
        )
    session.commit(connection)
    return ours


def codes_to_lease(
    held: Snapshot, domain: Domain, subdomain: Subdomain, request: LeaseRequest, live: Iterable[Lease]
) -> list[str]:
    """The codes to lease: those that the folder has leased there and not used, then the lowest free ones.

    Args:
        held: what the registry holds of the subdomain's codes, under the rules to follow.
        domain: the domain.
        subdomain: the subdomain.
        request: what is asked for.
        live: the leases that have not ended.

    Raises:
        Refused: not so many codes are free.
    """
    layer = request.layer.upper()
    prefix = layer + domain.number.upper() + subdomain.number.upper()
    leased = {each.table_code: each.token for each in live}
    ours = {code for code, token in leased.items() if token == request.token and code.startswith(prefix)}
    taken = request.used | request.spent | leased.keys()
    free = held.free_sequences(domain, subdomain, layer=layer, used=taken)
    wanted = sorted(ours - request.spent - request.used)[: request.count]
    wanted += [
        str(TableCode(layer, domain.number.upper(), subdomain.number.upper(), sequence))
        for sequence in free[: request.count - len(wanted)]
    ]
    if len(wanted) < request.count:
        raise Refused(
            RefusalKind.SUBDOMAIN_FULL,
            f"Subdomain {subdomain.number} ({subdomain.name}) of {title(domain, start=False)} has {len(wanted)} codes "
            f"to lease, not {request.count}: lease fewer, or use another subdomain.",
        )
    return wanted


def ending(session: PostgresqlSession, token: str, codes: Iterable[str]) -> Callable[[BoundedConnection], None]:
    """What ends leases of a folder within a transaction."""
    values = {"token": token, "codes": sorted(codes)}

    def end(connection: BoundedConnection) -> None:
        session.execute(connection, "lease_end", values)

    return end


def end_leases(
    session: PostgresqlSession, connection: BoundedConnection, token: str, codes: Iterable[str]
) -> tuple[Lease, ...]:
    """Ends leases of a folder; gives all that are left of whatever folder. Raises as ``demand_leases``."""
    demand_leases(session, connection, writes=True)
    ending(session, token, codes)(connection)
    left = live_leases(session, connection)
    session.commit(connection)
    return left
