"""What stands against a migration: what PostgreSQL's tables cannot take, and what they hold already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import unstorable_character
from specql_lsp.registry.consistency.changes import Place
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.consistency.matching import things_by_place
from specql_lsp.registry.migration.plan import place_of
from specql_lsp.registry.model import Entity, Registration, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType

LONGEST_NUMBER = 10
LONGEST_NAME = 100
LONGEST_TABLE_CODE = 20
INTEGERS = range(-(2**31), 2**31)
"""What PostgreSQL's ``integer`` takes."""


class Obstacle(NamedTuple):
    """Why a thing cannot be migrated."""

    place: Place
    attribute: str | None
    """As the YAML names it; None where the thing as a whole is meant."""
    message: str


def storage_obstacles(yaml: Snapshot) -> Iterator[Obstacle]:
    """What SpecQL's tables (the widths of their columns, their constraints) cannot take.

    Args:
        yaml: what the YAML holds, completed (``changes.completed``).
    """
    domains = _Twice("domain")
    for domain in yaml.domains:
        place = Place(domain.number)
        yield from domains.obstacles(place, domain.number)
        yield from _key(place, "number", domain.number, LONGEST_NUMBER)
        yield from _text(place, "name", domain.name, LONGEST_NAME)
        yield from _storable(place, "description", domain.description or "")
        for alias in domain.aliases:
            yield from _storable(place, "aliases", alias)
        subdomains = _Twice("subdomain")
        for subdomain in domain.subdomains:
            yield from subdomains.obstacles(place._replace(subdomain=subdomain.number), subdomain.number)
            yield from _subdomain(place._replace(subdomain=subdomain.number), subdomain)


def conflicts(discrepancies: Iterable[Discrepancy]) -> Iterator[Obstacle]:
    """What PostgreSQL holds with another value than the YAML.

    Args:
        discrepancies: what ``compare`` found.
    """
    kinds = DiscrepancyType
    mismatches = {kinds.DOMAIN_ATTRIBUTE_MISMATCH, kinds.SUBDOMAIN_ATTRIBUTE_MISMATCH, kinds.ENTITY_ATTRIBUTE_MISMATCH}
    for found in discrepancies:
        if found.type in mismatches:
            yield Obstacle(place_of(found), found.attribute, found.message)


def taken_codes(current: Snapshot, yaml: Snapshot) -> Iterator[Obstacle]:
    """Codes that would stand more than once, in any case, where the database takes each of them only once."""
    first: dict[str, Registration] = {}
    for registration in yaml.registrations():
        code = codes.normalize(registration.entity.table_code)
        if not code:
            continue
        place = _place(registration)
        earlier = first.setdefault(code, registration)
        if earlier is not registration:
            message = f"The code {code} of {place.entity} is also that of {_label(earlier)}; PostgreSQL takes it once."
            yield Obstacle(place, "table_code", message)
        for holder in current.by_code(code):
            if _place(holder).folded != place.folded:
                message = f"The code {code} of {place.entity} is in PostgreSQL already, registered to {_label(holder)}."
                yield Obstacle(place, "table_code", message)


def left_over(written: Snapshot, expected: Snapshot, yaml: Snapshot) -> Iterator[Obstacle]:
    """What PostgreSQL holds otherwise than it has to after the changes, as when a trigger alters what is written.

    Args:
        written: what PostgreSQL holds before the commit.
        expected: what it has to hold.
        yaml: what the YAML holds, completed.
    """
    discrepancies = compare(written, expected)
    known = things_by_place(yaml if discrepancies else Snapshot(()))
    for found in discrepancies:
        place, message = place_of(found), found.message
        if found.type not in _ONLY_IN_POSTGRESQL and not known.count(place):
            label = str(place)
            message = f"{label[0].upper()}{label[1:]} was changed meanwhile, as a trigger in the database can do."
        yield Obstacle(place, found.attribute, message)


_ONLY_IN_POSTGRESQL = {
    DiscrepancyType.MISSING_IN_YAML,
    DiscrepancyType.MISSING_SUBDOMAIN_IN_YAML,
    DiscrepancyType.MISSING_ENTITY_IN_YAML,
}


def _subdomain(place: Place, subdomain: Subdomain) -> Iterator[Obstacle]:
    yield from _key(place, "number", subdomain.number, LONGEST_NUMBER)
    yield from _text(place, "name", subdomain.name, LONGEST_NAME)
    yield from _storable(place, "description", subdomain.description or "")
    yield from _integer(place, "next_entity_sequence", subdomain.next_entity_sequence)
    entities = _Twice("entity")
    for entity in subdomain.entities:
        own = place._replace(entity=entity.name)
        yield from entities.obstacles(own, entity.name)
        yield from _entity(own, entity)


def _entity(place: Place, entity: Entity) -> Iterator[Obstacle]:
    yield from _key(place, "name", entity.name, LONGEST_NAME)
    yield from _text(place, "table_code", entity.table_code, LONGEST_TABLE_CODE)
    yield from _integer(place, "sequence", entity.sequence)


class _Twice:
    """Finds keys of one mapping that SpecQL does not tell apart. Those written alike are one key to every reader."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._first: dict[str, str] = {}

    def obstacles(self, place: Place, key: str) -> Iterator[Obstacle]:
        earlier = self._first.setdefault(key.lower(), key)
        if earlier != key:
            message = f"The {self._kind} {key} differs from {earlier} only in case, which SpecQL does not regard."
            yield Obstacle(place, None, message)


def _key(place: Place, attribute: str, key: str, longest: int) -> Iterator[Obstacle]:
    """A number or a name that is the thing's key in the YAML."""
    for obstacle in _text(place, attribute, key, longest):
        yield obstacle._replace(attribute=None)


def _text(place: Place, attribute: str, text: str, longest: int) -> Iterator[Obstacle]:
    word = attribute.replace("_", " ")
    if not text:
        yield Obstacle(place, attribute, f"The {word} of {place} is missing.")
    elif len(text) > longest:
        message = f"The {word} of {place} has {len(text)} characters; PostgreSQL's table takes {longest}."
        yield Obstacle(place, attribute, message)
    yield from _storable(place, attribute, text)


def _storable(place: Place, attribute: str, text: str) -> Iterator[Obstacle]:
    character = unstorable_character(text)
    if character is not None:
        word = "one of the aliases" if attribute == "aliases" else f"the {attribute.replace('_', ' ')}"
        message = f"{word.capitalize()} of {place} holds the character {character}, which PostgreSQL cannot store."
        yield Obstacle(place, attribute, message)


def _integer(place: Place, attribute: str, value: int | None) -> Iterator[Obstacle]:
    if value is not None and value not in INTEGERS:
        message = f"The {attribute} of {place} is {value}; PostgreSQL's table takes {INTEGERS[0]} to {INTEGERS[-1]}."
        yield Obstacle(place, attribute, message)


def _place(registration: Registration) -> Place:
    return Place(registration.domain.number, registration.subdomain.number, registration.entity.name)


def _label(registration: Registration) -> str:
    domain, subdomain, entity = registration
    return f"{entity.name} in domain {domain.number} ({domain.name}), subdomain {subdomain.number} ({subdomain.name})"
