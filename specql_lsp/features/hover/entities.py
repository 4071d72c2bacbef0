"""Hover of an entity, where it is defined or named: schema, code, fields at a glance, and who refers to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from specql_lsp.features import descriptions
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, escape, fenced, link, title
from specql_lsp.index.summary import EntityFacts
from specql_lsp.index.symbols import UseKind
from specql_lsp.language.release import REFERENCE
from specql_lsp.semantics.names_in_expressions import TABLE_PREFIX
from specql_lsp.semantics.resolve import resolve_entity, uses_of_entity
from specql_lsp.semantics.symbol import Role

_MOST_FIELDS = 12
_FEW_FILES = 5
_MOST_USES = 1000
"""More uses than this are not counted."""


def entity(request: HoverRequest) -> Text | None:
    """An entity by its name."""
    symbol, analysis = request.symbol, request.analysis
    if request.entity is None:
        return _in_registry_file(request)
    if symbol.name.lower().startswith(TABLE_PREFIX) and not analysis.index.named(symbol.name):
        # In a query, the table of an entity.
        symbol = replace(symbol, name=symbol.name[len(TABLE_PREFIX) :])
    meant = resolve_entity(analysis, request.site, symbol.name, symbol.owner or None).files
    own = request.entity.name is not None and symbol.role is Role.DEFINITION
    if own:
        meant = tuple(facts for facts in meant if facts.uri == request.document.uri) or meant
    text = descriptions.entity_text(
        analysis, symbol.name, symbol.owner or request.entity.schema, meant, allocations=request.allocations
    )
    if text is None and not symbol.owner:
        # SpecQL finds an unqualified name in any schema; the file's own is what the writer most likely means.
        text = descriptions.entity_text(analysis, symbol.name, None, meant, allocations=request.allocations)
    if text is None and not own:
        return None
    facts = meant[0] if meant else None
    head = text or f"{title(symbol.name)} · schema {escape(request.entity.schema)}"
    parts = (head, _fields(request, facts, own=own), _table(request, facts, own=own), _users(request, facts))
    return Text(paragraphs(*parts), from_registry=True)


def _in_registry_file(request: HoverRequest) -> Text | None:
    """An entity's text by the name of its domain, as its number alone is no schema."""
    symbol, analysis, registry = request.symbol, request.analysis, request.document.registry
    domain = registry.domain(symbol.owner) if registry is not None else None
    schema = domain.name.value if domain is not None and domain.name else None
    text = descriptions.entity_text(analysis, symbol.name, schema, allocations=request.allocations)
    return Text(text, from_registry=True) if text is not None else None


def _fields(request: HoverRequest, facts: EntityFacts | None, *, own: bool) -> str:
    """The fields at a glance: of the document's entity as they are now."""
    if own and request.entity is not None:
        fields = [(field.name, field.type_text or "") for field in request.entity.fields]
    else:
        fields = [(field.name, field.type or "") for field in facts.fields] if facts is not None else []
    if not fields:
        return ""
    lines = [f"{name}: {descriptions.one_line(type_, 60)}".rstrip() for name, type_ in fields[:_MOST_FIELDS]]
    if len(fields) > _MOST_FIELDS:
        lines.append(f"# … and {len(fields) - _MOST_FIELDS} more")
    return fenced("yaml", lines)


def _table(request: HoverRequest, facts: EntityFacts | None, *, own: bool) -> str:
    """The table that SpecQL makes of the entity."""
    item = request.entity
    if own and item is not None and item.name is not None:
        schema, name = item.schema, item.name.value.lower()
    elif facts is not None:
        schema, name = facts.schema, facts.name.lower()
    else:
        return ""
    if not request.shows_generated:
        return ""
    table, key = code(f"{schema}.tb_{name}"), code(f"pk_{name}")
    return f"{REFERENCE} generates the table {table}, with {key}, `id` and audit columns"


def _users(request: HoverRequest, facts: EntityFacts | None) -> str:
    if facts is None:
        return ""
    counts: dict[str, int] = {}
    for summary, use in islice(uses_of_entity(request.analysis, facts), _MOST_USES):
        # Most steps are about the entity of their own file.
        if use.kind is not UseKind.STEP or summary.uri != facts.uri:
            counts[summary.uri] = counts.get(summary.uri, 0) + 1
    total = sum(counts.values())
    if not total:
        return ""
    places = f"at least {_MOST_USES} places" if total == _MOST_USES else descriptions.counted(total, "place", "places")
    files = ", ".join(link(descriptions.file_name(uri), uri) for uri in list(counts)[:_FEW_FILES])
    more = f" and {len(counts) - _FEW_FILES} more" if len(counts) > _FEW_FILES else ""
    return f"Referred to in {places}: {files}{more}"
