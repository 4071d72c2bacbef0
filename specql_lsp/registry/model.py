"""What a registry holds: domains, subdomains, registered entities, and rules. Immutable data.

Numbers and codes are kept as written; they are compared in upper case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from specql_lsp.language import table_code as codes


class Entity(NamedTuple):
    """A registered entity. ``sequence`` is None if the source has none (YAML)."""

    name: str
    table_code: str
    sequence: int | None = None
    entity_code: str | None = None
    assigned_at: str | None = None


class Subdomain(NamedTuple):
    """A subdomain with its registered entities, in the source's order."""

    number: str
    name: str
    description: str | None = None
    next_entity_sequence: int | None = None
    entities: tuple[Entity, ...] = ()


class Domain(NamedTuple):
    """A domain with its subdomains, in the order of their numbers."""

    number: str
    name: str
    description: str | None = None
    multi_tenant: bool = False
    aliases: tuple[str, ...] = ()
    subdomains: tuple[Subdomain, ...] = ()

    def subdomain(self, number_or_name: str) -> Subdomain | None:
        """The subdomain with that number, else with that name. Ignores case."""
        key = number_or_name.upper()
        by_number = next((s for s in self.subdomains if s.number.upper() == key), None)
        return by_number or next((s for s in self.subdomains if s.name.upper() == key), None)

    @property
    def entity_count(self) -> int:
        """How many entities are registered in it."""
        return sum(len(s.entities) for s in self.subdomains)


class Registration(NamedTuple):
    """An entity with the domain and the subdomain in which it is registered.

    Their other contents may be out of date: the snapshot has the current ones.
    """

    domain: Domain
    subdomain: Subdomain
    entity: Entity


@dataclass(frozen=True, slots=True)
class Rules:
    """What only the registry's YAML can define; without a YAML, SpecQL's defaults."""

    schema_layers: Mapping[str, str] = field(default_factory=lambda: dict(codes.DEFAULT_LAYERS))
    reserved_codes: frozenset[str] = frozenset(codes.DEFAULT_RESERVED_CODES)
    subdomain_inference: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Domain name → subdomain name → substrings of the entity name in lower case."""
    withheld_codes: frozenset[str] = frozenset()
    """The codes that one side of an unresolved merge conflict in the YAML registers; they are not given out."""


RegistryNode: TypeAlias = Domain | Subdomain | Entity
"""What a registry is made of."""


class LeasedCode(NamedTuple):
    """A code that PostgreSQL keeps for a workspace folder for a while: it is given to nobody else."""

    table_code: str
    """In upper case."""
    holder: str
    """For people, such as ``anna@laptop``."""
    expires_at: datetime
    """By the clock of PostgreSQL's server."""
    token: str
    """Names the folder that holds the lease."""
    is_own: bool = False
    """Whether it is the folder whose registry this is."""
    entity: str | None = None
    """The entity that got it while PostgreSQL was away, and has it registered when PostgreSQL is back."""

    @property
    def until(self) -> str:
        """When it ends, as the database says it where it refuses the code."""
        return f"{self.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


class RegistryPath(NamedTuple):
    """The path of a node in a registry: the numbers and the name as the registry spells them."""

    domain: str
    subdomain: str | None = None
    entity: str | None = None

    @property
    def parent(self) -> RegistryPath | None:
        """The path of the node's parent; None for a domain."""
        if self.subdomain is None:
            return None
        return RegistryPath(self.domain) if self.entity is None else RegistryPath(self.domain, self.subdomain)

    @property
    def folded(self) -> RegistryPath:
        """The path in one case, as paths are compared."""
        return RegistryPath(
            self.domain.upper(),
            None if self.subdomain is None else self.subdomain.upper(),
            None if self.entity is None else self.entity.lower(),
        )

    def __str__(self) -> str:
        parts = [f"domain {self.domain}"]
        if self.subdomain is not None:
            parts.insert(0, f"subdomain {self.subdomain}")
        if self.entity is not None:
            parts.insert(0, f"entity {self.entity}")
        return " in ".join(parts)
