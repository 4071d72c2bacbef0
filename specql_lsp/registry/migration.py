"""A registry from YAML into PostgreSQL: one transaction, verified before its commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from specql_lsp.registry.changes import Add, Thing, migration_changes
from specql_lsp.registry.model import Domain, RefusalKind, Refused, Snapshot, Subdomain

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql import PostgresqlSource


@dataclass(frozen=True, slots=True)
class Migration:
    """How many of each were added (or would be, in a dry run)."""

    domains: int = 0
    subdomains: int = 0
    entities: int = 0


def migrate(snapshot: Snapshot, source: PostgresqlSource, *, dry_run: bool = False) -> Migration:
    """Adds to PostgreSQL what a YAML registry holds and PostgreSQL does not. What is in both must be the same.

    Args:
        snapshot: what the YAML holds.
        source: where it goes; what it holds more is left alone.
        dry_run: only finds out what would be added.

    Raises:
        Refused: kind ``conflict``, with all values that differ; nothing was changed.
        SourceUnavailableError: PostgreSQL could not do it; a second run is harmless.
    """
    if dry_run:
        return _counted(migration_changes(source.load(), snapshot))

    def plan(current: Snapshot) -> tuple[Migration, tuple[Add, ...]]:
        adds = migration_changes(current, snapshot)
        return _counted(adds), adds

    def verify(written: Snapshot) -> None:
        if migration_changes(written, snapshot):
            raise Refused(RefusalKind.CONFLICT, "PostgreSQL did not hold what was written to it; nothing was changed.")

    return source.change(plan, verify)


def _counted(adds: tuple[Add, ...]) -> Migration:
    things: list[Thing] = [add.thing for add in adds]
    domains = [thing for thing in things if isinstance(thing, Domain)]
    subdomains = [thing for thing in things if isinstance(thing, Subdomain)]
    subdomains += [subdomain for domain in domains for subdomain in domain.subdomains]
    alone = len(things) - sum(isinstance(thing, Domain | Subdomain) for thing in things)
    return Migration(len(domains), len(subdomains), alone + sum(len(s.entities) for s in subdomains))
