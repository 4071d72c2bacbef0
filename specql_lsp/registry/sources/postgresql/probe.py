"""What ``probe.sql`` found out: whether the registry can be read and written, and whether its changes are notified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from specql_lsp.registry.sources.base import SourceUnavailableError

_INSTALL = "specql-lsp registry install creates what is missing."
TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")


@dataclass(frozen=True, slots=True)
class Probe:
    """A registry that can be read."""

    write_obstacle: str | None
    """The sentence why no code can be allocated; None where one can."""
    notifies: bool
    """Whether ``registry install`` has made every change of the tables a notification."""
    is_recorded: bool = False
    """Whether every change of the tables is recorded as events that the role may read (``following``)."""
    records_leases: bool | None = None
    """Whether the events also say what changes of the leases; None where there are none that the role may read."""
    is_read_only: bool = False
    """Whether the session began under ``default_transaction_read_only``: it stays so when the database changes."""


class _Table(NamedTuple):
    """A row of ``probe.sql``."""

    role: str
    may_use_schema: bool
    is_read_only: bool
    is_standby: bool
    name: str | None
    may_select: bool
    may_insert: bool
    may_update: bool
    denied_sequence: str | None
    notifies: bool
    is_recorded: bool
    records_leases: bool | None


def probed(rows: Sequence[tuple[Any, ...]]) -> Probe:
    """The probe of a registry from the rows of ``probe.sql``.

    Raises:
        SourceUnavailableError: the registry cannot even be read; the reason names the right or the table it lacks.
    """
    tables = {table.name: table for table in (_Table(*row) for row in rows)}
    first = next(iter(tables.values()), None)
    if first is None:
        reason = "The schema specql_registry does not exist in the database."
        raise SourceUnavailableError(reason, lost=False, advice=_INSTALL)
    if not first.may_use_schema:
        reason = lacks(first.role, "USAGE on the schema specql_registry")
        raise SourceUnavailableError(reason, lost=False, lasting=True)
    for name in TABLES:
        if name not in tables:
            raise SourceUnavailableError(f"The table specql_registry.{name} is missing.", lost=False, advice=_INSTALL)
    unreadable = [f"SELECT on specql_registry.{name}" for name in TABLES if not tables[name].may_select]
    if unreadable:
        raise SourceUnavailableError(lacks(first.role, *unreadable), lost=False, lasting=True)
    return Probe(
        write_obstacle=_write_obstacle(tables["tb_subdomain"], tables["tb_entity_registration"]),
        notifies=all(table.notifies for table in tables.values()),
        is_recorded=all(table.is_recorded for table in tables.values()),
        records_leases=first.records_leases,
        is_read_only=first.is_read_only and not first.is_standby,
    )


def lacks(role: str, *rights: str) -> str:
    """The sentence that says which rights a role lacks.

    Args:
        role: its name.
        rights: such as ``INSERT on specql_registry.tb_domain``; at least one.
    """
    *others, last = rights
    return f'The role "{role}" lacks the right {", ".join(others) + " and " + last if others else last}.'


def _write_obstacle(subdomains: _Table, entities: _Table) -> str | None:
    """What prevents allocating, which is the least that a writer must be able to do."""
    if subdomains.is_standby:
        return "The database is a standby: it takes no changes."
    if subdomains.is_read_only:
        return "The database takes no changes: its transactions are read-only."
    missing = []
    if not entities.may_insert:
        missing.append("INSERT on specql_registry.tb_entity_registration")
    if entities.denied_sequence:
        missing.append(f"USAGE on the sequence specql_registry.{entities.denied_sequence}")
    if not subdomains.may_update:
        missing.append("UPDATE on specql_registry.tb_subdomain")
    return lacks(subdomains.role, *missing) if missing else None
