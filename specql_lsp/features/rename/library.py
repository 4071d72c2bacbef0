"""Renames of what pattern files and the service registry define: patterns, their parameters, services, operations.

SpecQL finds a pattern by the place of its file, so the file moves with the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from specql_lsp.features.rename.model import FileMove, RenameRefused
from specql_lsp.index.library import PatternFacts, ServiceFacts, pattern_path, pattern_uri
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.language.patterns import action_patterns, table_patterns
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.classify_library import template_words
from specql_lsp.semantics.identity import TABLE_PATTERN, Identity, identities
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of

LIBRARY_KINDS = frozenset(
    {SymbolKind.PATTERN, SymbolKind.PATTERN_PARAMETER, SymbolKind.SERVICE, SymbolKind.SERVICE_OPERATION}
)


class Definition(NamedTuple):
    """Where the name is defined."""

    uri: str
    name: str
    """As it is written there; of a pattern by the place of its file."""


def library_definition(analysis: Analysis, identity: Identity) -> Definition:
    """What defines a name of a library kind.

    Raises:
        RenameRefused: nothing in the workspace does, or several files do.
    """
    match identity.kind:
        case SymbolKind.PATTERN:
            return Definition(_pattern(analysis, identity.name, identity.owner).uri, identity.name)
        case SymbolKind.PATTERN_PARAMETER:
            pattern = _pattern(analysis, identity.owner)
            if all(each.name != identity.name for each in pattern.parameters):
                raise RenameRefused(f"The pattern {pattern.name} has no parameter {identity.name!r}.")
            return Definition(pattern.uri, identity.name)
        case SymbolKind.SERVICE:
            service = _service(analysis, identity.name)
            return Definition(service.uri, service.name)
    service = _service(analysis, identity.owner)
    same = [each for each in service.details if each.name.lower() == identity.name]
    if not same:
        raise RenameRefused(f"The service {service.name} has no operation {identity.name!r}.")
    if len(same) > 1:
        raise RenameRefused(f"The service {service.name} has {same[0].name} twice: take one of them out first.")
    return Definition(service.uri, same[0].name)


def _pattern(analysis: Analysis, name: str, owner: str = "") -> PatternFacts:
    known = () if owner == TABLE_PATTERN else analysis.index.libraries()
    found = [each for facts in known for each in facts.patterns if each.name == name]
    if len(found) > 1:
        raise RenameRefused(f"{name!r} is defined in several files: rename it where only one of them has it.")
    if found:
        return found[0]
    if name in (table_patterns() if owner == TABLE_PATTERN else action_patterns()):
        raise RenameRefused(f"{name!r} is a standard pattern of SpecQL: it cannot be renamed.")
    raise RenameRefused(f"No pattern file of the workspace defines {name!r}, so it cannot be renamed here.")


def _service(analysis: Analysis, name: str) -> ServiceFacts:
    found = [each for facts in analysis.index.libraries() for each in facts.services if each.name.lower() == name]
    if not found:
        raise RenameRefused(f"No service registry of the workspace has {name!r}, so it cannot be renamed here.")
    if len(found) > 1:
        raise RenameRefused(f"The service {found[0].name} is defined {len(found)} times: take the others out first.")
    return found[0]


def check_library_name_is_free(analysis: Analysis, identity: Identity, document: Document, new: str) -> None:
    """Refuses a name that another thing of the kind has.

    Args:
        analysis: what is known.
        identity: what is renamed.
        document: the file that defines it.
        new: the new name.

    Raises:
        RenameRefused: with who has the name.
    """
    if new.lower() == identity.name.lower():
        return
    index = analysis.index
    match identity.kind:
        case SymbolKind.PATTERN:
            other = index.pattern(new)
            if other is not None:
                raise RenameRefused(f"There is a pattern {new} already, in {name_of(other.uri)}: choose another name.")
        case SymbolKind.PATTERN_PARAMETER:
            pattern = index.pattern(identity.owner)
            if pattern is not None and any(each.name == new for each in pattern.parameters):
                raise RenameRefused(f"The pattern {pattern.name} has a parameter {new} already: choose another name.")
            if new in template_words(document.text):
                where = name_of(document.uri)
                raise RenameRefused(f"The template in {where} uses {new} for something else: choose another name.")
        case SymbolKind.SERVICE:
            service = index.service(new)
            if service is not None:
                raise RenameRefused(f"There is a service {service.name} already: choose another name.")
        case SymbolKind.SERVICE_OPERATION:
            owner = index.service(identity.owner)
            operation = owner.operation(new) if owner is not None else None
            if owner is not None and operation is not None:
                raise RenameRefused(f"The service {owner.name} has {operation.name} already: choose another name.")


def check_named_nowhere(analysis: Analysis, identity: Identity, documents: Iterable[Document], new: str) -> None:
    """Refuses a name that files use already, although nothing in the workspace has it: they would mean another thing.

    Args:
        analysis: what is known.
        identity: what is renamed.
        documents: every file that may name it.
        new: the new name.

    Raises:
        RenameRefused: with the first place.
    """
    if new.lower() == identity.name.lower():
        return
    is_exact = identity.kind in {SymbolKind.PATTERN, SymbolKind.PATTERN_PARAMETER}
    wanted = identity._replace(name=new if is_exact else new.lower(), uri="")
    word = re.compile(rf"(?<!\w){re.escape(new)}(?!\w)", re.NOFLAG if is_exact else re.IGNORECASE)
    for document in documents:
        for match in word.finditer(document.text):
            symbol = classify(document, match.start())
            meant = identities(analysis, document, symbol) if symbol is not None else frozenset()
            if any(each._replace(uri="") == wanted for each in meant):
                line = document.lines.line_of(match.start()) + 1
                raise RenameRefused(f"Line {line} of {name_of(document.uri)} names {new} already: choose another name.")


def pattern_text(written: str, old: str, new: str) -> str:
    """What a pattern's file writes behind ``pattern`` after a rename: as much of the name as before.

    Args:
        written: what it writes now.
        old: the name by the place of the file.
        new: the new name.
    """
    if written == old:
        return new
    return new.rpartition("/")[2] if written == old.rpartition("/")[2] else written


def pattern_move(uri: str, new: str, exists: Callable[[str], bool]) -> FileMove | None:
    """The move of a pattern's file to where SpecQL looks for the new name; None where the place is not the name.

    Raises:
        RenameRefused: another file is there.
    """
    target = pattern_uri(uri, new)
    if pattern_path(uri) is None or target == uri:
        return None
    if exists(target):
        raise RenameRefused(f"There is a file {name_of(target)} where the pattern would be: choose another name.")
    return FileMove(uri, target)
