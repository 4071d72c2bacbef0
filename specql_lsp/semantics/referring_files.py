"""Which files may name the fields of an entity: those that refer to it, directly or through other entities.

The index knows which files use an entity's name, and for what; a path such as ``order.company.city`` needs a reference
from one entity to the next. The answer may hold files that name no field, and never lacks one that does.
"""

from __future__ import annotations

from specql_lsp.index.symbols import SymbolKind, UseKind, entity_key
from specql_lsp.workspace.analysis import Analysis


def files_that_may_name_fields(analysis: Analysis, uri: str) -> tuple[str, ...]:
    """The URIs of the files whose expressions may name a field of the entity of a file, in order; that file included.

    Args:
        analysis: what is known.
        uri: the entity's file.
    """
    index = analysis.index
    own = index.get(uri)
    found = {uri}
    pending = [facts.name.lower() for facts in own.entities] if own is not None else []
    seen = set(pending)
    while pending:
        name = pending.pop()
        for user in index.users(entity_key(name)):
            found.add(user)
            summary = index.get(user)
            if summary is None or all(facts.name.lower() in seen for facts in summary.entities):
                continue
            # Only a field leads on from the entity that has it.
            if any(u.kind is UseKind.REF and u.symbol is SymbolKind.ENTITY and u.name == name for u in summary.uses):
                names = [facts.name.lower() for facts in summary.entities if facts.name.lower() not in seen]
                seen.update(names)
                pending += names
    return tuple(sorted(found))
