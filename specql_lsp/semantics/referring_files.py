"""Which files may name the fields of an entity: those that refer to it, directly or through other entities.

The index knows which files use an entity's name, and for what; a path such as ``order.company.city`` needs a reference
from one entity to the next. The answer may hold files that name no field, and never lacks one that does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.index.summary import FileSummary
from specql_lsp.index.symbols import SymbolKind, Use, UseKind, entity_key
from specql_lsp.workspace.analysis import Analysis


class ReferringFile(NamedTuple):
    """A file whose texts may name a field; ``by_path`` where only a path can do so, with a dot before the name."""

    uri: str
    by_path: bool


def files_that_may_name_fields(analysis: Analysis, uri: str) -> Iterator[ReferringFile]:
    """The files whose texts may name a field of the entity of a file, in order; that file among them.

    Args:
        analysis: what is known.
        uri: the entity's file.
    """
    index = analysis.index
    own = index.get(uri)
    names = _names(own)
    alone = {uri}
    """Files that may name a field without a path before it."""
    found = {uri}
    pending, seen = [*names], {*names}
    while pending:
        name = pending.pop()
        for user in index.users(entity_key(name)):
            found.add(user)
            summary = index.get(user)
            uses = [use for use in summary.uses if use.name == name] if summary is not None else []
            if name in names and any(_is_entity(use) and use.kind is not UseKind.REF for use in uses):
                alone.add(user)
            # Only a field leads on from the entity that has it.
            if any(_is_entity(use) and use.kind is UseKind.REF for use in uses):
                further = [each for each in _names(summary) if each not in seen]
                seen.update(further)
                pending += further
    return (ReferringFile(each, each not in alone) for each in sorted(found))


def _names(summary: FileSummary | None) -> tuple[str, ...]:
    return tuple(facts.name.lower() for facts in summary.entities) if summary is not None else ()


def _is_entity(use: Use) -> bool:
    return use.symbol is SymbolKind.ENTITY
