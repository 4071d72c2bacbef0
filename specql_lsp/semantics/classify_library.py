"""What the name at a place of a pattern file or of the service registry is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from specql_lsp.index.library import LibraryKind, pattern_name
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.pattern_file import PatternFile, lower_pattern
from specql_lsp.items.service_file import lower_services
from specql_lsp.language.keys import UNKNOWN_PLACE, Meaning
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax.nodes import NodePath, Scalar, path_at
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
    if document.library_kind is LibraryKind.SERVICES:
        names = _services(document)
    else:
        pattern = lower_pattern(document.tree)
        names = _pattern(document.uri, pattern) if pattern is not None else iter(())
        found = _in_template(document, pattern, node, offset, path.names) if pattern is not None else None
        if found is not None:
            return found
    for kind, owner, name, scalar in names:
        if scalar.span == node.span:
            return Symbol(kind, Role.DEFINITION, name, node.text_span, owner, path.names, path.on_key)
    return _word(document, node, path)


def _word(document: Document, node: Scalar, path: NodePath) -> Symbol | None:
    """A key of the language, or one of the values that it names."""
    table = document.key_table
    place = table.walk(path.names) if table is not None else UNKNOWN_PLACE
    kind = SymbolKind.KEY if path.on_key else SymbolKind.CHOICE
    if place.key is None or (place.meaning is not Meaning.CHOICE and not path.on_key):
        return None
    owner = "" if path.on_key else place.key.name
    name = node.value.strip()
    return Symbol(kind, Role.REFERENCE, name, node.text_span, owner, path.names, path.on_key, None, place)


_Name: TypeAlias = tuple[SymbolKind, str, str, Scalar]
"""What a name is the name of, whose it is, the name, and where it is."""


def _services(document: Document) -> Iterator[_Name]:
    registry = lower_services(document.tree)
    for service in registry.services if registry is not None else ():
        yield SymbolKind.SERVICE, "", service.name.value.strip(), service.name
        for operation in service.operations:
            yield SymbolKind.SERVICE_OPERATION, service.name.value, operation.name.value.strip(), operation.name


def _pattern(uri: str, pattern: PatternFile) -> Iterator[_Name]:
    name = pattern_name(uri, pattern.name.value)
    yield SymbolKind.PATTERN, "", name, pattern.name
    for parameter in pattern.parameters:
        yield SymbolKind.PATTERN_PARAMETER, name, parameter.name.value.strip(), parameter.name


def template_words(text: str) -> frozenset[str]:
    """The words between the braces of a template's expressions and statements."""
    return frozenset(word[0] for each in _TEMPLATE.finditer(text) for word in _WORD.finditer(each[0]))


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
                owner = pattern_name(document.uri, pattern.name.value)
                span = Span(*word.span())
                return Symbol(SymbolKind.PATTERN_PARAMETER, Role.REFERENCE, word[0], span, owner, path)
    return None
