"""Keys of an entity file that are missing in their mapping, from the language's table.

Only those that lead to the registry are offered; blocks and steps are snippets.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import key_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.language.keys import KeySpec, Meaning
from specql_lsp.syntax import nodes

_OFFERED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "entity file": frozenset({"entity", "schema", "organization"}),
        "organization": frozenset({"table_code", "domain_name", "subdomain"}),
    }
)
"""By level."""


def missing(request: Request) -> CompletionList:
    """The keys of the mapping at the cursor that it does not have yet."""
    level = request.place.level
    offered = _OFFERED.get(level.name, frozenset()) if level is not None else frozenset()
    if level is None or not offered:
        return NOTHING
    mapping = _mapping(request)
    there = {entry.name for entry in mapping.entries if not _under_cursor(entry, request)} if mapping else set()
    proposals = (
        _proposal(key) for key in level.keys if key.name in offered and there.isdisjoint((key.name, *key.older))
    )
    return build(request.context.prefix, proposals, key_insertion(request))


def _proposal(key: KeySpec) -> Proposal:
    takes_scalar = key.value.meaning is not Meaning.NOTHING
    return Proposal(key.name, key.name, CompletionKind.PROPERTY, key.detail, value_follows=takes_scalar)


def _mapping(request: Request) -> nodes.Mapping | None:
    """The mapping that the key is typed in, as PyYAML reads it; None where the file has none there."""
    entity, path = request.document.entity, request.context.path
    mapping = entity.root if entity is not None else None
    if path:
        mapping = request.document.tree.mapping(mapping)
    for name in path:
        mapping = request.document.tree.mapping(mapping.value(name)) if mapping is not None else None
    return mapping


def _under_cursor(entry: nodes.Entry, request: Request) -> bool:
    return entry.key.span.contains(request.offset)
