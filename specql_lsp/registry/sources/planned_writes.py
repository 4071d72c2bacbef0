"""The writes that every writable source does alike: each plans changes from what the source holds under its lock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from specql_lsp.registry import allocation, corrections, renaming
from specql_lsp.registry.batch_allocation import decide_all
from specql_lsp.registry.consistency.changes import Add, Change
from specql_lsp.registry.consistency.resolution import Resolution, plan_keep_yaml
from specql_lsp.registry.model import Domain, RegistryPath, Rules, Subdomain
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.renumbering import BeforeCommit, RenumberAnswer, RenumberRequest, renumber_all
from specql_lsp.registry.requests import (
    Allocation,
    AllocationRequest,
    CodeRelease,
    DomainRename,
    EntityMove,
    EntityRename,
    Moving,
    Released,
    Renaming,
)
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

_Result = TypeVar("_Result")


class PlannedWrites(ABC):
    """The operations of a ``WritableSource`` that need the whole registry; a source only says how changes are made.

    Each raises as ``WritableSource.allocate``.
    """

    @abstractmethod
    def change(
        self,
        plan: Callable[[Snapshot], tuple[_Result, tuple[Change, ...]]],
        verify: Callable[[Snapshot], None] | None = None,
    ) -> _Result:
        """Makes planned changes in one transaction that locks the registry for other writers.

        Args:
            plan: from what the registry holds to a result and the changes; raises ``Refused`` to change nothing.
            verify: looks at what the registry holds before the commit; raises ``Refused`` to change nothing.
        """

    def allocate_all(self, requests: Sequence[AllocationRequest], rules: Rules) -> tuple[Allocation | Refused, ...]:
        """Registers many entities at once; a request that is refused alone does not keep the others from their codes.

        Returns:
            For each request the allocation, or why it is refused.
        """
        return self.change(lambda current: decide_all(current.with_rules(rules), requests))

    def register_domain(
        self,
        number: str,
        name: str,
        description: str | None = None,
        *,
        multi_tenant: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> Domain:
        """Adds a domain."""

        def plan(current: Snapshot) -> tuple[Domain, tuple[Change, ...]]:
            domain = allocation.new_domain(
                current, number, name, description, multi_tenant=multi_tenant, aliases=aliases
            )
            return domain, (Add(domain),)

        return self.change(plan)

    def register_subdomain(self, domain: str, number: str, name: str, description: str | None = None) -> Subdomain:
        """Adds a subdomain to the domain with that number or name."""

        def plan(current: Snapshot) -> tuple[Subdomain, tuple[Change, ...]]:
            parent = allocation.find_domain(current, domain)
            subdomain = allocation.new_subdomain(current, parent, number, name, description)
            return subdomain, (Add(subdomain, RegistryPath(parent.number)),)

        return self.change(plan)

    def rename_entity(self, request: EntityRename) -> Renaming:
        """Gives a registered entity another name; where it has that name already, nothing changes."""
        return self.change(lambda current: renaming.rename_entity(current, request))

    def move_entity(self, request: EntityMove, rules: Rules) -> Moving:
        """Moves a registered entity to another subdomain, with another code; where it is there, nothing changes."""
        return self.change(lambda current: corrections.move_entity(current.with_rules(rules), request))

    def renumber(
        self, requests: Sequence[RenumberRequest], rules: Rules, before_commit: BeforeCommit | None = None
    ) -> tuple[RenumberAnswer, ...]:
        """Gives entities that share a code others, all at once.

        Args:
            requests: what is asked for; one that is refused alone does not keep the others from their codes.
            rules: which codes may be given.
            before_commit: the last that may refuse all of it; called again if it has to be done again.
        """
        answers: tuple[RenumberAnswer, ...] = ()

        def plan(current: Snapshot) -> tuple[tuple[RenumberAnswer, ...], tuple[Change, ...]]:
            nonlocal answers
            answers, changes = renumber_all(current.with_rules(rules), requests)
            return answers, changes

        def verify(written: Snapshot) -> None:
            if before_commit is not None:
                before_commit(answers, written)

        return self.change(plan, verify)

    def release_code(self, request: CodeRelease) -> Released:
        """Takes a registration back."""
        return self.change(lambda current: corrections.release_code(current, request))

    def rename_domain(self, request: DomainRename) -> Domain:
        """Gives a domain another name, or an alias of it; where it has that name already, nothing changes."""
        return self.change(lambda current: renaming.rename_domain(current, request))

    def keep_yaml(self, discrepancies: Sequence[Discrepancy], yaml: Snapshot) -> Resolution:
        """Makes the source hold, at the paths of discrepancies, what the YAML holds (or lacks), as many as can be."""

        def plan(current: Snapshot) -> tuple[Resolution, tuple[Change, ...]]:
            planned = plan_keep_yaml(current, yaml, discrepancies)
            return planned.resolution, planned.changes

        return self.change(plan)
