"""What the name at a place of a pattern file or of the service registry is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.index.library import is_service_registry
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.pattern_file import PatternFile, lower_pattern
from specql_lsp.items.service_file import lower_services
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax.nodes import Scalar, path_at
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

_TEMPLATE = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_WORD = re.compile(r"(?<![\w.'\"])[A-Za-z_]\w*")


def in_library(document: Document, offset: int) -> Symbol | None:
    """The symbol at an offset of a file with patterns or services."""
    path = path_at(document.tree.root, offset)
    node = path.node
    if not isinstance(node, Scalar) or not node.value.strip():
        return None
    if is_service_registry(document.uri):
        names = _services(document)
    else:
        pattern = lower_pattern(document.tree)
        if pattern is None:
            return None
        names = _pattern(pattern)
        found = _in_template(document, pattern, node, offset, path.names)
        if found is not None:
            return found
    for kind, owner, scalar in names:
        if scalar.span == node.span:
            return Symbol(kind, Role.DEFINITION, node.value.strip(), node.text_span, owner, path.names, path.on_key)
    return None


def _services(document: Document) -> Iterator[tuple[SymbolKind, str, Scalar]]:
    registry = lower_services(document.tree)
    for service in registry.services if registry is not None else ():
        yield SymbolKind.SERVICE, "", service.name
        for operation in service.operations:
            yield SymbolKind.SERVICE_OPERATION, service.name.value, operation.name


def _pattern(pattern: PatternFile) -> Iterator[tuple[SymbolKind, str, Scalar]]:
    name = pattern.name.value.strip()
    yield SymbolKind.PATTERN, "", pattern.name
    for parameter in pattern.parameters:
        yield SymbolKind.PATTERN_PARAMETER, name, parameter.name


def _in_template(
    document: Document, pattern: PatternFile, node: Scalar, offset: int, path: tuple[str, ...]
) -> Symbol | None:
    """A parameter that the template of the pattern uses: ``{{ to_state }}``, ``{% if to_state %}``."""
    if path[:1] != ("template",):
        return None
    for template in _TEMPLATE.finditer(document.text, *node.span):
        if not template.start() <= offset <= template.end():
            continue
        for word in _WORD.finditer(document.text, *template.span()):
            if word.start() <= offset <= word.end() and pattern.parameter(word[0]) is not None:
                owner = pattern.name.value.strip()
                span = Span(*word.span())
                return Symbol(SymbolKind.PATTERN_PARAMETER, Role.REFERENCE, word[0], span, owner, path)
    return None
