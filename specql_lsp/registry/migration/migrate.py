"""Migrates a registry from YAML to PostgreSQL in one transaction, which is verified before its commit.

What PostgreSQL already contains is compared and never overwritten; only a subdomain's counter moves on behind the
entities that are added, as with each registration. Every reason against a migration is found before anything is
written: in the file, in the limits of the tables, in their content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from specql_lsp.registry.consistency.changes import Add, Change, completed
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.migration.additions import additions, moved_counters, with_additions
from specql_lsp.registry.migration.candidate import Candidate, MigrationFinding, read_candidate
from specql_lsp.registry.migration.checks import NodeFinding, conflicts, not_written, repeated_codes, storage_findings
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.probe import lacks
from specql_lsp.syntax.parsing.gc_pause import gc_paused

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

__all__ = ["Migration", "MigrationFinding", "MigrationRefused", "migrate", "migrate_file"]


@dataclass(frozen=True, slots=True)
class Migration:
    """How many nodes of each kind were added; in a dry run, would be added."""

    domains: int = 0
    subdomains: int = 0
    entities: int = 0
    added: tuple[Addition, ...] = field(default=(), compare=False)
    """Each of them, in the order of the YAML's numbers."""


class Addition(NamedTuple):
    """A node that is added: the last of the three that is given."""

    domain: Domain
    subdomain: Subdomain | None = None
    entity: Entity | None = None


class MigrationRefused(Refused):
    """A registry was not migrated and nothing was changed. ``findings`` are all reasons, in the order of the YAML."""

    def __init__(self, kind: RefusalKind, message: str, findings: Iterable[MigrationFinding]) -> None:
        super().__init__(kind, message)
        self.findings: tuple[MigrationFinding, ...] = tuple(dict.fromkeys(sorted(findings, key=_position)))


def migrate_file(path: Path, source: PostgresqlSource, *, dry_run: bool = False, name: str | None = None) -> Migration:
    """Adds what a registry YAML contains and PostgreSQL does not. What both contain must be equal.

    Args:
        path: the YAML.
        source: the database; what only the database contains stays as it is.
        dry_run: whether only to find out what would be added, or why it cannot be.
        name: the file's name in messages; by default the path.

    Raises:
        MigrationRefused: with every reason; nothing was changed.
        Refused: kind ``registry-read-only``: the role or the database allows no changes.
        SourceUnavailableError: the file cannot be read, or PostgreSQL failed; to run it again is harmless.
    """
    with gc_paused():
        return _migrate(read_candidate(path, name), source, dry_run=dry_run)


def migrate(snapshot: Snapshot, source: PostgresqlSource, *, dry_run: bool = False) -> Migration:
    """Migrates a registry that was read from a YAML: findings have no lines. Raises as ``migrate_file``."""
    return _migrate(Candidate("The YAML's registry", snapshot), source, dry_run=dry_run)


def _migrate(candidate: Candidate, source: PostgresqlSource, *, dry_run: bool) -> Migration:
    if candidate.snapshot is None:
        raise _refused(candidate, candidate.findings)
    run = _Run(candidate, candidate.snapshot)
    if dry_run:
        current, facts = source.load_with("migration_facts")
        migration, _ = run.plan(current, facts)
        run.check_rights(facts, source.write_obstacle)
        return migration
    return source.change_with("migration_facts", run.plan, run.verify)


class _Run:
    """The decisions of one migration. ``plan`` is called again if the database was changed meanwhile."""

    def __init__(self, candidate: Candidate, yaml: Snapshot) -> None:
        self._candidate = candidate
        self._yaml = yaml
        self._completed = completed(yaml)
        self._expected = yaml
        # A value that is not read because of its shape is not reported as missing, too.
        reported = {_position(finding) for finding in candidate.findings if finding.line is not None}
        unstorable = map(self._finding, storage_findings(self._completed))
        self._findings = [*candidate.findings, *(f for f in unstorable if _position(f) not in reported)]

    def plan(self, current: Snapshot, facts: Sequence[Sequence[Any]]) -> tuple[Migration, tuple[Change, ...]]:
        """What to add to PostgreSQL's registry. Raises ``MigrationRefused`` with every reason against it."""
        ((codes_are_unique, *_),) = facts
        discrepancies = compare(current, self._yaml)
        found = list(conflicts(discrepancies))
        if codes_are_unique:
            found += repeated_codes(current, self._yaml)
        if found or self._findings:
            kind = RefusalKind.CONFLICT if found else RefusalKind.INVALID_ARGUMENT
            raise _refused(self._candidate, [*self._findings, *map(self._finding, found)], kind)
        adds = additions(discrepancies, self._completed)
        counters = moved_counters(current, self._yaml, discrepancies)
        self._expected = with_additions(current, adds, counters)
        return _counted(adds, current), (*adds, *counters)

    def verify(self, written: Snapshot) -> None:
        """Compares what PostgreSQL contains before the commit with what it must contain."""
        findings = [self._finding(found) for found in not_written(written, self._expected, self._completed)]
        if findings:
            count = "one place" if len(findings) == 1 else f"{len(findings)} places"
            message = f"PostgreSQL did not hold what was written to it in {count}; nothing was changed."
            raise MigrationRefused(RefusalKind.CONFLICT, message, findings)

    def check_rights(self, facts: Sequence[Sequence[Any]], obstacle: str | None) -> None:
        """Raises ``Refused`` if a migration without findings would fail for lack of a privilege."""
        ((_, role, missing),) = facts
        if obstacle is None and missing:
            obstacle = lacks(role, *missing)
        if obstacle is not None:
            raise Refused(RefusalKind.REGISTRY_READ_ONLY, f"The registry cannot be written. {obstacle}")

    def _finding(self, found: NodeFinding) -> MigrationFinding:
        return self._candidate.located(*found)


def _refused(
    candidate: Candidate, findings: Sequence[MigrationFinding], kind: RefusalKind = RefusalKind.INVALID_ARGUMENT
) -> MigrationRefused:
    reasons = "one reason" if len(findings) == 1 else f"{len(findings)} reasons"
    return MigrationRefused(kind, f"{candidate.name} cannot be migrated for {reasons}; nothing was changed.", findings)


def _position(finding: MigrationFinding) -> tuple[bool, int, int]:
    return finding.line is None, finding.line or 0, finding.column or 0


def _counted(adds: tuple[Add, ...], current: Snapshot) -> Migration:
    added = tuple(each for add in adds for each in _added(add, current))
    kinds = Counter(Entity if each.entity else Subdomain if each.subdomain else Domain for each in added)
    return Migration(kinds[Domain], kinds[Subdomain], kinds[Entity], added)


def _added(add: Add, current: Snapshot) -> Iterator[Addition]:
    """The nodes that an addition adds, from the outermost on."""
    domain = current.domain_numbered(add.parent.domain) if add.parent is not None else None
    match add.node:
        case Domain() as node:
            yield Addition(node)
            for subdomain in node.subdomains:
                yield Addition(node, subdomain)
                yield from (Addition(node, subdomain, entity) for entity in subdomain.entities)
        case Subdomain() as node if domain is not None:
            yield Addition(domain, node)
            yield from (Addition(domain, node, entity) for entity in node.entities)
        case Entity() as node if domain is not None and add.parent is not None:
            number = add.parent.subdomain
            yield Addition(domain, next(each for each in domain.subdomains if each.number == number), node)
