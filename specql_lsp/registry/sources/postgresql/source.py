"""The registry in PostgreSQL, written in one short transaction; ``reader`` reads it.

For a worker's thread, never for the event loop. Other SpecQL programs write the same tables meanwhile, without our
locks. The connection is ``session``'s matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.config import RegistrySettings
from specql_lsp.language import table_code as codes
from specql_lsp.registry import allocation
from specql_lsp.registry.consistency.changes import Change
from specql_lsp.registry.consistency.resolution import Plan, RefusedDiscrepancy, Resolution, plan_keep_yaml
from specql_lsp.registry.leases.avoiding import avoiding_all_leases, avoiding_leases
from specql_lsp.registry.leases.model import Lease, LeaseRequest
from specql_lsp.registry.metrics.statement_timings import StatementTimings
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.renumbering import BeforeCommit, RenumberAnswer, RenumberRequest
from specql_lsp.registry.requests import Allocation, AllocationRequest, EntityMove, Moving
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.planned_writes import PlannedWrites
from specql_lsp.registry.sources.postgresql import history, leases
from specql_lsp.registry.sources.postgresql.at_once import allocation_of, values_to_send
from specql_lsp.registry.sources.postgresql.changes import statements
from specql_lsp.registry.sources.postgresql.read_back import not_kept, refuse_unkept, unkept
from specql_lsp.registry.sources.postgresql.reader import PostgresqlReader
from specql_lsp.registry.sources.postgresql.rows import (
    Lookups,
    Row,
    RowReader,
    lock_key,
    merged_rows,
    subdomain_key,
)
from specql_lsp.registry.state import Discrepancy

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection

_Result = TypeVar("_Result")

_PREPARED = "begin", "author", "allocate_at_once", "allocate_look", "allocate_write"
"""The query files that many allocations run."""
_FRESH_LOOKS = 3
"""How often the subdomain to lock is looked up again if others move it meanwhile."""


class PostgresqlSource(PostgresqlReader, PlannedWrites):
    """A ``WritableSource``. Its methods may be called from any thread, one at a time; ``close`` at any moment.

    Args:
        settings: the URL (libpq URI or DSN), and the limits in their seconds and milliseconds.
        timings: where every exchange with the server is timed.
    """

    def __init__(self, settings: RegistrySettings, timings: StatementTimings | None = None) -> None:
        super().__init__(settings, timings)
        self._look_reader, self._lookups = RowReader(), Lookups()

    def allocate(self, request: AllocationRequest, rules: Rules) -> Allocation:
        """Registers an entity in one short transaction, or finds the code that it has.

        Raises:
            Refused: with the reason; nothing was changed.
            SourceUnavailableError: it is not known whether it was done; asking again is harmless.
        """

        def attempt(leased: frozenset[str]) -> Allocation:
            wanted = replace(request, used=request.used | leased) if leased else request
            return self._session.run(lambda connection: self._allocate(connection, wanted, rules), writes=True)

        return avoiding_leases(attempt, [request])

    def allocate_all(self, requests: Sequence[AllocationRequest], rules: Rules) -> tuple[Allocation | Refused, ...]:
        """See ``PlannedWrites``. Raises as ``allocate``."""
        allocate_all = super().allocate_all
        return avoiding_all_leases(lambda wanted: allocate_all(wanted, rules), requests)

    def move_entity(self, request: EntityMove, rules: Rules) -> Moving:
        """See ``PlannedWrites``. Raises as ``allocate``."""
        move_entity = super().move_entity
        return avoiding_leases(lambda leased: move_entity(replace(request, used=request.used | leased), rules))

    def renumber(
        self, requests: Sequence[RenumberRequest], rules: Rules, before_commit: BeforeCommit | None = None
    ) -> tuple[RenumberAnswer, ...]:
        """See ``PlannedWrites``. Raises as ``allocate``."""
        renumber = super().renumber

        def attempt(leased: frozenset[str]) -> tuple[RenumberAnswer, ...]:
            return renumber([replace(each, used=each.used | leased) for each in requests], rules, before_commit)

        return avoiding_leases(attempt)

    def leases(self) -> tuple[Lease, ...]:
        """Every lease that has not ended.

        Raises:
            Refused: this database has no leases, or the role may not read them.
            SourceUnavailableError: they cannot be read.
        """
        return self._session.run(lambda connection: leases.read_leases(self._session, connection))

    def lease(self, request: LeaseRequest, rules: Rules) -> tuple[Lease, ...]:
        """Leases codes in one short transaction; asked again, it extends the same leases.

        Returns:
            All leases of the folder, those that it had before included.

        Raises as ``allocate``.
        """
        return self._session.run(lambda connection: self._lease(connection, request, rules), writes=True)

    def end_leases(self, token: str, table_codes: Iterable[str]) -> tuple[Lease, ...]:
        """Ends leases of a folder; gives all that are left of whatever folder. Raises as ``allocate``."""
        return self._session.run(
            lambda connection: leases.end_leases(self._session, connection, token, table_codes), writes=True
        )

    def confirm(self, request: AllocationRequest, token: str, rules: Rules) -> Allocation:
        """Registers an entity with a code that a folder has leased, and ends that lease. Raises as ``allocate``."""
        ended = [codes.normalize(request.table_code or "")]

        def work(connection: BoundedConnection) -> Allocation:
            leases.demand_leases(self._session, connection, writes=True)
            self._session.commit(connection)
            end = leases.ending(self._session, token, ended)
            allocated = self._allocate(connection, request, rules, end)
            if not allocated.created:
                leases.end_leases(self._session, connection, token, ended)
            return allocated

        return self._session.run(work, writes=True)

    def keep_yaml(self, discrepancies: Sequence[Discrepancy], yaml: Snapshot) -> Resolution:
        """Makes the database hold, at the paths of discrepancies, what the YAML holds (or lacks), in one transaction.

        What the database itself refuses, by a constraint or a trigger, is found and left out.

        Raises as ``allocate``.
        """
        return self._session.run(lambda connection: self._keep_yaml(connection, discrepancies, yaml), writes=True)

    def _keep_yaml(
        self, connection: BoundedConnection, discrepancies: Sequence[Discrepancy], yaml: Snapshot
    ) -> Resolution:
        self._session.begin(connection, "lock_all")
        current = self._content(connection)
        wanted, refused = list(discrepancies), list[RefusedDiscrepancy]()
        while True:
            plan = plan_keep_yaml(current, yaml, wanted)
            if not plan.changes:
                self._session.rollback(connection)
                return plan.resolution.refusing(refused)
            obstacle = self._session.attempt(connection, partial(self._make, connection, plan.changes))
            if obstacle is not None:
                found = self._obstacles(connection, plan.resolution.resolved, current, yaml)
                if not found:
                    raise obstacle
            else:
                rows = self._session.execute(connection, "load").fetchall()
                found = list(_not_kept(plan, Snapshot(self._reader.domains_of(rows))))
                if not found:
                    self._session.commit(connection)
                    self._taken(rows)
                    return plan.resolution.refusing(refused)
                self._session.take_back(connection)
            refused += found
            gone = {id(each.discrepancy) for each in found}
            wanted = [each for each in plan.resolution.resolved if id(each) not in gone]
            refused += plan.resolution.refused

    def _obstacles(
        self, connection: BoundedConnection, discrepancies: Sequence[Discrepancy], current: Snapshot, yaml: Snapshot
    ) -> list[RefusedDiscrepancy]:
        """Which of some discrepancies the database refuses, found by halving; nothing of this stays."""
        changes = plan_keep_yaml(current, yaml, discrepancies).changes
        refusal = self._session.attempt(connection, partial(self._make, connection, changes))
        if refusal is None:
            self._session.take_back(connection)
            return []
        if len(discrepancies) == 1:
            return [RefusedDiscrepancy(discrepancies[0], refusal.kind, refusal.message)]
        half = len(discrepancies) // 2
        parts = discrepancies[:half], discrepancies[half:]
        return [each for part in parts for each in self._obstacles(connection, part, current, yaml)]

    def change(
        self,
        plan: Callable[[Snapshot], tuple[_Result, tuple[Change, ...]]],
        verify: Callable[[Snapshot], None] | None = None,
    ) -> _Result:
        """See ``PlannedWrites``. Raises as ``allocate``."""
        return self._change(lambda connection: plan(self._content(connection)), verify)

    def change_with(
        self,
        name: str,
        plan: Callable[[Snapshot, list[Row]], tuple[_Result, tuple[Change, ...]]],
        verify: Callable[[Snapshot], None] | None = None,
    ) -> _Result:
        """The same, planned also on the rows of the query file ``name``, asked in that transaction."""
        return self._change(
            lambda connection: plan(self._content(connection), self._session.execute(connection, name).fetchall()),
            verify,
        )

    def _change(
        self,
        plan: Callable[[BoundedConnection], tuple[_Result, tuple[Change, ...]]],
        verify: Callable[[Snapshot], None] | None,
    ) -> _Result:
        def work(connection: BoundedConnection) -> _Result:
            session = self._session
            session.begin(connection, "lock_all")
            result, changes = plan(connection)
            self._make(connection, changes)
            rows = session.execute(connection, "load").fetchall()
            written = Snapshot(self._reader.domains_of(rows))
            if verify is not None:
                verify(written)
            refuse_unkept(changes, written)
            session.commit(connection)
            self._taken(rows)
            return result

        return self._session.run(work, writes=True)

    def _make(self, connection: BoundedConnection, changes: Sequence[Change]) -> None:
        for name, values in statements(changes):
            self._session.execute(connection, name, values)
        self._session.execute(connection, "settle")

    def prune_history(self, before: datetime, *, dry_run: bool = False) -> int:
        """Deletes the events before a moment, and gives how many; ``dry_run`` only counts them.

        Raises as ``allocate``.
        """
        return self._session.run(
            lambda connection: history.prune(self._session, connection, before, dry_run=dry_run), writes=True
        )

    def _allocate(
        self,
        connection: BoundedConnection,
        request: AllocationRequest,
        rules: Rules,
        before_writing: Callable[[BoundedConnection], None] | None = None,
    ) -> Allocation:
        if before_writing is None:
            allocated = self._allocate_at_once(connection, request, rules)
            if allocated is not None:
                return allocated
        for known, is_fresh in self._known_places(connection):
            try:
                domain, subdomain = allocation.target(known.with_rules(rules), request)
                decided, key = self._decide_under_lock(connection, domain, subdomain, request, rules)
            except Refused as refusal:
                if is_fresh or refusal.kind not in {RefusalKind.UNKNOWN_DOMAIN, RefusalKind.UNKNOWN_SUBDOMAIN}:
                    raise
            else:
                if not decided.created:
                    self._session.rollback(connection)
                    return decided
                if key is not None:
                    values = {
                        "subdomain": key,
                        "entity": decided.entity,
                        "code": decided.table_code,
                        "sequence": decided.sequence,
                    }
                    if before_writing is not None:
                        before_writing(connection)
                    self._session.commit(connection, "allocate_write", values)
                    return decided
            self._session.rollback(connection)
        raise SourceUnavailableError("Others kept changing the same place of the registry.", lost=False)

    def _allocate_at_once(
        self, connection: BoundedConnection, request: AllocationRequest, rules: Rules
    ) -> Allocation | None:
        """The allocation in one exchange, for programs that make many; None where it has to be looked first."""
        if not self._session.prepare(connection, *_PREPARED) or self._snapshot is None or self._rows is None:
            return None
        values = values_to_send(self._snapshot.with_rules(rules), self._rows, self._renewed_lookups(), request)
        found = self._session.at_once(connection, "allocate_at_once", values) if values is not None else None
        return allocation_of(found, values, self._look_reader) if found and values else None

    def _renewed_lookups(self) -> Lookups:
        self._lookups.renew(self._rows or [])
        return self._lookups

    def _known_places(self, connection: BoundedConnection) -> Iterator[tuple[Snapshot, bool]]:
        """The domains and subdomains as last read, then as they are now; and whether they are fresh."""
        if self._snapshot is not None:
            yield self._snapshot, False
        for _ in range(_FRESH_LOOKS):
            yield self._load(connection), True

    def _lease(self, connection: BoundedConnection, request: LeaseRequest, rules: Rules) -> tuple[Lease, ...]:
        leases.demand_leases(self._session, connection, writes=True)
        self._session.commit(connection)
        for known, is_fresh in self._known_places(connection):
            try:
                domain = allocation.find_domain(known, request.domain)
                subdomain = allocation.find_subdomain(domain, request.subdomain)
            except Refused:
                if is_fresh:
                    raise
                continue
            headers, rows = self._look(
                connection, domain, subdomain, f"specql_registry:{request.token}:lease", "", request.layer
            )
            key = subdomain_key(rows, domain, subdomain)
            if any(row[6] == key for row in headers):
                held = Snapshot(self._look_reader.domains_of_several_moments(rows), rules)
                live = leases.live_leases(self._session, connection)
                wanted = leases.codes_to_lease(held, domain, subdomain, request, live)
                return leases.write_leases(self._session, connection, request, domain, subdomain, wanted)
            self._session.rollback(connection)
        raise SourceUnavailableError("Others kept changing the same place of the registry.", lost=False)

    def _decide_under_lock(
        self,
        connection: BoundedConnection,
        domain: Domain,
        subdomain: Subdomain,
        request: AllocationRequest,
        rules: Rules,
    ) -> tuple[Allocation, int | None]:
        """The decision, and the primary key of the locked subdomain; None where the decision is for another one."""
        key_of_lock, name = lock_key(domain, request.entity), request.entity.lower()
        headers, rows = self._look(connection, domain, subdomain, key_of_lock, name, request.layer, request.table_code)
        decided = allocation.decide(Snapshot(self._look_reader.domains_of_several_moments(rows), rules), request)
        key = subdomain_key(rows, decided.domain, decided.subdomain)
        return decided, key if any(row[6] == key for row in headers) else None

    def _look(
        self,
        connection: BoundedConnection,
        domain: Domain,
        subdomain: Subdomain,
        key: str,
        entity: str,
        layer: str,
        table_code: str | None = None,
    ) -> tuple[list[Row], list[Row]]:
        """Begins a transaction, locks a subdomain and looks at what matters for its codes (``allocate_look.sql``).

        Args:
            connection: where.
            domain: as last read.
            subdomain: as last read.
            key: of the lock that comes first.
            entity: an entity's name in lower case, whose registrations matter, too; or empty.
            layer: the layer of the codes.
            table_code: the only code that matters; None: all of the subdomain.

        Returns:
            The rows of the subdomains that are locked, and the rows for a decision (``merged_rows``).
        """
        lookups, digits = self._renewed_lookups(), (domain.number + subdomain.number).upper()
        values = {
            "key": key,
            "locked": lookups.sharing(digits),
            "entity": entity,
            **_candidates(table_code, layer, digits),
        }
        *_, headers, entities = self._session.begin(connection, "allocate_look", values)
        return headers, merged_rows(headers, [*entities, *lookups.padded], lookups, domain)


def _not_kept(plan: Plan, written: Snapshot) -> Iterator[RefusedDiscrepancy]:
    """The discrepancies for which the database does not hold what was written, as a trigger can cause.

    Raises:
        Refused: something is not held that was written for none of them alone.
    """
    for path, difference in unkept(plan.changes, written):
        causes = plan.causes(path)
        if not causes:
            refuse_unkept(plan.changes, written)
        for discrepancy in causes:
            yield RefusedDiscrepancy(discrepancy, RefusalKind.CONFLICT, not_kept(path, difference))


def _candidates(table_code: str | None, layer: str, digits: str) -> dict[str, str]:
    """The first and the last of the codes, in upper case, among which are all that a request could get.

    Args:
        table_code: the code that is asked for; None: any.
        layer: of the codes.
        digits: those of the domain and the subdomain.
    """
    if table_code is not None:
        code = codes.normalize(table_code)
        return {"first": code, "last": code}
    prefix = layer.upper() + digits
    return {"first": prefix, "last": prefix + "G"}  # no digit comes after F
