"""A registry in memory: empty at first, writable, gone with the process. Decides as PostgreSQL's source does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from specql_lsp.registry import allocation
from specql_lsp.registry.consistency.changes import Add, Change, Replace, applied, ordered
from specql_lsp.registry.history import History, HistoryRequest
from specql_lsp.registry.model import Entity, RegistryPath, Rules
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.planned_writes import PlannedWrites
from specql_lsp.registry.state import Source

_Result = TypeVar("_Result")


class InMemorySource(PlannedWrites):
    """A ``WritableSource`` that any number of threads may use.

    Args:
        snapshot: what it holds at first.
    """

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._lock = threading.Lock()
        self._snapshot = snapshot or Snapshot(())

    @property
    def kind(self) -> Source:
        """In memory."""
        return Source.IN_MEMORY

    @property
    def location(self) -> str | None:
        """None: it is nowhere else."""
        return None

    @property
    def write_obstacle(self) -> str | None:
        """None: it can always be written."""
        return None

    @property
    def known(self) -> Snapshot:
        """As ``load``."""
        return self._snapshot

    def load(self) -> Snapshot:
        """The registry as it is; the very same object as long as nothing changes."""
        return self._snapshot

    def close(self) -> None:
        """Nothing is held open."""

    def history(self, _request: HistoryRequest) -> History:
        """None is kept."""
        return History(unavailable="A registry in memory keeps no history.")

    def allocate(self, request: AllocationRequest, rules: Rules) -> Allocation:
        """Registers an entity and gives its code; raises ``Refused`` with the reason."""
        with self._lock:
            decided = allocation.decide(self._snapshot.with_rules(rules), request)
            if decided.created:
                domain, subdomain = decided.domain, decided.subdomain
                path = RegistryPath(domain.number, subdomain.number)
                counter = max(subdomain.next_entity_sequence or 1, decided.sequence + 1)
                entity = Entity(decided.entity, decided.table_code, decided.sequence)
                changes = (Add(entity, path), Replace(path, subdomain._replace(next_entity_sequence=counter)))
                self._snapshot = _after(self._snapshot, changes)
            return decided

    def change(
        self,
        plan: Callable[[Snapshot], tuple[_Result, tuple[Change, ...]]],
        verify: Callable[[Snapshot], None] | None = None,
    ) -> _Result:
        """See ``PlannedWrites``."""
        with self._lock:
            result, changes = plan(self._snapshot)
            written = _after(self._snapshot, changes)
            if verify is not None:
                verify(written)
            self._snapshot = written
            return result


def _after(snapshot: Snapshot, changes: Sequence[Change]) -> Snapshot:
    """The registry after changes; the very same object where there are none."""
    if not changes:
        return snapshot
    domains = snapshot.domains
    for change in changes:
        domains = applied(domains, change)
    return Snapshot(ordered(domains))
