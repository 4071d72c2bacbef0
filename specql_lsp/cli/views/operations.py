"""What installing, migrating and exporting did, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

from specql_lsp.cli.tables import plain
from specql_lsp.cli.views.words import counted, listed, moment

if TYPE_CHECKING:
    from datetime import datetime

    from specql_lsp.registry.migration.migrate import Migration, MigrationFinding
    from specql_lsp.registry.sources.postgresql.install import Installation, InstallationCheck
    from specql_lsp.registry.sources.snapshot_file.format import TakenSnapshot


def installed(installation: Installation) -> str:
    """What an installation created, what had been there, and what is left to be done."""
    place = f" at {installation.server}" if installation.server else ""
    lines = [f"Created {each}." for each in installation.created]
    if installation.obstacles:
        lines.append(f"The registry's schema{place} is installed, except for the unique index on table codes.")
    elif installation.created:
        kept = counted(len(installation.kept), "part")
        untouched = f"; {kept} had been there and stayed untouched" if installation.kept else ""
        lines.append(f"The registry's schema{place} is installed{untouched}.")
    else:
        lines.append(f"The registry's schema{place} is complete: nothing had to be created.")
    return "\n".join(plain(line) for line in lines)


def installation_checked(check: InstallationCheck) -> str:
    """What is missing of an installation, and what to do about it."""
    from specql_lsp.registry.sources.postgresql.columns import no_column
    from specql_lsp.registry.sources.postgresql.install import newer_sentence

    place = f" at {check.server}" if check.server else ""
    lines = [f"Missing, or of another release: {each}." for each in check.missing]
    lines += [no_column(each) for each in check.missing_columns]
    lines += [f"Disabled: {each}." for each in check.disabled]
    if check.unrecorded:
        changes = counted(check.unrecorded, "change")
        lines.append(f"The history lacks {changes} that could not be recorded; PostgreSQL's log says why.")
    if check.is_newer and check.version is not None:
        lines.append(newer_sentence(check.version))
    elif check.is_current:
        lines.append(f"The registry's schema{place} is current.")
    elif check.missing_columns:
        lines.append(
            f"The registry's schema{place} is not current: add the columns that are missing, or give them their names "
            "back, and run specql-lsp registry install, which changes no table of its own accord."
        )
    elif check.missing:
        lines.append(f"The registry's schema{place} is not current: specql-lsp registry install makes what is missing.")
    else:
        lines.append(f"The registry's schema{place} is complete, but changes are not all recorded and notified.")
    return "\n".join(plain(line) for line in lines)


def pruned(count: int, before: datetime, server: str | None, *, dry_run: bool) -> str:
    """What pruning the history deleted, or would delete."""
    place = f"PostgreSQL at {server}" if server else "PostgreSQL"
    since = moment(before)
    if not count:
        return plain(f"The history in {place} has no event before {since}: nothing to delete.")
    verb = "Would delete" if dry_run else "Deleted"
    return plain(f"{verb} {counted(count, 'event')} before {since} from the history in {place}.")


def migrated(migration: Migration, name: str, server: str | None, *, dry_run: bool) -> str:
    """What a migration added, or would add."""
    place = f"PostgreSQL at {server}" if server else "PostgreSQL"
    counts = (
        counted(migration.domains, "domain"),
        counted(migration.subdomains, "subdomain"),
        counted(migration.entities, "entity", "entities"),
    )
    if not (migration.domains or migration.subdomains or migration.entities):
        return plain(f"{place} holds all of {name} already: nothing to add.")
    if dry_run:
        lines = list(_additions(migration))
        return "\n".join([*lines, plain(f"Would add {listed(counts)} from {name} to {place}. Nothing was changed.")])
    return plain(f"Added {listed(counts)} from {name} to {place}, verified before the commit.")


def additions(migration: Migration) -> list[dict[str, str]]:
    """Each domain, subdomain and entity that is added."""
    return [
        {
            key: value
            for key, value in (
                ("domain", each.domain.number),
                ("subdomain", each.subdomain.number if each.subdomain else None),
                ("entity", each.entity.name if each.entity else None),
                ("name", (each.entity or each.subdomain or each.domain).name),
                ("tableCode", each.entity.table_code if each.entity else None),
            )
            if value is not None
        }
        for each in migration.added
    ]


def _additions(migration: Migration) -> Iterator[str]:
    """A line for each addition, under its domain."""
    for (number, name), group in groupby(migration.added, key=lambda each: (each.domain.number, each.domain.name)):
        yield click.style(plain(f"Domain {number} ({name})"), bold=True)
        for each in group:
            if each.entity is not None and each.subdomain is not None:
                line = f"{each.entity.name}  {each.entity.table_code} · {name} / {each.subdomain.name}"
            elif each.subdomain is not None:
                line = f"{each.subdomain.name}  subdomain {each.subdomain.number} · {name}"
            else:
                line = f"{name}  domain {number}"
            yield "  " + plain(line)
        yield ""


def problem(name: str, problem: MigrationFinding) -> str:
    """One reason against a migration, with its place as compilers write it (lines and columns from 1)."""
    place = ":".join(str(part) for part in (name, problem.line, problem.column) if part is not None)
    return f"{plain(place)}: {plain(problem.message)}"


def would_export(name: str, old: str | None, new: str, added: int, removed: int) -> str:
    """What an export would change in a file."""
    if old is None:
        return plain(f"{name} would be made: {counted(added, 'line')}.")
    if old == new:
        return plain(f"{name} holds what PostgreSQL holds.")
    return plain(f"{name} would change: {counted(added, 'line')} added, {removed:,} removed.")


def exported(name: str, old: str | None, new: str, added: int, removed: int) -> str:
    """What an export changed in a file."""
    if old is None:
        return plain(f"Wrote {name}: {counted(added, 'line')}.")
    if old == new:
        return plain(f"{name} holds what PostgreSQL holds: nothing was changed.")
    return plain(f"Updated {name}: {counted(added, 'line')} added, {removed:,} removed.")


def snapshot_taken(name: str, taken: TakenSnapshot, *, is_same: bool) -> str:
    """What a snapshot holds, and whether its file was changed."""
    place = f"{taken.source.label} at {taken.location}" if taken.location else taken.source.label
    if is_same:
        return plain(f"{name} holds what {place} holds: nothing was changed.")
    counts = (
        counted(len(taken.snapshot.domains), "domain"),
        counted(taken.snapshot.subdomain_count, "subdomain"),
        counted(taken.snapshot.entity_count, "entity", "entities"),
    )
    return plain(f"Wrote {name}: {listed(counts)} from {place}.")
