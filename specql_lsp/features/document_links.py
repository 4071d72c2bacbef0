"""What a file links to: pattern files, the files that ``extends`` and ``import`` name, web pages in any text of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.items.entity import EntityItem
from specql_lsp.semantics.identity import pattern_name
from specql_lsp.semantics.resolve import Site, resolve_entity
from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence, walk
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_URL = re.compile(r"https?://[^\s<>\"'`\\|{}\[\]]+")
_AT_END = ".,:;!?"
_BASES = ("extends", "import")
_SUFFIXES = ("", ".yaml", ".yml")


class DocumentLink(NamedTuple):
    """A text that links to something."""

    span: Span
    target: str
    """The URI: our spelling of that of a file."""
    tooltip: str = ""


def document_links(analysis: Analysis, document: Document) -> tuple[DocumentLink, ...]:
    """The links of a file of SpecQL's, in the order of the text; none in any other file."""
    if not document.is_specql:
        return ()
    found = [*_pages(document.text)]
    for entity in document.entities:
        found += _patterns(analysis, entity)
        found += _bases(analysis, document, entity)
    return tuple(sorted(found))


def _pages(text: str) -> Iterator[DocumentLink]:
    for match in _URL.finditer(text):
        url = match[0].rstrip(_AT_END)
        # A parenthesis belongs to the page only where it is opened in it.
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip(_AT_END)
        yield DocumentLink(Span(match.start(), match.start() + len(url)), url)


def _patterns(analysis: Analysis, entity: EntityItem) -> Iterator[DocumentLink]:
    for action in entity.actions:
        name = action.node.pattern
        pattern = analysis.index.pattern(pattern_name(name.value)) if name is not None else None
        if name is not None and pattern is not None and pattern.uri:
            yield DocumentLink(name.text_span.shifted(action.shift), pattern.uri, "Open the pattern")


def _bases(analysis: Analysis, document: Document, entity: EntityItem) -> Iterator[DocumentLink]:
    for key in _BASES:
        for scalar in _scalars(entity.root.value(key)):
            target = _base(analysis, document, entity, scalar.value.strip())
            if target is not None and target != document.uri:
                yield DocumentLink(scalar.text_span, target, "Open the file")


def _scalars(node: Node | None) -> Iterator[Scalar]:
    """A name alone, those of a list, or ``from`` in a mapping."""
    for each in walk(node) if node is not None else ():
        if isinstance(each, Scalar):
            if each is node:
                yield each
        elif isinstance(each, Sequence):
            yield from (item for item in each.items if isinstance(item, Scalar))
        elif isinstance(each, Mapping):
            source = each.scalar("from")
            if source is not None:
                yield source


def _base(analysis: Analysis, document: Document, entity: EntityItem, name: str) -> str | None:
    """The file that a path without its ending, or an entity's name, leads to."""
    if "/" in name or name.endswith(_SUFFIXES[1:]):
        path = name.removeprefix("./").lstrip("/")
        endings = tuple(f"/{path}{suffix}" for suffix in _SUFFIXES)
        return next((uri for uri in analysis.index.uris if uri.endswith(endings)), None)
    schema, _, own = name.rpartition(".")
    found = resolve_entity(analysis, Site(document.uri, entity.schema), own, schema or None).files
    return found[0].uri if found else None
