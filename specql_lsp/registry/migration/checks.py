"""What prevents a migration: values that PostgreSQL's tables cannot store, and what they already contain. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.registry.allocation import unstorable_character
from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.consistency.matching import registry_nodes_by_path
from specql_lsp.registry.migration.additions import path_of
from specql_lsp.registry.model import Entity, Registration, RegistryPath, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType

LONGEST_NUMBER = 10
LONGEST_NAME = 100
LONGEST_TABLE_CODE = 20
INTEGERS = range(-(2**31), 2**31)
"""The range of PostgreSQL's ``integer``."""


class NodeFinding(NamedTuple):
    """Why a node cannot be migrated."""

    path: RegistryPath
    attribute: str | None
    """As the YAML names it; None if the finding is about the node as a whole."""
    message: str


def storage_findings(yaml: Snapshot) -> Iterator[NodeFinding]:
    """The values that SpecQL's tables cannot store, because of their columns' widths or their constraints.

    Args:
        yaml: the YAML's registry, completed (``changes.completed``).
    """
    domains = _RepeatedKeys("domain")
    for domain in yaml.domains:
        path = RegistryPath(domain.number)
        yield from domains.findings(path, domain.number)
        yield from _key(path, "number", domain.number, LONGEST_NUMBER)
        yield from _text(path, "name", domain.name, LONGEST_NAME)
        yield from _storable(path, "description", domain.description or "")
        for alias in domain.aliases:
            yield from _storable(path, "aliases", alias)
        subdomains = _RepeatedKeys("subdomain")
        for subdomain in domain.subdomains:
            yield from subdomains.findings(path._replace(subdomain=subdomain.number), subdomain.number)
            yield from _subdomain(path._replace(subdomain=subdomain.number), subdomain)


def conflicts(discrepancies: Iterable[Discrepancy]) -> Iterator[NodeFinding]:
    """The attributes that differ between PostgreSQL and the YAML.

    Args:
        discrepancies: what ``compare`` found.
    """
    kinds = DiscrepancyType
    mismatches = {kinds.DOMAIN_ATTRIBUTE_MISMATCH, kinds.SUBDOMAIN_ATTRIBUTE_MISMATCH, kinds.ENTITY_ATTRIBUTE_MISMATCH}
    for found in discrepancies:
        if found.type in mismatches:
            yield NodeFinding(path_of(found), found.attribute, found.message)


def repeated_codes(current: Snapshot, yaml: Snapshot) -> Iterator[NodeFinding]:
    """Codes that would occur more than once, ignoring case, in a database whose codes are unique."""
    first: dict[str, Registration] = {}
    for registration in yaml.registrations():
        code = codes.normalize(registration.entity.table_code)
        if not code:
            continue
        path = _path(registration)
        earlier = first.setdefault(code, registration)
        if earlier is not registration:
            message = f"The code {code} of {path.entity} is also that of {_label(earlier)}; PostgreSQL takes it once."
            yield NodeFinding(path, "table_code", message)
        for holder in current.by_code(code):
            if _path(holder).folded != path.folded:
                message = f"The code {code} of {path.entity} is in PostgreSQL already, registered to {_label(holder)}."
                yield NodeFinding(path, "table_code", message)


def not_written(written: Snapshot, expected: Snapshot, yaml: Snapshot) -> Iterator[NodeFinding]:
    """What PostgreSQL does not contain as it was written, for example because a trigger changed it.

    Args:
        written: PostgreSQL's registry before the commit.
        expected: what it must contain.
        yaml: the YAML's registry, completed.
    """
    discrepancies = compare_all(written, expected)
    known = registry_nodes_by_path(yaml if discrepancies else Snapshot(()))
    for found in discrepancies:
        path, message = path_of(found), found.message
        if found.type not in _ONLY_IN_POSTGRESQL and not known.count(path):
            label = str(path)
            message = f"{label[0].upper()}{label[1:]} was changed meanwhile, as a trigger in the database can do."
        yield NodeFinding(path, found.attribute, message)


_ONLY_IN_POSTGRESQL = {
    DiscrepancyType.MISSING_IN_YAML,
    DiscrepancyType.MISSING_SUBDOMAIN_IN_YAML,
    DiscrepancyType.MISSING_ENTITY_IN_YAML,
}


def _subdomain(path: RegistryPath, subdomain: Subdomain) -> Iterator[NodeFinding]:
    yield from _key(path, "number", subdomain.number, LONGEST_NUMBER)
    yield from _text(path, "name", subdomain.name, LONGEST_NAME)
    yield from _storable(path, "description", subdomain.description or "")
    yield from _integer(path, "next_entity_sequence", subdomain.next_entity_sequence)
    entities = _RepeatedKeys("entity")
    for entity in subdomain.entities:
        own = path._replace(entity=entity.name)
        yield from entities.findings(own, entity.name)
        yield from _entity(own, entity)


def _entity(path: RegistryPath, entity: Entity) -> Iterator[NodeFinding]:
    yield from _key(path, "name", entity.name, LONGEST_NAME)
    yield from _text(path, "table_code", entity.table_code, LONGEST_TABLE_CODE)
    yield from _integer(path, "sequence", entity.sequence)


class _RepeatedKeys:
    """Finds keys of one mapping that differ only in case, which SpecQL ignores. Equal keys are one key."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._first: dict[str, str] = {}

    def findings(self, path: RegistryPath, key: str) -> Iterator[NodeFinding]:
        earlier = self._first.setdefault(key.lower(), key)
        if earlier != key:
            message = f"The {self._kind} {key} differs from {earlier} only in case, which SpecQL does not regard."
            yield NodeFinding(path, None, message)


def _key(path: RegistryPath, attribute: str, key: str, longest: int) -> Iterator[NodeFinding]:
    """A number or a name that is the node's key in the YAML."""
    for finding in _text(path, attribute, key, longest):
        yield finding._replace(attribute=None)


def _text(path: RegistryPath, attribute: str, text: str, longest: int) -> Iterator[NodeFinding]:
    word = attribute.replace("_", " ")
    if not text:
        yield NodeFinding(path, attribute, f"The {word} of {path} is missing.")
    elif len(text) > longest:
        message = f"The {word} of {path} has {len(text)} characters; PostgreSQL's table takes {longest}."
        yield NodeFinding(path, attribute, message)
    yield from _storable(path, attribute, text)


def _storable(path: RegistryPath, attribute: str, text: str) -> Iterator[NodeFinding]:
    character = unstorable_character(text)
    if character is not None:
        word = "one of the aliases" if attribute == "aliases" else f"the {attribute.replace('_', ' ')}"
        message = f"{word.capitalize()} of {path} holds the character {character}, which PostgreSQL cannot store."
        yield NodeFinding(path, attribute, message)


def _integer(path: RegistryPath, attribute: str, value: int | None) -> Iterator[NodeFinding]:
    if value is not None and value not in INTEGERS:
        message = f"The {attribute} of {path} is {value}; PostgreSQL's table takes {INTEGERS[0]} to {INTEGERS[-1]}."
        yield NodeFinding(path, attribute, message)


def _path(registration: Registration) -> RegistryPath:
    return RegistryPath(registration.domain.number, registration.subdomain.number, registration.entity.name)


def _label(registration: Registration) -> str:
    domain, subdomain, entity = registration
    return f"{entity.name} in domain {domain.number} ({domain.name}), subdomain {subdomain.number} ({subdomain.name})"
