"""The files of registered entities, and those that use their codes. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from specql_lsp.index.summary import EntityFacts
from specql_lsp.language.table_code import normalize
from specql_lsp.registry.model import Domain, Registration
from specql_lsp.workspace.analysis import Analysis


def own_files(analysis: Analysis, domain: Domain, entity: str, table_code: str) -> tuple[EntityFacts, ...]:
    """The entities of files that are a registered entity: of its name, in its domain, with its code or without one.

    Args:
        analysis: of the workspace.
        domain: the domain in which the entity is registered.
        entity: the entity's name; case does not matter.
        table_code: its code.
    """
    snapshot, code = analysis.snapshot, normalize(table_code)
    found: list[EntityFacts] = []
    for facts in analysis.index.named(entity):
        named = snapshot.domain_named(facts.schema) if snapshot is not None else None
        if facts.code == code or (facts.code is None and named is not None and named.number == domain.number):
            found.append(facts)
    return tuple(found)


def files_left_behind(analysis: Analysis, domain: Domain, entity: str, table_code: str) -> tuple[EntityFacts, ...]:
    """The files of a registered entity that have another code, which is registered to nothing: the one before a move.

    So it is where a move was registered and ended before its file was written. Arguments as ``own_files``.
    """
    snapshot, code = analysis.snapshot, normalize(table_code)
    found: list[EntityFacts] = []
    for facts in analysis.index.named(entity):
        named = snapshot.domain_named(facts.schema) if snapshot is not None else None
        is_here = named is not None and named.number == domain.number
        is_other = facts.code is not None and facts.code != code
        if snapshot is not None and is_here and is_other and not snapshot.by_code(facts.code or ""):
            found.append(facts)
    return tuple(found)


def files_of_code(analysis: Analysis, domain: Domain, entity: str, table_code: str) -> tuple[EntityFacts, ...]:
    """The entities of files that use the code of a registered entity: its own (``own_files``) first, then others.

    SpecQL takes the registered code for a file of the entity that has none.
    """
    own = own_files(analysis, domain, entity, table_code)
    others = (facts for facts in analysis.index.using_code(normalize(table_code)) if facts not in own)
    return (*own, *others)


def renamed_holder(analysis: Analysis, domain: Domain, table_code: str) -> Registration | None:
    """The only registration of a code, where it is in a domain and no file defines its entity there any more.

    So it is where an entity was renamed in its file alone.
    """
    snapshot = analysis.snapshot
    holders = snapshot.by_code(table_code) if snapshot is not None else ()
    if snapshot is None or len(holders) != 1 or holders[0].domain.number != domain.number:
        return None
    # Which schemas have the old name, and nothing more of their files: those need not be read again for this one.
    schemas = analysis.index.schemas_of(holders[0].entity.name)
    is_defined = any(snapshot.domain_named(schema) in {None, domain} for schema in schemas)
    return None if is_defined else holders[0]


class RegisteredFile(NamedTuple):
    """The entity of a file, and its registration."""

    facts: EntityFacts
    registration: Registration


def registered_files(analysis: Analysis, uris: Iterable[str]) -> tuple[RegisteredFile, ...]:
    """The registered entities that files or folders define, and that no other file defines.

    Args:
        analysis: of the workspace.
        uris: of files or folders.
    """
    asked = frozenset(uris)
    beneath = tuple(f"{uri.rstrip('/')}/" for uri in asked)
    files = {uri for uri in analysis.index.uris if uri in asked or uri.startswith(beneath)}
    found: list[RegisteredFile] = []
    for uri in sorted(files):
        summary = analysis.index.get(uri)
        for facts in summary.entities if summary is not None else ():
            registration = _registration(analysis, facts)
            if registration is None:
                continue
            domain, _, entity = registration
            users = files_of_code(analysis, domain, entity.name, entity.table_code)
            is_renamed = entity.name.lower() != facts.name.lower()
            keeping = users if is_renamed else own_files(analysis, domain, entity.name, entity.table_code)
            if all(each.uri in files for each in keeping):
                found.append(RegisteredFile(facts, registration))
    return tuple(found)


def _registration(analysis: Analysis, facts: EntityFacts) -> Registration | None:
    """The registration of a file's entity: of its name with its code, else of its name in its domain.

    Else the only one of its code, where no file defines that name: the entity was renamed in its file.
    """
    snapshot = analysis.snapshot
    if snapshot is None:
        return None
    holders = snapshot.by_code(facts.code) if facts.code is not None else ()
    held = next((r for r in holders if r.entity.name.lower() == facts.name.lower()), None)
    if held is not None:
        return held
    domain = snapshot.domain_named(facts.schema)
    if domain is None:
        return None
    named = snapshot.registration(domain, facts.name)
    if named is not None or facts.code is None:
        return named
    return renamed_holder(analysis, domain, facts.code)
