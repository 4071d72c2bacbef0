"""The files that use the code of a registered entity. Pure functions."""

from __future__ import annotations

from specql_lsp.index.summary import EntityFacts
from specql_lsp.language.table_code import normalize
from specql_lsp.registry.model import Domain
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


def files_of_code(analysis: Analysis, domain: Domain, entity: str, table_code: str) -> tuple[EntityFacts, ...]:
    """The entities of files that use the code of a registered entity: its own (``own_files``) first, then others.

    SpecQL takes the registered code for a file of the entity that has none.
    """
    own = own_files(analysis, domain, entity, table_code)
    others = (facts for facts in analysis.index.using_code(normalize(table_code)) if facts not in own)
    return (*own, *others)
