"""Whether the name at a place can be renamed at all; what prepares a rename and what makes it begin with this."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from specql_lsp.features.occurrences import with_document
from specql_lsp.features.rename.library import LIBRARY_KINDS, library_definition
from specql_lsp.features.rename.model import Renamable, RenameRefused
from specql_lsp.index.summary import EntityFacts
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.language.names import needs_no_domain
from specql_lsp.language.sql import CONTEXT_VARIABLES
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import Identity, identities, pattern_name
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import is_editable, name_of

KINDS: Mapping[SymbolKind, str] = MappingProxyType(
    {
        SymbolKind.ENTITY: "entity",
        SymbolKind.FIELD: "field",
        SymbolKind.ACTION: "action",
        SymbolKind.ENUM_VALUE: "enum value",
        SymbolKind.PARAMETER: "parameter",
        SymbolKind.VARIABLE: "variable",
        SymbolKind.ANCHOR: "anchor",
        SymbolKind.SCHEMA: "domain",
        SymbolKind.PATTERN: "pattern",
        SymbolKind.PATTERN_PARAMETER: "parameter of a pattern",
        SymbolKind.SERVICE: "service",
        SymbolKind.SERVICE_OPERATION: "operation",
    }
)
"""What can be renamed, and what it is called in a sentence."""

_OTHERS: Mapping[SymbolKind, str] = MappingProxyType(
    {
        SymbolKind.CODE: "A table code is allocated, not renamed: change it in the file or in the registry.",
        SymbolKind.SUBDOMAIN: "A subdomain is not renamed from here: change its name in the registry.",
    }
)
_OF_SPECQL = "is a word of SpecQL or SQL, and no name that can be changed."


def renamable(analysis: Analysis, document: Document, offset: int) -> Renamable:
    """The name at an offset (code points from 0), if it can be renamed.

    Raises:
        RenameRefused: with the reason.
    """
    symbol, identity = found_at(analysis, document, offset)
    if identity.kind in LIBRARY_KINDS:
        name = pattern_name(symbol.name) if symbol.kind is SymbolKind.PATTERN else symbol.name
    else:
        facts = defining_facts(with_document(analysis, document), identity)
        name = facts.name if facts is not None else member_name(symbol, identity)
    return Renamable(name_span(document, symbol), name)


def defining_facts(analysis: Analysis, identity: Identity) -> EntityFacts | None:
    """The entity in the file that defines it; None where no file does, and for what is no entity."""
    if identity.kind is not SymbolKind.ENTITY or not identity.uri:
        return None
    summary = analysis.index.get(identity.uri)
    found = summary.entities if summary is not None else ()
    wanted = (identity.name, identity.owner)
    return next((each for each in found if (each.name.lower(), each.schema.lower()) == wanted), None)


def member_name(symbol: Symbol, identity: Identity) -> str:
    """The name of what no file defines as an entity, as its definition has it: a place may have it in another case."""
    is_same = symbol.name.lower() == identity.name.lower()
    return identity.name if is_same and identity.kind is SymbolKind.FIELD else symbol.name


def found_at(analysis: Analysis, document: Document, offset: int) -> tuple[Symbol, Identity]:
    """The name at an offset, and what it means.

    Raises:
        RenameRefused: there is no name, it is none that can be renamed, or the text around it is not understood.
    """
    if not is_editable(document.uri):
        raise RenameRefused(f"{name_of(document.uri)} cannot be edited here.")
    check_understood(document)
    symbol = classify(document, offset)
    if symbol is None:
        raise RenameRefused("There is no name here that can be renamed.")
    if symbol.kind not in KINDS:
        raise RenameRefused(_OTHERS.get(symbol.kind, f"{symbol.name!r} {_OF_SPECQL}"))
    if symbol.kind is SymbolKind.VARIABLE and symbol.name.lower() in CONTEXT_VARIABLES:
        raise RenameRefused(f"{symbol.name!r} is a variable that every action has: it cannot be renamed.")
    if symbol.kind is SymbolKind.SCHEMA and needs_no_domain(symbol.name):
        raise RenameRefused(f"{symbol.name!r} is a schema of SpecQL's own: it cannot be renamed.")
    if symbol.kind is SymbolKind.SCHEMA and symbol.on_key and symbol.path[:1] == ("domains",):
        raise RenameRefused("A domain's number is part of its codes: it cannot be renamed.")
    meant = identities(with_document(analysis, document), document, symbol)
    if not meant:
        raise RenameRefused(f"No definition of {symbol.name!r} is known, so it cannot be renamed.")
    if len(meant) > 1:
        raise RenameRefused(
            f"{symbol.name!r} is defined in several files, and nothing says which is meant: rename it in one of them."
        )
    (identity,) = meant
    if identity.kind in LIBRARY_KINDS:
        library_definition(analysis, identity)
    name_span(document, symbol)
    return symbol, identity


def name_span(document: Document, symbol: Symbol) -> Span:
    """The span of the name alone, of which quotes, a ``$``, an ``&`` or a ``*`` are no part.

    Raises:
        RenameRefused: the name is written in another way, as with escapes or over several lines.
    """
    start, end = symbol.span
    name = pattern_name(symbol.name) if symbol.kind is SymbolKind.PATTERN else symbol.name
    if symbol.kind is SymbolKind.PATTERN and symbol.role is Role.DEFINITION:
        written = document.text[start:end]
        if written not in {name, name.rpartition("/")[2]}:
            raise RenameRefused(
                f"SpecQL finds this pattern as {name!r}, by the place of its file, whatever is written here: write "
                "that first."
            )
        name = written
    begin = end - len(name)
    if begin < start or document.text[begin:end].lower() != name.lower():
        line = document.lines.line_of(start) + 1
        raise RenameRefused(
            f"The name in line {line} of {name_of(document.uri)} is written with escapes or over several lines: "
            "write it plainly first."
        )
    return Span(begin, end)


def check_understood(document: Document) -> None:
    """Refuses a file whose YAML is not understood: what is in it might be missed.

    Raises:
        RenameRefused: with the line.
    """
    if document.tree.has_problems:
        # The parser often blames the whole text; PyYAML's words are about a place.
        problems = syntax_errors(document.tree) or document.tree.problems
        line = document.lines.line_of(problems[0].span.start) + 1
        raise RenameRefused(f"{name_of(document.uri)} is not valid YAML in line {line}: correct that first.")
