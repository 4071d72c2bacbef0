"""What every source of a registry promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Allocation, Discrepancy, Domain, Rules, Snapshot, Source, Subdomain


class SourceUnavailableError(Exception):
    """A source could not be read or written: unavailable is not empty.

    Attributes:
        reason: a sentence for a person, such as "PostgreSQL refused the connection.", without any secret.
        lost: whether the connection is gone, so that the next attempt needs a new one.
        lasting: whether asking again cannot help until somebody corrects what the reason names.
    """

    def __init__(self, reason: str, *, lost: bool = True, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lost = lost
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class AllocationRequest:
    """What to allocate.

    ``domain`` and ``subdomain`` are numbers or names. ``subdomain`` None: the registered one, else the inferred
    one. ``table_code`` asks for that very code. ``used`` holds the codes that files of the workspace use for
    other entities (upper case); they are never given out.
    """

    entity: str
    domain: str
    subdomain: str | None = None
    layer: str = codes.WRITE_LAYER
    table_code: str | None = None
    used: frozenset[str] = frozenset()


@runtime_checkable
class RegistrySource(Protocol):
    """A source that can be read."""

    @property
    def kind(self) -> Source:
        """Which source it is."""
        ...

    @property
    def location(self) -> str | None:
        """Where it is, for a person: host, port and database, or a path; never a password."""
        ...

    def load(self) -> Snapshot:
        """The whole registry, read now.

        Raises:
            SourceUnavailableError: it cannot be read; nothing is known of its content.
        """
        ...

    def close(self) -> None:
        """Gives back what the source holds. It may be called twice, and from another thread."""
        ...


@runtime_checkable
class WritableSource(RegistrySource, Protocol):
    """A source that can be written. Every call is one transaction: done as a whole, or refused with nothing changed."""

    @property
    def known(self) -> Snapshot | None:
        """The registry as the last ``load``, or the last change but an allocation, found it; None before that."""
        ...

    def allocate(self, request: AllocationRequest, rules: Rules) -> Allocation:
        """Registers an entity and gives its code; an entity that has one gets the same again (``created`` False).

        Raises:
            Refused: with the reason; nothing was changed.
            SourceUnavailableError: it is not known whether it was done; asking again is harmless.
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

    def keep_yaml(self, discrepancy: Discrepancy, yaml: Snapshot) -> None:
        """Makes this source hold, at the place of one discrepancy, what the YAML holds (or lacks).

        Raises:
            Refused: kind ``conflict`` when this source no longer holds what the discrepancy says.
            SourceUnavailableError: see ``allocate``.
        """
        ...
