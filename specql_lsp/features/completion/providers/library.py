"""What belongs into pattern files and the service registry: names, types of parameters, skeletons of new files."""

from __future__ import annotations

import re

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import Insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.snippet import Snippet, choice
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.index.library import is_service_registry, pattern_path
from specql_lsp.language.keys import service_keys
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

_OPEN = re.compile(r"(?:\{\{|\{%)(?:(?!\}\}|%\}).)*\Z")
"""What opens an expression of a template, and what is in it up to the cursor."""
_TYPED = re.compile(r"(?<![\w.'\"])(?:[A-Za-z_]\w*)?\Z")
_NEW_PATTERN = "group/pattern"


def pattern_name(request: Request) -> CompletionList:
    """The name that a pattern has by the place of its file."""
    name = pattern_path(request.document.uri)
    proposals = [Proposal(name, name, CompletionKind.MODULE, "by the place of the file")] if name else []
    return build(request.context.prefix, proposals, value_insertion(request))


def parameter_types(request: Request) -> CompletionList:
    """The types that a parameter can have."""
    from specql_lsp.language.tables.library import PARAMETER_TYPES, UNCHECKED_TYPES

    proposals = [Proposal(name, name, CompletionKind.ENUM_MEMBER) for name in PARAMETER_TYPES]
    proposals += [Proposal(name, name, CompletionKind.ENUM_MEMBER, "any value") for name in UNCHECKED_TYPES]
    return build(request.context.prefix, proposals, value_insertion(request))


def in_template(document: Document, offset: int) -> CompletionList:
    """The parameters of a pattern, and the entity, in an expression of its template: ``{{ to$0 }}``."""
    root = document.tree.mapping(document.tree.root)
    template = root.value("template") if root is not None else None
    lines = document.lines
    if not isinstance(template, Scalar) or root is None:
        return NOTHING
    line = lines.line_span(lines.line_of(offset))
    # Blanks at the end of a block scalar are none of its text.
    if (
        not template.span.start
        < offset
        <= max(template.span.end, lines.line_span(lines.line_of(template.span.end)).end)
    ):
        return NOTHING
    before = document.text[line.start : offset]
    typed = _TYPED.search(before) if _OPEN.search(before) is not None else None
    if typed is None:
        return NOTHING
    rest = re.match(r"\w*", document.text[offset : line.end])
    span = Span(line.start + typed.start(), offset + (rest.end() if rest is not None else 0))
    pattern = document.library.patterns[0] if document.library is not None and document.library.patterns else None
    proposals = [
        Proposal(each.name, each.name, CompletionKind.VARIABLE, each.type or "", "parameter")
        for each in (pattern.parameters if pattern is not None else ())
    ]
    proposals.append(Proposal("entity", "entity", CompletionKind.VARIABLE, "name, schema, fields"))
    proposals.append(Proposal("config", "config", CompletionKind.VARIABLE, "all parameters"))
    return build(typed[0], proposals, Insertion(span, must_quote=lambda _text: False))


def of_library(uri: str) -> Snippet:
    """The skeleton of a pattern, or of a service registry."""
    if is_service_registry(uri):
        key = service_keys().levels["service registry"].by_name["services"]
        return Snippet("services", "a service registry", key.snippet)
    lines = (
        f"pattern: ${{1:{pattern_path(uri) or _NEW_PATTERN}}}",
        "version: ${2:1.0}",
        "description: ${3:What an action of it does}",
        "parameters:",
        "  - name: ${4:to_state}",
        "    type: ${5:string}",
        f"    required: {choice(6, ('true', 'false'))}",
        "template: |",
        "  steps:",
        "    - validate: ${7:true = true}",
        "      error: ${8:not_allowed}$0",
    )
    return Snippet("pattern", "an action pattern with a parameter", lines)
