"""What a discrepancy is about, in words for lists: name, code, domain and subdomain by name, and what differs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from specql_lsp.registry.model import Domain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Value

_TYPES = DiscrepancyType


class Side(Enum):
    """On which side a thing is."""

    POSTGRESQL = "postgresql"
    YAML = "yaml"
    BOTH = "both"
    """On both, with different values."""


ONLY = {Side.POSTGRESQL: "only in PostgreSQL", Side.YAML: "only in the YAML"}

_SIDES = {
    _TYPES.MISSING_IN_YAML: Side.POSTGRESQL,
    _TYPES.MISSING_SUBDOMAIN_IN_YAML: Side.POSTGRESQL,
    _TYPES.MISSING_ENTITY_IN_YAML: Side.POSTGRESQL,
    _TYPES.MISSING_IN_POSTGRESQL: Side.YAML,
    _TYPES.MISSING_SUBDOMAIN_IN_POSTGRESQL: Side.YAML,
    _TYPES.MISSING_ENTITY_IN_POSTGRESQL: Side.YAML,
}


class Label(NamedTuple):
    """A discrepancy in words. ``name``, two blanks and ``detail`` are its line in a list."""

    name: str
    """The entity's or the subdomain's or the domain's name."""
    place: str
    """Its code or number, and where it is."""
    what: str
    """On which side it is, or what differs."""
    domain: str
    """The domain's name; its number where it has none."""
    subdomain: str | None
    """The subdomain's name, likewise; None if it is about a domain."""
    side: Side

    @property
    def detail(self) -> str:
        """Place and difference."""
        return f"{self.place} · {self.what}"


def side_of(discrepancy: Discrepancy) -> Side:
    """On which side the thing is that a discrepancy is about."""
    return _SIDES.get(discrepancy.type, Side.BOTH)


def label_of(discrepancy: Discrepancy, sides: Iterable[Snapshot | None]) -> Label:
    """A discrepancy in words.

    Args:
        discrepancy: what differs.
        sides: the registries that were compared, the one whose names are said first; None: not known.
    """
    known = [side for side in sides if side is not None]
    domain = _domain_name(discrepancy, known)
    subdomain = _subdomain_name(discrepancy, known)
    side = side_of(discrepancy)
    where = [domain]
    if discrepancy.entity is not None:
        name, code = discrepancy.entity, _code(discrepancy, known)
        where = [f"{domain} / {subdomain}"]
    elif discrepancy.subdomain is not None:
        name, code = subdomain or discrepancy.subdomain, f"subdomain {discrepancy.subdomain}"
    else:
        name, code, where = domain, f"domain {discrepancy.domain}", []
    what = ONLY[side] if side is not Side.BOTH else values_text(discrepancy)
    return Label(name, " · ".join([*([code] if code else []), *where]), what, domain, subdomain, side)


def values_text(discrepancy: Discrepancy) -> str:
    """The attribute that differs, with the values of both sides."""
    ours, theirs = value_text(discrepancy.postgresql_value), value_text(discrepancy.yaml_value)
    return f"{discrepancy.attribute} {ours} in PostgreSQL, {theirs} in the YAML"


def value_text(value: Value) -> str:
    """A value in full on one line, texts between quotes, since one letter may be the difference."""
    if isinstance(value, list):
        return ", ".join(map(value_text, value)) or "empty"
    return "missing" if value is None or value == "" else json.dumps(value, ensure_ascii=False)


def _domain(discrepancy: Discrepancy, side: Snapshot) -> Domain | None:
    return side.domain_numbered(discrepancy.domain)


def _domain_name(discrepancy: Discrepancy, sides: Iterable[Snapshot]) -> str:
    found = (_domain(discrepancy, side) for side in sides)
    return next((domain.name for domain in found if domain is not None and domain.name), discrepancy.domain)


def _subdomain_name(discrepancy: Discrepancy, sides: Iterable[Snapshot]) -> str | None:
    if discrepancy.subdomain is None:
        return None
    number = discrepancy.subdomain.upper()
    domains = (_domain(discrepancy, side) for side in sides)
    found = (each for domain in domains if domain for each in domain.subdomains if each.number.upper() == number)
    return next((each.name for each in found if each.name), discrepancy.subdomain)


def _code(discrepancy: Discrepancy, sides: Iterable[Snapshot]) -> str | None:
    """An entity's table code: the one in the discrepancy, else the registered one."""
    if discrepancy.attribute is None:
        value = discrepancy.postgresql_value or discrepancy.yaml_value
        return value if isinstance(value, str) else None
    if discrepancy.attribute == "table_code":
        return None
    number, name = discrepancy.domain.upper(), discrepancy.entity or ""
    found = (each for side in sides for each in side.by_entity(name) if each.domain.number.upper() == number)
    return next((each.entity.table_code for each in found), None)
