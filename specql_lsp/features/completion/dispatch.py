"""One request: the cursor's context, what the language's tables say of its place, then the provider that knows more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from specql_lsp.features.completion.builder import NOTHING
from specql_lsp.features.completion.providers import (
    domains,
    inference,
    keys,
    references,
    registry_codes,
    registry_numbers,
    snippets,
    table_codes,
)
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionList
from specql_lsp.language.keys import UNKNOWN_PLACE, Meaning, entity_keys, registry_keys
from specql_lsp.syntax.cursor import CursorContext, CursorKind, context_at
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_Provider: TypeAlias = Callable[[Request], CompletionList]
_Providers: TypeAlias = Mapping[Meaning, _Provider]

_VALUES_IN_ENTITIES: _Providers = MappingProxyType(
    {
        Meaning.SCHEMA: domains.schemas,
        Meaning.TABLE_CODE: table_codes.complete,
        Meaning.DOMAIN: domains.domain_names,
        Meaning.SUBDOMAIN: domains.subdomain_names,
        Meaning.FIELD_TYPE: references.complete,
        Meaning.TYPE: references.complete,
    }
)
"""By what the value stands for."""
_VALUES_IN_REGISTRIES: _Providers = MappingProxyType({Meaning.TABLE_CODE: registry_codes.complete})
_KEYS_IN_REGISTRIES: _Providers = MappingProxyType(
    {
        Meaning.DOMAIN_NUMBER: registry_numbers.domains,
        Meaning.SUBDOMAIN_NUMBER: registry_numbers.subdomains,
        Meaning.DOMAIN: inference.domains,
        Meaning.SUBDOMAIN: inference.subdomains,
    }
)
"""By what the keys of the mapping stand for."""


def complete(analysis: Analysis, document: Document, offset: int, now: datetime) -> CompletionList:
    """What can be typed at ``offset`` (code points from 0), best first.

    Args:
        analysis: settings, registry and index.
        document: the file.
        offset: the cursor.
        now: what a registration says of the time of its assignment.

    Answers nothing in YAML that is not SpecQL's, except an entity's skeleton in an empty file; an empty list that is
    marked incomplete where a registry is needed and none has been read.
    """
    if not document.is_specql:
        return _in_other_yaml(analysis, document, offset, now)
    # A place between a line's two break characters is the line's end.
    offset = document.lines.offset(document.lines.position(offset))
    context = context_at(document.lines, offset)
    if context.kind is CursorKind.OUTSIDE or not _on_one_line(document, context.replace, offset):
        return NOTHING
    table = registry_keys() if document.registry is not None else entity_keys()
    request = Request(analysis, document, context, table.walk(context.path), offset, now)
    if document.registry is not None:
        return _known(request, _VALUES_IN_REGISTRIES, _KEYS_IN_REGISTRIES)
    known = _known(request, _VALUES_IN_ENTITIES, {})
    offered = snippets.complete(request)
    return CompletionList((*known.items, *offered.items), known.incomplete) if offered.items else known


def _known(request: Request, values: _Providers, keys_by_meaning: _Providers) -> CompletionList:
    """What belongs in the place: a value, a key whose name users choose, or one of the language's keys."""
    level = request.place.level
    if request.context.kind is CursorKind.VALUE:
        provider = values.get(request.place.meaning) if request.place.meaning is not None else None
    elif level is not None and level.any_key is not None:
        provider = keys_by_meaning.get(level.any_key.meaning)
    else:
        provider = keys.missing if request.document.registry is None else None
    return provider(request) if provider is not None else NOTHING


def _in_other_yaml(analysis: Analysis, document: Document, offset: int, now: datetime) -> CompletionList:
    """An entity to begin with in a file that is empty; all other YAML is none of ours."""
    if document.is_registry:
        return NOTHING
    return snippets.in_new_file(
        Request(analysis, document, CursorContext(CursorKind.OUTSIDE), UNKNOWN_PLACE, offset, now)
    )


def _on_one_line(document: Document, span: Span, offset: int) -> bool:
    """Whether the span holds the cursor and stays on its line, as a completion's range has to (LSP 3.17)."""
    line = document.lines.line_of(offset)
    return span.contains(offset) and document.lines.line_of(span.start) == line == document.lines.line_of(span.end)
