"""What ``specql-lsp domain lease`` does, and what other commands say of leases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from specql_lsp.cli.options import Invocation
from specql_lsp.cli.output import Answer
from specql_lsp.cli.tables import Cell, Column, Row, plain, table
from specql_lsp.cli.views.words import counted, listed, moment
from specql_lsp.registry.client import Registry
from specql_lsp.registry.leases.model import HeldLease
from specql_lsp.registry.requests import Allocation
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.state import Source

AWAY = "PostgreSQL is away: {codes} of a lease. Registered when it is back, by the next command or the editor."


def confirmed(registry: Registry) -> tuple[str, ...]:
    """Registers what was given out while PostgreSQL was away, and says what became of it."""
    return tuple(
        each.refused or f"Registered {each.entity} with {each.table_code}, which it got from a lease."
        for each in registry.confirm_leases()
    )


def away(allocations: Iterable[Allocation]) -> tuple[str, ...]:
    """Says which codes come from leases."""
    codes = sorted(each.table_code for each in allocations if each.leased)
    if not codes:
        return ()
    return (AWAY.format(codes=f"{listed(codes)} {'is' if len(codes) == 1 else 'are'}"),)


def lease_codes(invocation: Invocation, domain: str, subdomain: str, *, count: int, days: float) -> Answer:
    """Leases codes for the folder. Raises as ``Registry.lease``."""
    used = frozenset(invocation.index().codes())
    with invocation.registry(invocation.postgresql_settings()) as registry:
        notes = confirmed(registry)
        place = registry.domain(domain)
        with invocation.progress.step("Leasing codes"):
            held = registry.lease(domain, subdomain, count, days, used=used)
        server = registry.state.provenance.server
        found = place.subdomain(subdomain)
        number = found.number if found is not None else subdomain
    ours = [
        each
        for each in held
        if each.entity is None and (each.domain, each.subdomain) == (place.number, number) and each.seconds > 0
    ]
    document = {"leases": [_held(each) for each in ours], "server": server}
    until = moment(min(each.ends for each in ours)) if ours else ""
    codes = listed([each.table_code for each in ours])
    text = f"Leased until {until}: {codes}. Allocation takes them while PostgreSQL is away."
    return Answer(document, plain(text), notes=notes)


def list_leases(invocation: Invocation, width: int | None) -> Answer:
    """Every lease that PostgreSQL keeps; while it is away, those of the folder. Raises as ``Registry.leases``."""
    with invocation.registry(invocation.postgresql_settings()) as registry:
        keeper = registry.service.leases.keeper
        provenance = registry.state.provenance
        is_away = provenance.source is not Source.POSTGRESQL or provenance.stale
        if is_away and keeper is not None and keeper.held:
            usable = {each.table_code for each in keeper.usable()}
            return _away_list(keeper.held, usable, provenance.reason, width)
        notes = confirmed(registry)
        leases = registry.leases()
        held = keeper.held if keeper is not None else ()
        token = keeper.token if keeper is not None else None
        snapshot = registry.snapshot
    names = {each.table_code: each for each in held}
    document: list[dict[str, Any]] = [
        {
            "tableCode": each.table_code,
            "domain": each.domain,
            "subdomain": each.subdomain,
            "holder": each.holder,
            "role": each.role,
            "isOwn": each.token == token,
            "entity": names[each.table_code].entity if each.table_code in names and each.token == token else None,
            "leasedAt": timestamp(each.leased_at),
            "expiresAt": timestamp(each.expires_at),
        }
        for each in leases
    ]
    rows: list[Row] = []
    for each in leases:
        domain = snapshot.domain_numbered(each.domain)
        subdomain = domain.subdomain(each.subdomain) if domain is not None else None
        where = f"{domain.name if domain else each.domain} / {subdomain.name if subdomain else each.subdomain}"
        mine = " (this folder)" if each.token == token else ""
        rows.append((Cell(each.table_code, bold=True), where, f"{each.holder}{mine}", moment(each.expires_at)))
    lost = [each for each in held if each.entity is not None and each.refused is not None]
    waiting = tuple(each.refused or "" for each in lost)
    columns = (Column("CODE"), Column("SUBDOMAIN"), Column("HOLDER"), Column("UNTIL"))
    text = f"{table(columns, rows, width)}\n\n{counted(len(rows), 'code')} leased." if rows else "No code is leased."
    return Answer(document, text, notes=(*notes, *(each for each in waiting if each not in notes)))


def release_codes(invocation: Invocation, codes: Sequence[str]) -> Answer:
    """Gives leased codes of the folder back. Raises as ``Registry.release_leases``."""
    with invocation.registry(invocation.postgresql_settings()) as registry:
        notes = confirmed(registry) if not codes else ()
        with invocation.progress.step("Giving leased codes back"):
            released = registry.release_leases(codes)
    text = f"Gave back {listed(released)}." if released else "This folder has leased no unused code."
    return Answer({"released": list(released)}, plain(text), notes=notes)


def _away_list(held: Sequence[HeldLease], usable: set[str], reason: str, width: int | None) -> Answer:
    columns = (Column("CODE"), Column("ENTITY"), Column("USABLE UNTIL"))
    rows: list[Row] = [
        (
            Cell(each.table_code, bold=True),
            each.entity or "",
            moment(each.usable_until) if each.table_code in usable else "given out" if each.entity else "ended",
        )
        for each in held
    ]
    document = [{**_held(each), "isUsable": each.table_code in usable} for each in held]
    text = f"{table(columns, rows, width)}\n\n{counted(len(rows), 'code')} leased by this folder."
    return Answer(document, text, notes=(f"{reason} What others have leased is not known.",))


def _held(lease: HeldLease) -> dict[str, Any]:
    return {
        "tableCode": lease.table_code,
        "domain": lease.domain,
        "subdomain": lease.subdomain,
        "entity": lease.entity,
        "refused": lease.refused,
        "expiresAt": timestamp(lease.ends),
        "usableUntil": timestamp(lease.usable_until),
    }
