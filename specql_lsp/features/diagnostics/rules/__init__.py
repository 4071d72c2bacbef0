"""The rules: tables of their modules, in the order in which they are asked (``specql_lsp.features.diagnostics.rule``).

To add a rule, import its module and add it to the table of what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias, TypeVar, cast

from specql_lsp.features.diagnostics.rule import (
    FileContext,
    Fixes,
    RegistryContext,
    Rule,
    RuleContext,
    RuleFamily,
    RuleModule,
)
from specql_lsp.features.diagnostics.rules import (
    ambiguous_entity,
    drift,
    duplicate_entity,
    duplicate_key,
    entity_shape,
    generates_nothing,
    invalid_step,
    library_files,
    patterns,
    registry_yaml,
    services,
    specql_refuses,
    syntax,
    table_codes,
    unknown_domain,
    unknown_entity,
    unknown_field,
    unknown_step,
)
from specql_lsp.features.diagnostics.same_place import what_matters
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.syntax.merge_conflicts import CONFLICT_MARK, conflicts_in, sides_of
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_Context = TypeVar("_Context")
_Files: TypeAlias = RuleModule[FileContext] | RuleFamily[FileContext]
_Entities: TypeAlias = RuleModule[RuleContext] | RuleFamily[RuleContext]
_Registries: TypeAlias = RuleModule[RegistryContext] | RuleFamily[RegistryContext]

_FILES: tuple[_Files, ...] = (
    syntax,
    duplicate_key,
)
"""What is asked about every file of SpecQL's."""
_LIBRARIES: tuple[_Files, ...] = (library_files,)
"""What is asked about every pattern file and service registry that is valid YAML."""
_ENTITIES: tuple[_Entities, ...] = (
    unknown_domain,
    table_codes,
    unknown_entity,
    ambiguous_entity,
    duplicate_entity,
    entity_shape,
    unknown_step,
    invalid_step,
    unknown_field,
    specql_refuses,
    generates_nothing,
    patterns,
    services,
)
"""What is asked about every entity."""
_REGISTRIES: tuple[_Registries, ...] = (registry_yaml,)
"""What is asked about every registry YAML."""


def check_file(analysis: Analysis, document: Document) -> list[Finding]:
    """Everything that the rules find in a file, apart from drift."""
    [found] = check_files([FileContext(analysis, document)])
    return found


def check_files(files: Sequence[FileContext]) -> list[list[Finding]]:
    """Everything that the rules find in each of several files, apart from drift.

    Each rule is asked about all files before the next one, so that its code is still in the processor's cache: that
    takes four fifths of the time of asking all rules about one file after the other.
    """
    of_files = _of_files(files)
    errors = [[finding for finding in found if finding.code in syntax.CODES] for found in of_files]
    of_contents = _of_contents(files, errors)
    found: list[list[Finding]] = []
    for file, *parts in zip(files, of_files, errors, of_contents, strict=True):
        together = _together(file, *parts)
        found.append(what_matters(file.document.text, together) if len(together) > 1 else together)
    return found


def _together(
    file: FileContext, of_file: list[Finding], errors: list[Finding], of_contents: list[Finding]
) -> list[Finding]:
    """What is found in a file, of which the errors of its syntax hide a part."""
    document = file.document
    if not errors and not document.tree.has_problems:
        return of_file + of_contents
    from specql_lsp.features.diagnostics.unreadable import understood

    if _is_conflicted(document, errors):
        of_contents = list(_whichever_side(file.analysis, document))
    others = [finding for finding in of_file if finding.code not in syntax.CODES]
    return [*errors, *understood(document, errors, chain(others, of_contents))]


def _is_conflicted(document: Document, errors: Sequence[Finding]) -> bool:
    return bool(errors) and CONFLICT_MARK in document.text


def _of_files(files: Sequence[FileContext]) -> list[list[Finding]]:
    """What is found in the text of each file, whatever it holds."""
    found: list[list[Finding]] = [[] for _ in files]
    _ask(_FILES, list(zip(files, found, strict=True)))
    return found


