"""One request: the cursor's context, then the provider that knows what belongs there."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.features.completion.builder import NOTHING
from specql_lsp.features.completion.providers import (
    domains,
    entity_keys,
    inference,
    references,
    registry_codes,
    registry_numbers,
    snippets,
    table_codes,
)
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionList
from specql_lsp.syntax.cursor import ITEM, CursorContext, Place, context_at
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def complete(analysis: Analysis, document: Document, offset: int, now: datetime) -> CompletionList:
    """What can be typed at ``offset`` (code points from 0), best first.

    Args:
        analysis: the picture.
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
    if context.place is Place.NOWHERE or not _on_one_line(document, context.replace, offset):
        return NOTHING
    request = Request(analysis, document, context, offset, now)
    if document.registry is not None:
        return _in_registry(request, context)
    known = _in_entity_key(request, context) if context.place is Place.KEY else _in_entity_value(request, context)
    offered = snippets.complete(request)
    return CompletionList((*known.items, *offered.items), known.incomplete) if offered.items else known


def _in_other_yaml(analysis: Analysis, document: Document, offset: int, now: datetime) -> CompletionList:
    """An entity to begin with in a file that is empty; all other YAML is none of ours."""
    if document.is_registry:
        return NOTHING
    return snippets.in_new_file(Request(analysis, document, CursorContext(Place.NOWHERE), offset, now))


def _on_one_line(document: Document, span: Span, offset: int) -> bool:
    """Whether the span holds the cursor and stays on its line, as a completion's range has to (LSP 3.17)."""
    line = document.lines.line_of(offset)
    return span.contains(offset) and document.lines.line_of(span.start) == line == document.lines.line_of(span.end)


def _in_entity_value(request: Request, context: CursorContext) -> CompletionList:
    match context.path:
        case ("schema",) | ("entity", "schema"):
            return domains.schemas(request)
        case ("organization", "table_code"):
            return table_codes.complete(request)
        case ("organization", "domain_name" | "domain"):
            return domains.domain_names(request)
        case ("organization", "subdomain"):
            return domains.subdomain_names(request)
        case ("fields", field) | ("fields", field, "type") if field != ITEM:
            return references.complete(request)
        case ("entity", "fields", field) | ("entity", "fields", field, "type") if field != ITEM:
            return references.complete(request)
    return NOTHING


def _in_entity_key(request: Request, context: CursorContext) -> CompletionList:
    match context.path:
        case ():
            return entity_keys.top_level(request)
        case ("organization",):
            return entity_keys.organization(request)
    return NOTHING


def _in_registry(request: Request, context: CursorContext) -> CompletionList:
    match context.place, context.path:
        case Place.KEY, ("domains",):
            return registry_numbers.domains(request)
        case Place.KEY, ("domains", domain, "subdomains"):
            return registry_numbers.subdomains(request, domain)
        case Place.VALUE, ("domains", domain, "subdomains", subdomain, "entities", name):
            return registry_codes.register(request, domain, subdomain, name)
        case Place.VALUE, ("domains", domain, "subdomains", subdomain, "entities", name, "table_code"):
            return registry_codes.complete(request, domain, subdomain, name)
        case Place.KEY, ("subdomain_inference",):
            return inference.domains(request)
        case Place.KEY, ("subdomain_inference", domain):
            return inference.subdomains(request, domain)
    return NOTHING
