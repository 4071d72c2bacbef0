"""What can be asked of a registry, and the answer."""

from __future__ import annotations

from dataclasses import dataclass

from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Subdomain


@dataclass(frozen=True, slots=True)
class AllocationRequest:
    """What to allocate.

    ``domain`` and ``subdomain`` are numbers or names. ``subdomain`` None means the registered one, else the inferred
    one. ``table_code`` requests that code. ``used`` holds the codes, in upper case, that files of the workspace use for
    other entities; they are not allocated.
    """

    entity: str
    domain: str
    subdomain: str | None = None
    layer: str = codes.WRITE_LAYER
    table_code: str | None = None
    used: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Allocation:
    """The result of an allocation."""

    entity: str
    table_code: str
    entity_code: str
    domain: Domain
    subdomain: Subdomain
    sequence: int
    created: bool
    """False if the entity had the code before."""
    leased: bool = False
    """Whether it is a leased code that PostgreSQL does not know yet, because it is away."""


@dataclass(frozen=True, slots=True)
class EntityRename:
    """Which registered entity gets another name; its code, its sequence and its subdomain stay.

    ``domain`` and ``subdomain`` are numbers or names. ``subdomain`` None means the one in which it is registered, if
    that is one. ``table_code`` is the code that it must have; None: any.
    """

    domain: str
    entity: str
    new_name: str
    subdomain: str | None = None
    table_code: str | None = None


@dataclass(frozen=True, slots=True)
class Renaming:
    """The registration of an entity after a rename."""

    entity: str
    previous: str
    """The name that was asked to be replaced."""
    table_code: str
    entity_code: str
    domain: Domain
    subdomain: Subdomain
    sequence: int
    renamed: bool
    """False if it had the name before."""


@dataclass(frozen=True, slots=True)
class EntityMove:
    """Which registered entity moves to another subdomain of its domain, where it gets another code.

    ``domain`` and ``subdomain`` are numbers or names. ``table_code`` is the code that it must have now; None: any.
    ``used`` holds the codes, in upper case, that files of the workspace use; they are not given out. With
    ``renumbers`` the entity gets another code where it is in that subdomain with ``table_code``, too.
    """

    domain: str
    entity: str
    subdomain: str
    table_code: str | None = None
    used: frozenset[str] = frozenset()
    renumbers: bool = False


@dataclass(frozen=True, slots=True)
class Moving:
    """The registration of an entity after a move."""

    entity: str
    table_code: str
    previous_code: str
    """The code that it had before; the same where it was there already."""
    entity_code: str
    domain: Domain
    subdomain: Subdomain
    sequence: int
    moved: bool
    """False if it was in that subdomain before."""


@dataclass(frozen=True, slots=True)
class CodeRelease:
    """Which registered entity gives its code back.

    ``domain`` and ``subdomain`` are numbers or names; ``subdomain`` None means the one in which it is registered, if
    that is one. ``table_code`` is the code that it must have; None: any.
    """

    domain: str
    entity: str
    subdomain: str | None = None
    table_code: str | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """A registration that was taken back: its code is free again."""

    entity: str
    table_code: str
    domain: Domain
    subdomain: Subdomain


@dataclass(frozen=True, slots=True)
class DomainRename:
    """Which name or alias of a domain becomes another. ``domain`` is its number, or a name."""

    domain: str
    name: str
    new_name: str
