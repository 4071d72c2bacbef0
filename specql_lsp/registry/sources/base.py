"""The interface of a registry's sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from specql_lsp.registry.history import History, HistoryRequest
from specql_lsp.registry.model import Domain, Rules, Subdomain
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
from specql_lsp.registry.state import Discrepancy, Source

if TYPE_CHECKING:
    from specql_lsp.registry.consistency.resolution import Resolution
    from specql_lsp.registry.refusals import Refused
    from specql_lsp.registry.renumbering import BeforeCommit, RenumberAnswer, RenumberRequest


class SourceUnavailableError(Exception):
    """A source could not be read or written: unavailable is not empty.

    Attributes:
        reason: a sentence for the user, such as "PostgreSQL refused the connection.", without secrets.
        lost: whether the connection is lost, so that the next attempt needs a new one.
        lasting: whether another attempt fails, too, until what the reason names is corrected.
        advice: a sentence about what to correct, where the reason does not say it; empty else.
    """

    def __init__(self, reason: str, *, lost: bool = True, lasting: bool = False, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.lost = lost
        self.lasting = lasting or bool(advice)
        self.advice = advice


@runtime_checkable
class RegistrySource(Protocol):
    """A source that can be read."""

    @property
    def kind(self) -> Source:
        """The kind of the source."""
        ...

    @property
    def location(self) -> str | None:
        """Where the source is, for the user: host, port and database, or a path; never a password."""
        ...

    def load(self) -> Snapshot:
        """The whole registry, read now.

        Raises:
            SourceUnavailableError: it cannot be read.
        """
        ...

    def close(self) -> None:
        """Releases connections and files. May be called twice, and from another thread."""
        ...


@runtime_checkable
class WritableSource(RegistrySource, Protocol):
    """A source that can be written. Each call is one transaction: it is done as a whole or changes nothing."""

    @property
    def write_obstacle(self) -> str | None:
        """The sentence that says why a source that was read cannot be written; None if it can."""
        ...

    @property
    def known(self) -> Snapshot | None:
        """The registry as the last ``load`` or the last change except an allocation read it; None before that."""
        ...

    def allocate(self, request: AllocationRequest, rules: Rules) -> Allocation:
        """Registers an entity and returns its code; an entity that is registered keeps its code (``created`` False).

        Raises:
            Refused: with the reason; nothing was changed.
            SourceUnavailableError: it is not known whether the entity was registered; to repeat the call is harmless.
        """
        ...

    def allocate_all(self, requests: Sequence[AllocationRequest], rules: Rules) -> tuple[Allocation | Refused, ...]:
        """Registers many entities; for each request the allocation, or why it alone is refused.

        Raises as ``allocate``: then nothing was changed.
        """
        ...

    def register_domain(
        self,
        number: str,
        name: str,
        description: str | None = None,
        *,
        multi_tenant: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> Domain:
        """Adds a domain. Raises as ``allocate``."""
        ...

    def register_subdomain(self, domain: str, number: str, name: str, description: str | None = None) -> Subdomain:
        """Adds a subdomain to the domain with that number or name. Raises as ``allocate``."""
        ...

    def rename_entity(self, request: EntityRename) -> Renaming:
        """Gives a registered entity another name; where it has that name already, nothing changes.

        Raises as ``allocate``.
        """
        ...

    def move_entity(self, request: EntityMove, rules: Rules) -> Moving:
        """Moves a registered entity to another subdomain, where it gets another code. Raises as ``allocate``."""
        ...

    def renumber(
        self, requests: Sequence[RenumberRequest], rules: Rules, before_commit: BeforeCommit | None = None
    ) -> tuple[RenumberAnswer, ...]:
        """Gives entities that share a code others; for each request what became of it, or why it alone is refused.

        Args:
            requests: what is asked for.
            rules: which codes may be given.
            before_commit: the last that may refuse all of it, by ``Refused``; called again if it is done again.

        Raises as ``allocate``: then nothing was changed.
        """
        ...

    def release_code(self, request: CodeRelease) -> Released:
        """Takes a registration back. Raises as ``allocate``."""
        ...

    def rename_domain(self, request: DomainRename) -> Domain:
        """Gives a domain another name, or an alias of it; where it has that name already, nothing changes.

        Raises as ``allocate``.
        """
        ...

    def keep_yaml(self, discrepancies: Sequence[Discrepancy], yaml: Snapshot) -> Resolution:
        """Resolves discrepancies in favour of the YAML: this source then holds there what the YAML holds or lacks.

        Returns:
            Which are resolved, and why others are not, such as those that this source no longer has: they hinder no
            other one.

        Raises:
            Refused: none of them can be resolved, whatever they are; nothing was changed.
            SourceUnavailableError: see ``allocate``.
        """
        ...

    def history(self, request: HistoryRequest) -> History:
        """What was done to this source, as far as it records that; ``unavailable`` says why it does not.

        Raises:
            SourceUnavailableError: it cannot be read.
        """
        ...