def _of_contents(files: Sequence[FileContext], errors: Sequence[Sequence[Finding]]) -> list[list[Finding]]:
    """What is found in the library, the entity and the registry that each file is.

    Nothing in a text with merge conflicts, of which each side is to be asked by itself.
    """
    found: list[list[Finding]] = [[] for _ in files]
    libraries: list[tuple[FileContext, list[Finding]]] = []
    entities: list[tuple[RuleContext, list[Finding]]] = []
    registries: list[tuple[RegistryContext, list[Finding]]] = []
    for file, problems, found_here in zip(files, errors, found, strict=True):
        analysis, document = file
        if _is_conflicted(document, problems):
            continue
        if document.library_kind is not None and not problems and not document.tree.has_problems:
            libraries.append((file, found_here))
        entity, registry = document.entity, document.registry
        if entity is not None:
            entities.append((RuleContext(analysis, document, entity), found_here))
        if registry is not None:
            registries.append((RegistryContext(analysis, document, registry), found_here))
    _ask(_LIBRARIES, libraries)
    _ask(_ENTITIES, entities)
    _ask(_REGISTRIES, registries)
    return found


def _ask(
    rules: Iterable[RuleModule[_Context] | RuleFamily[_Context]], contexts: Sequence[tuple[_Context, list[Finding]]]
) -> None:
    """Adds what each rule finds in each context to what was found there."""
    for rule in rules:
        check = rule.check
        for context, found in contexts:
            found += check(context)


def _whichever_side(analysis: Analysis, document: Document) -> Iterator[Finding]:
    """What is found in a text with merge conflicts outside of them, whichever side is kept."""
    conflicts = conflicts_in(document.text)
    found: list[dict[Finding, None]] = []
    for text in sides_of(document.text, conflicts):
        side = Document(document.uri, text, document.version, is_registry=document.is_registry)
        [of_contents] = _of_contents([FileContext(analysis, side)], [()])
        found.append(dict.fromkeys(of_contents))
    for finding in found[0]:
        if finding in found[1] and not any(finding.span.overlaps(conflict.span) for conflict in conflicts):
            yield finding


def fixes_of(analysis: Analysis, document: Document, finding: Finding) -> Iterator[CodeAction]:
    """The changes that the rule of a finding has for it, best first."""
    of_files = _FIXING_FILES.get(finding.code)
    if of_files is not None:
        yield from of_files.fixes(FileContext(analysis, document), finding)
    entity, registry = document.entity, document.registry
    of_entities = _FIXING_ENTITIES.get(finding.code)
    if of_entities is not None and entity is not None:
        yield from of_entities.fixes(RuleContext(analysis, document, entity), finding)
    of_registries = _FIXING_REGISTRIES.get(finding.code)
    if of_registries is not None and registry is not None:
        yield from of_registries.fixes(RegistryContext(analysis, document, registry), finding)


def _fixing(modules: Iterable[RuleModule[_Context] | RuleFamily[_Context]]) -> dict[str, Fixes[_Context]]:
    """The modules that have fixes, by the codes of their rules."""
    fixing = (module for module in modules if hasattr(module, "fixes"))
    return {rule.code: cast(Fixes[_Context], module) for module in fixing for rule in _rules_of(module)}


def _rules_of(module: object) -> tuple[Rule, ...]:
    several: tuple[Rule, ...] = getattr(module, "RULES", ())
    return several or (cast(Rule, getattr(module, "RULE")),)  # noqa: B009 - a module has one of the two


RULES: dict[str, Rule] = {
    rule.code: rule for module in (*_FILES, *_ENTITIES, *_LIBRARIES, *_REGISTRIES, drift) for rule in _rules_of(module)
}
"""Every rule by its code, in the order of the tables."""

_FIXING_FILES = _fixing((*_FILES, *_LIBRARIES))
_FIXING_ENTITIES = _fixing(_ENTITIES)
_FIXING_REGISTRIES = _fixing(_REGISTRIES)
