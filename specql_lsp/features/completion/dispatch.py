"""One request: the cursor's context, what the language's tables say of its place, then the provider that knows more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from specql_lsp.features.completion.builder import NOTHING, merged
from specql_lsp.features.completion.indented import indented
from specql_lsp.features.completion.providers import (
    alike,
    choices,
    domains,
    expressions,
    fields,
    inference,
    keys,
    library,
    names,
    patterns,
    references,
    registry_codes,
    registry_numbers,
    services,
    snippets,
    table_codes,
    types,
)
from specql_lsp.features.completion.request import Request
from specql_lsp.features.cursor_context import cursor_context
from specql_lsp.features.model import CompletionList
from specql_lsp.index.library import LibraryKind
from specql_lsp.language.keys import UNKNOWN_PLACE, Meaning, entity_keys
from specql_lsp.syntax.cursor import ITEM, CursorContext, CursorKind, context_at
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
        Meaning.FIELD_TYPE: types.complete,
        Meaning.TYPE: types.complete,
        Meaning.DEFAULT: choices.defaults,
        Meaning.CHOICE: choices.complete,
        Meaning.BOOLEAN: choices.booleans,
        Meaning.ENTITY: names.entity,
        Meaning.ACTION_REFERENCE: names.actions,
        Meaning.ERROR: names.errors,
        Meaning.ENTITY_REFERENCE: references.entities,
        Meaning.FIELD_REFERENCE: fields.complete,
        Meaning.FIELD_PATH: fields.complete,
        Meaning.EXPRESSION: expressions.expression,
        Meaning.ROW_HEAD: expressions.row_head,
        Meaning.CALL_HEAD: expressions.call_head,
        Meaning.NOTIFICATION_HEAD: expressions.notification_head,
        Meaning.SERVICE: services.services,
        Meaning.SERVICE_OPERATION: services.operations,
        Meaning.PATTERN: patterns.table_patterns,
        Meaning.ACTION_PATTERN: patterns.action_patterns,
    }
)
"""By what the value stands for."""
_KEYS_IN_ENTITIES: _Providers = MappingProxyType(
    {
        Meaning.FIELD: keys.complete,
        Meaning.ENTITY_REFERENCE: references.entity_keys,
        Meaning.FIELD_REFERENCE: fields.as_keys,
        Meaning.PARAMETER: patterns.parameters,
    }
)
"""By what the keys of the mapping stand for, where users choose them."""
_VALUES_IN_LIBRARIES: _Providers = MappingProxyType(
    {
        Meaning.CHOICE: choices.complete,
        Meaning.BOOLEAN: choices.booleans,
        Meaning.ACTION_PATTERN: library.pattern_name,
        Meaning.PARAMETER_TYPE: library.parameter_types,
    }
)
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
    deeper = indented(document, offset)
    if deeper is not None:
        return deeper.as_written(_in_specql(analysis, deeper.document, deeper.offset, now))
    return _in_specql(analysis, document, offset, now)


def _in_specql(analysis: Analysis, document: Document, offset: int, now: datetime) -> CompletionList:
    if document.library_kind is LibraryKind.PATTERN:
        found = library.in_template(document, offset)
        if found.items:
            return found
    context = cursor_context(document, offset, expressions.MEANINGS)
    if context.kind is CursorKind.OUTSIDE or not _on_one_line(document, context.replace, offset):
        return NOTHING
    table = document.key_table or entity_keys()
    request = Request(analysis, document, context, table.walk(context.path), offset, now)
    if document.registry is not None:
        is_value = context.kind is CursorKind.VALUE
        return _values(request, _VALUES_IN_REGISTRIES) if is_value else _chosen_keys(request, _KEYS_IN_REGISTRIES)
    if document.library_kind is not None:
        values = _values(request, _VALUES_IN_LIBRARIES)
        level = request.place.level
        return values if level is not None and level.any_key is not None else merged(values, keys.complete(request))
    values = _values(request, _VALUES_IN_ENTITIES)
    level = request.place.level
    if level is not None and level.any_key is not None:
        return merged(values, _chosen_keys(request, _KEYS_IN_ENTITIES))
    if level is None and request.place.value is not None and request.place.value.items is None:
        return merged(values, alike.complete(request) if _may_be_key(request) else NOTHING)
    if request.place.value is None:
        return alike.complete(request) if _may_be_key(request) else NOTHING
    return merged(values, keys.complete(request))


def _values(request: Request, providers: _Providers) -> CompletionList:
    """Values that belong in the place."""
    meaning = request.place.meaning if request.context.kind is CursorKind.VALUE else None
    provider = providers.get(meaning) if meaning is not None else None
    return provider(request) if provider is not None else NOTHING


def _chosen_keys(request: Request, providers: _Providers) -> CompletionList:
    """Keys of the place's mapping whose names users choose."""
    level = request.place.level
    if level is None or level.any_key is None or not _may_be_key(request):
        return NOTHING
    provider = providers.get(level.any_key.meaning)
    return provider(request) if provider is not None else NOTHING


def _may_be_key(request: Request) -> bool:
    """Whether a key can be typed at the cursor: also behind the dash of an item, where it is no key yet."""
    context = request.context
    return context.kind is CursorKind.KEY or (context.path[-1:] == (ITEM,) and not context.in_flow)


def _in_other_yaml(analysis: Analysis, document: Document, offset: int, now: datetime) -> CompletionList:
    """An entity to begin with in a file that is empty, or the key that makes it one; all other YAML is none of ours."""
    if document.is_registry:
        return NOTHING
    unknown = Request(analysis, document, CursorContext(CursorKind.OUTSIDE), UNKNOWN_PLACE, offset, now)
    skeleton = snippets.in_new_file(unknown)
    if skeleton.items or not snippets.may_become_entity(unknown):
        return skeleton
    context = context_at(document.lines, offset)
    if context.kind is not CursorKind.KEY or context.path or not _on_one_line(document, context.replace, offset):
        return NOTHING
    request = Request(analysis, document, context, entity_keys().walk(()), offset, now)
    return keys.complete(request) if keys.is_like_entity(request) else NOTHING


def _on_one_line(document: Document, span: Span, offset: int) -> bool:
    """Whether the span holds the cursor and stays on its line, as a completion's range has to (LSP 3.17)."""
    line = document.lines.line_of(offset)
    return span.contains(offset) and document.lines.line_of(span.start) == line == document.lines.line_of(span.end)
