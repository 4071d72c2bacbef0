"""The rules: tables of their modules, in the order in which they are asked (``specql_lsp.features.diagnostics.rule``).

To add a rule, import its module and add it to the table of what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    found = [finding for rule in _FILES for finding in rule.check(FileContext(analysis, document))]
    errors = [finding for finding in found if finding.code in syntax.CODES]
    of_contents = _of_contents(analysis, document, is_yaml=not errors)
    if errors or document.tree.has_problems:
        from specql_lsp.features.diagnostics.unreadable import understood

        if errors and CONFLICT_MARK in document.text:
            of_contents = _whichever_side(analysis, document)
        others = [finding for finding in found if finding.code not in syntax.CODES]
        found = [*errors, *understood(document, errors, chain(others, of_contents))]
    else:
        found += of_contents
    return what_matters(document.text, found) if len(found) > 1 else found


def _of_contents(analysis: Analysis, document: Document, *, is_yaml: bool) -> Iterator[Finding]:
    entity, registry = document.entity, document.registry
    if document.library_kind is not None and is_yaml and not document.tree.has_problems:
        for of_libraries in _LIBRARIES:
            yield from of_libraries.check(FileContext(analysis, document))
    if entity is not None:
        context = RuleContext(analysis, document, entity)
        for of_entities in _ENTITIES:
            yield from of_entities.check(context)
    if registry is not None:
        for of_registries in _REGISTRIES:
            yield from of_registries.check(RegistryContext(analysis, document, registry))


def _whichever_side(analysis: Analysis, document: Document) -> Iterator[Finding]:
    """What is found in a text with merge conflicts outside of them, whichever side is kept."""
    conflicts = conflicts_in(document.text)
    found: list[dict[Finding, None]] = []
    for text in sides_of(document.text, conflicts):
        side = Document(document.uri, text, document.version, is_registry=document.is_registry)
        found.append(dict.fromkeys(_of_contents(analysis, side, is_yaml=True)))
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


_Context = TypeVar("_Context")


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
