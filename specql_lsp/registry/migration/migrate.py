"""A registry from YAML into PostgreSQL: one transaction, verified before its commit, and nothing lost on the way.

What is there already is compared and never overwritten. Every reason against a migration is found before anything
is written, whether it lies in the file, in what the tables can take, or in what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specql_lsp.registry.consistency.changes import Add, completed
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.migration.checks import Obstacle, conflicts, left_over, storage_obstacles, taken_codes
from specql_lsp.registry.migration.file import Candidate, Problem, read_candidate
from specql_lsp.registry.migration.plan import additions, with_additions
from specql_lsp.registry.model import Domain, RegistryNode, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.probe import lacks
from specql_lsp.syntax.parsing.gc_pause import gc_paused

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

__all__ = ["Migration", "MigrationRefused", "Problem", "migrate", "migrate_file"]


@dataclass(frozen=True, slots=True)
class Migration:
    """How many of each were added (or would be, in a dry run)."""

    domains: int = 0
    subdomains: int = 0
    entities: int = 0


class MigrationRefused(Refused):
    """A registry was not migrated, and nothing was changed. ``problems`` are all the reasons, in the YAML's order."""

    def __init__(self, kind: RefusalKind, message: str, problems: Iterable[Problem]) -> None:
        super().__init__(kind, message)
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(sorted(problems, key=_position)))


def migrate_file(path: Path, source: PostgresqlSource, *, dry_run: bool = False, name: str | None = None) -> Migration:
    """Adds to PostgreSQL what a registry YAML holds and PostgreSQL does not. What is in both must be the same.

    Args:
        path: the YAML.
        source: where it goes; what it holds more is left alone.
        dry_run: only finds out what would be added, or what stands against it.
        name: how the file is called in sentences; the path when left out.

    Raises:
        MigrationRefused: with every reason; nothing was changed.
        Refused: kind ``registry-read-only``: the role or the database takes no changes.
        SourceUnavailableError: the file cannot be read, or PostgreSQL could not do it; a second run is harmless.
    """
    with gc_paused():
        return _migrate(read_candidate(path, name), source, dry_run=dry_run)


def migrate(snapshot: Snapshot, source: PostgresqlSource, *, dry_run: bool = False) -> Migration:
    """The same for what was read of a YAML: its problems have no lines. Raises as ``migrate_file``."""
    return _migrate(Candidate("The YAML's registry", snapshot), source, dry_run=dry_run)


def _migrate(candidate: Candidate, source: PostgresqlSource, *, dry_run: bool) -> Migration:
    if candidate.snapshot is None:
        raise _refused(candidate, candidate.problems)
    run = _Run(candidate, candidate.snapshot)
    if dry_run:
        current, facts = source.load_with("migration_facts")
        migration, _ = run.plan(current, facts)
        run.check_rights(facts, source.write_obstacle)
        return migration
    return source.change_with("migration_facts", run.plan, run.verify)


class _Run:
    """The decisions of one migration; ``plan`` may be called again when others were quicker."""

    def __init__(self, candidate: Candidate, yaml: Snapshot) -> None:
        self._candidate = candidate
        self._yaml = yaml
        self._completed = completed(yaml)
        self._expected = yaml
        # What is not read because of its shape is not missing, too.
        told = {_position(problem) for problem in candidate.problems if problem.line is not None}
        unstorable = map(self._problem, storage_obstacles(self._completed))
        self._problems = [*candidate.problems, *(p for p in unstorable if _position(p) not in told)]

    def plan(self, current: Snapshot, facts: Sequence[Sequence[Any]]) -> tuple[Migration, tuple[Add, ...]]:
        """What to add to what PostgreSQL holds. Raises ``MigrationRefused`` with every reason against it."""
        ((codes_are_unique, *_),) = facts
        discrepancies = compare(current, self._yaml)
        found = list(conflicts(discrepancies))
        if codes_are_unique:
            found += taken_codes(current, self._yaml)
        if found or self._problems:
            kind = RefusalKind.CONFLICT if found else RefusalKind.INVALID_ARGUMENT
            raise _refused(self._candidate, [*self._problems, *map(self._problem, found)], kind)
        adds = additions(discrepancies, self._completed)
        self._expected = with_additions(current, adds)
        return _counted(adds), adds

    def verify(self, written: Snapshot) -> None:
        """Holds what PostgreSQL gives back against what it has to hold, before the commit."""
        problems = [self._problem(found) for found in left_over(written, self._expected, self._completed)]
        if problems:
            count = "one place" if len(problems) == 1 else f"{len(problems)} places"
            message = f"PostgreSQL did not hold what was written to it in {count}; nothing was changed."
            raise MigrationRefused(RefusalKind.CONFLICT, message, problems)

    def check_rights(self, facts: Sequence[Sequence[Any]], obstacle: str | None) -> None:
        """Raises ``Refused`` where a migration that nothing else stands against would fail for want of a right."""
        ((_, role, missing),) = facts
        if obstacle is None and missing:
            obstacle = lacks(role, *missing)
        if obstacle is not None:
            raise Refused(RefusalKind.REGISTRY_READ_ONLY, f"The registry cannot be written. {obstacle}")

    def _problem(self, obstacle: Obstacle) -> Problem:
        return self._candidate.located(*obstacle)


def _refused(
    candidate: Candidate, problems: Sequence[Problem], kind: RefusalKind = RefusalKind.INVALID_ARGUMENT
) -> MigrationRefused:
    reasons = "one reason" if len(problems) == 1 else f"{len(problems)} reasons"
    return MigrationRefused(kind, f"{candidate.name} cannot be migrated for {reasons}; nothing was changed.", problems)


def _position(problem: Problem) -> tuple[bool, int, int]:
    return problem.line is None, problem.line or 0, problem.column or 0


def _counted(adds: tuple[Add, ...]) -> Migration:
    nodes: list[RegistryNode] = [add.node for add in adds]
    domains = [node for node in nodes if isinstance(node, Domain)]
    subdomains = [node for node in nodes if isinstance(node, Subdomain)]
    subdomains += [subdomain for domain in domains for subdomain in domain.subdomains]
    alone = len(nodes) - sum(isinstance(node, Domain | Subdomain) for node in nodes)
    return Migration(len(domains), len(subdomains), alone + sum(len(s.entities) for s in subdomains))
