"""Schemas that are written before tables in the SQL of files: ``crm.tb_contact``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from specql_lsp.features.occurrences import Read
from specql_lsp.index.symbols import SymbolKind, UseKind, entity_key
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.names_in_expressions import TABLE_PREFIX
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def schemas_before_tables(
    analysis: Analysis, schema: str, read: Read, check: Callable[[], object]
) -> Iterator[tuple[Document, Span]]:
    """The places at which a schema is written before the table of one of its entities.

    Args:
        analysis: what is known.
        schema: its name, as files write it; case does not matter.
        read: gives the text of files.
        check: called for each file.
    """
    names = {facts.name.lower() for facts in analysis.index.in_schema(schema)}
    pattern = re.compile(rf"(?<![\w.]){re.escape(schema)}(?=\.(?:{TABLE_PREFIX})?(?P<name>\w+))", re.IGNORECASE)
    uris = {uri for name in names for uri in analysis.index.users(entity_key(name)) if _mentions(analysis, uri, names)}
    for uri in sorted(uris):
        check()
        document = read(uri)
        for match in pattern.finditer(document.text) if document is not None else ():
            symbol = classify(document, match.start("name")) if document is not None else None
            is_entity = symbol is not None and symbol.kind is SymbolKind.ENTITY
            if document is not None and is_entity and match["name"].lower() in names:
                yield document, Span(*match.span())


def _mentions(analysis: Analysis, uri: str, names: set[str]) -> bool:
    """Whether the index knows that a file names entities, and not where: as tables."""
    summary = analysis.index.get(uri)
    return summary is not None and any(use.kind is UseKind.MENTION and use.name in names for use in summary.uses)
