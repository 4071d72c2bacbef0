"""Keys of an entity file that lead to the registry; the whole language's keys are not offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from specql_lsp.features.completion.builder import Proposal, build
from specql_lsp.features.completion.insertion import key_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.syntax import nodes

_TOP_LEVEL = (
    Proposal("entity", "entity", CompletionKind.PROPERTY, "the entity's name", value_follows=True),
    Proposal("schema", "schema", CompletionKind.PROPERTY, "the domain's name or alias", value_follows=True),
    Proposal("organization", "organization", CompletionKind.PROPERTY, "the table code and its place"),
)
_ORGANIZATION = (
    Proposal("table_code", "table_code", CompletionKind.PROPERTY, "six hexadecimal digits", value_follows=True),
    Proposal("domain_name", "domain_name", CompletionKind.PROPERTY, "the domain's name", value_follows=True),
    Proposal("subdomain", "subdomain", CompletionKind.PROPERTY, "the subdomain's name", value_follows=True),
)
_OLDER_NAMES: Mapping[str, str] = MappingProxyType({"domain_name": "domain"})


def top_level(request: Request) -> CompletionList:
    """The keys at the top that are missing."""
    entity = request.document.entity
    return _missing(request, entity.root if entity else None, _TOP_LEVEL)


def organization(request: Request) -> CompletionList:
    """The keys of ``organization`` that are missing."""
    entity = request.document.entity
    return _missing(request, entity.organization if entity else None, _ORGANIZATION)


def _missing(request: Request, mapping: nodes.Mapping | None, keys: Sequence[Proposal]) -> CompletionList:
    there = {entry.name for entry in mapping.entries if not _under_cursor(entry, request)} if mapping else set()
    missing = (key for key in keys if key.text not in there and _OLDER_NAMES.get(key.text) not in there)
    return build(request.context.prefix, missing, key_insertion(request))


def _under_cursor(entry: nodes.Entry, request: Request) -> bool:
    return entry.key.span.contains(request.offset)
