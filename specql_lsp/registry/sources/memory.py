"""A registry in memory: empty at first, writable, gone with the process. Decides as PostgreSQL's source does."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from specql_lsp.registry import allocation, renaming
from specql_lsp.registry.consistency.changes import Add, Change, Replace, applied, ordered
from specql_lsp.registry.consistency.resolution import Resolution, plan_keep_yaml
from specql_lsp.registry.model import Domain, Entity, RegistryPath, Rules, Subdomain
from specql_lsp.registry.requests import Allocation, AllocationRequest, DomainRename, EntityRename, Renaming
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, Source


class InMemorySource:
    """A ``WritableSource`` that any number of threads may use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot = Snapshot(())

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

    def allocate(self, request: AllocationRequest, rules: Rules) -> Allocation:
        """Registers an entity and gives its code; raises ``Refused`` with the reason."""
        with self._lock:
            decided = allocation.decide(self._snapshot.with_rules(rules), request)
            if decided.created:
                domain, subdomain = decided.domain, decided.subdomain
                path = RegistryPath(domain.number, subdomain.number)
                counter = max(subdomain.next_entity_sequence or 1, decided.sequence + 1)
                entity = Entity(decided.entity, decided.table_code, decided.sequence)
                self._apply(Add(entity, path), Replace(path, subdomain._replace(next_entity_sequence=counter)))
            return decided

    def register_domain(
        self,
        number: str,
        name: str,
        description: str | None = None,
        *,
        multi_tenant: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> Domain:
        """Adds a domain; raises ``Refused`` with the reason."""
        with self._lock:
            domain = allocation.new_domain(
                self._snapshot, number, name, description, multi_tenant=multi_tenant, aliases=aliases
            )
            self._apply(Add(domain))
            return domain

    def register_subdomain(self, domain: str, number: str, name: str, description: str | None = None) -> Subdomain:
        """Adds a subdomain to the domain with that number or name; raises ``Refused`` with the reason."""
        with self._lock:
            parent = allocation.find_domain(self._snapshot, domain)
            subdomain = allocation.new_subdomain(self._snapshot, parent, number, name, description)
            self._apply(Add(subdomain, RegistryPath(parent.number)))
            return subdomain

    def rename_entity(self, request: EntityRename) -> Renaming:
        """Gives a registered entity another name; raises ``Refused`` with the reason."""
        with self._lock:
            renamed, changes = renaming.rename_entity(self._snapshot, request)
            self._apply(*changes)
            return renamed

    def rename_domain(self, request: DomainRename) -> Domain:
        """Gives a domain another name, or an alias of it; raises ``Refused`` with the reason."""
        with self._lock:
            domain, changes = renaming.rename_domain(self._snapshot, request)
            self._apply(*changes)
            return domain

    def keep_yaml(self, discrepancies: Sequence[Discrepancy], yaml: Snapshot) -> Resolution:
        """Makes it hold, at the paths of discrepancies, what the YAML holds; refuses those that have moved on."""
        with self._lock:
            plan = plan_keep_yaml(self._snapshot, yaml, discrepancies)
            self._apply(*plan.changes)
            return plan.resolution

    def _apply(self, *changes: Change) -> None:
        if not changes:
            return  # The very same object as long as nothing changes.
        domains = self._snapshot.domains
        for change in changes:
            domains = applied(domains, change)
        self._snapshot = Snapshot(ordered(domains))
