"""Table codes that several entities have, as after a merge of two branches. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.index.summary import UNNAMED, EntityFacts
from specql_lsp.language.table_code import is_well_formed, normalize
from specql_lsp.registry.model import Registration
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class EntityKey(NamedTuple):
    """Which entity something is about: two files, or a file and a registration, that share it are of one entity."""

    domain: str
    """The number of its domain in upper case; of a file whose schema is no domain, the schema in lower case."""
    name: str
    """In lower case."""


class CodeOwner(NamedTuple):
    """An entity that has a table code: in its file, in the registry, or in both."""

    key: EntityKey
    entity: str
    """Its name as it is written."""
    files: tuple[EntityFacts, ...]
    """Those that use the code for it."""
    registrations: tuple[Registration, ...]
    """Those that have the code."""


class SharedCode(NamedTuple):
    """A table code, in upper case, and the two or more entities that have it."""

    code: str
    owners: tuple[CodeOwner, ...]


def shared_codes(analysis: Analysis) -> tuple[SharedCode, ...]:
    """Every table code that two or more entities have, in order; its entities are in the order of their names.

    Args:
        analysis: of the workspace, with a registry.
    """
    snapshot = analysis.snapshot
    if snapshot is None:
        return ()
    registered: dict[str, list[Registration]] = {}
    for registration in snapshot.registrations():
        registered.setdefault(normalize(registration.entity.table_code), []).append(registration)
    found = (
        SharedCode(code, _owners(snapshot, analysis.index.using_code(code), registered.get(code, [])))
        for code in sorted({*registered, *analysis.index.codes()})
        if is_well_formed(code)
    )
    return tuple(each for each in found if len(each.owners) > 1)


def owners_in(snapshot: Snapshot, document: Document, code: str) -> Iterator[EntityKey]:
    """The entities that have a table code in one text, be it an entity file or a registry YAML.

    Args:
        snapshot: which domain a schema is.
        document: the text.
        code: in upper case.
    """
    for entity in document.entities:
        if entity.name is not None and entity.code == code:
            yield _key(snapshot, entity.schema, entity.name.value)
    registry = document.registry
    for domain, _, node in registry.entities() if registry is not None else ():
        if node.code is not None and normalize(node.code.value) == code:
            yield EntityKey(domain.number.value.upper(), node.name.value.lower())


def _owners(
    snapshot: Snapshot, files: tuple[EntityFacts, ...], registrations: list[Registration]
) -> tuple[CodeOwner, ...]:
    by_key: dict[EntityKey, tuple[list[EntityFacts], list[Registration]]] = {}
    for facts in files:
        if facts.name == UNNAMED:  # it may be any of them
            continue
        by_key.setdefault(_key(snapshot, facts.schema, facts.name), ([], []))[0].append(facts)
    for registration in registrations:
        key = EntityKey(registration.domain.number.upper(), registration.entity.name.lower())
        by_key.setdefault(key, ([], []))[1].append(registration)
    owners = (
        CodeOwner(key, held[0].entity.name if held else written[0].name, tuple(written), tuple(held))
        for key, (written, held) in by_key.items()
    )
    return tuple(sorted(owners, key=lambda owner: (owner.key.name, owner.key.domain)))


def _key(snapshot: Snapshot, schema: str, name: str) -> EntityKey:
    domain = snapshot.domain_named(schema)
    return EntityKey(domain.number.upper() if domain is not None else schema.lower(), name.lower())
