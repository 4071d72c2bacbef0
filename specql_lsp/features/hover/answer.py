"""The hover at a place: which kind of name it is, who describes it, and where the answer came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from specql_lsp.features import descriptions
from specql_lsp.features.hover import (
    actions,
    anchors,
    entities,
    fields,
    keys,
    patterns,
    registry,
    services,
    sql,
    steps,
    types,
    values,
)
from specql_lsp.features.hover.request import Describer, HoverRequest
from specql_lsp.features.model import Hover
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.registry.history import Origins
from specql_lsp.semantics.classify import Symbol, classify
from specql_lsp.semantics.names_in_expressions import TABLE_PREFIX
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_DESCRIBERS: Mapping[SymbolKind, Describer] = MappingProxyType(
    {
        SymbolKind.ENTITY: entities.entity,
        SymbolKind.FIELD: fields.field,
        SymbolKind.TYPE: types.type_,
        SymbolKind.ENUM_VALUE: values.enum_value,
        SymbolKind.ACTION: actions.action,
        SymbolKind.STEP: steps.step,
        SymbolKind.PATTERN: patterns.pattern,
        SymbolKind.PATTERN_PARAMETER: patterns.pattern_parameter,
        SymbolKind.SERVICE: services.service,
        SymbolKind.SERVICE_OPERATION: services.operation,
        SymbolKind.KEY: keys.key,
        SymbolKind.CHOICE: keys.choice,
        SymbolKind.FUNCTION: sql.function,
        SymbolKind.OPERATOR: sql.operator,
        SymbolKind.VARIABLE: sql.variable,
        SymbolKind.PARAMETER: sql.parameter,
        SymbolKind.ANCHOR: anchors.anchor,
        SymbolKind.SCHEMA: registry.schema,
        SymbolKind.SUBDOMAIN: registry.subdomain,
        SymbolKind.CODE: registry.code,
        SymbolKind.LAYER: registry.layer,
    }
)
"""Who describes a name of each kind."""
_QUOTES = frozenset({"'", '"'})


def hover(
    analysis: Analysis, document: Document, offset: int, now: datetime, origins: Origins | None = None
) -> Hover | None:
    """The hover at ``offset``, or None where nothing is known of the name there.

    Args:
        analysis: settings, registry and index; without a registry the hover has what needs none.
        document: the file.
        offset: where, in code points from 0.
        now: the time of the request, for the age of the registry's answer.
        origins: who gave the codes, as far as that was read.
    """
    symbol = classify(document, offset)
    describe = _DESCRIBERS.get(symbol.kind) if symbol is not None else None
    if symbol is None or describe is None:
        return None
    text = describe(HoverRequest(analysis, document, symbol, offset, now, origins))
    if text is None:
        return None
    markdown = text.markdown
    if text.from_registry:
        markdown = descriptions.with_provenance(analysis, markdown, now)
    return Hover(markdown, _span(document.text, symbol), text.from_registry)


def _span(text: str, symbol: Symbol) -> Span:
    """The token: a scalar with its quotes, a table's name, ``$name``, an entity with the schema before it."""
    start, end = symbol.span
    if symbol.kind is SymbolKind.ENTITY and text[:start].lower().endswith(TABLE_PREFIX):
        start -= len(TABLE_PREFIX)
    if symbol.kind is SymbolKind.PARAMETER and text[:start].endswith("$"):
        start -= 1
    if symbol.kind is SymbolKind.ENTITY and symbol.owner and text[:start].endswith(f"{symbol.owner}."):
        start -= len(symbol.owner) + 1
    before = text[start - 1 : start]
    return Span(start - 1, end + 1) if before in _QUOTES and text[end : end + 1] == before else Span(start, end)
