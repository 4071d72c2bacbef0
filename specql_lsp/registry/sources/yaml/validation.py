"""The validator of a registry YAML: one table of rules for the editor, ``registry migrate`` and ``registry export``.

Reading a registry never depends on it: what has another shape than expected is left out (``items.registry_file``), and
real registries lack keys that SpecQL needs. Layers, inference patterns and short codes are checked only as far as
SpecQL needs them. What PostgreSQL's tables cannot store is ``migration.storage``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.registry.sources.yaml.findings import RegistryFinding, Rule
from specql_lsp.registry.sources.yaml.shape import shape_findings
from specql_lsp.registry.sources.yaml.specql_needs import specql_findings
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.pyyaml.differences import document_problems
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import is_null


class Use(Enum):
    """Who validates a registry YAML."""

    EDITOR = "editor"
    """Reports findings as ``invalid-registry``. The other diagnostics of any YAML file are not repeated."""
    MIGRATION = "migration"
    """Refuses to migrate a registry with any finding."""
    EXPORT_INPUT = "export-input"
    """Refuses to update a file with any finding."""
    EXPORT = "export"
    """Refuses to write a text with any finding. What SpecQL needs has been added to it before."""


class Policy(NamedTuple):
    """How a rule is applied."""

    severity: Severity
    uses: frozenset[Use]
    diagnostic: str
    """The diagnostic that reports it in an editor."""


_REFUSALS = frozenset({Use.MIGRATION, Use.EXPORT})
RULES: dict[Rule, Policy] = {
    Rule.NOT_YAML: Policy(Severity.ERROR, _REFUSALS | {Use.EXPORT_INPUT}, "yaml-syntax"),
    Rule.UNCLEAR_STRUCTURE: Policy(Severity.ERROR, _REFUSALS | {Use.EXPORT_INPUT}, "yaml-syntax"),
    Rule.NOT_A_REGISTRY: Policy(Severity.ERROR, frozenset({Use.EXPORT_INPUT}), "invalid-registry"),
    Rule.READ_DIFFERENTLY: Policy(Severity.ERROR, _REFUSALS, "several-documents"),
    Rule.NOT_READ: Policy(Severity.ERROR, _REFUSALS | {Use.EDITOR}, "invalid-registry"),
    Rule.MISREAD_TEXT: Policy(Severity.ERROR, _REFUSALS | {Use.EDITOR}, "invalid-registry"),
    Rule.MISREAD_CODE: Policy(Severity.ERROR, _REFUSALS, "unquoted-table-code"),
    Rule.REPEATED_KEY: Policy(Severity.WARNING, frozenset({Use.MIGRATION}), "duplicate-key"),
    Rule.STOPS_SPECQL: Policy(Severity.ERROR, frozenset({Use.EDITOR}), "invalid-registry"),
}


SYNTAX_RULES = frozenset({Rule.NOT_YAML, Rule.UNCLEAR_STRUCTURE})
"""The rules about the YAML itself."""


def validate(registry: RegistryFile, tree: SyntaxTree, use: Use) -> tuple[RegistryFinding, ...]:
    """The findings of a registry YAML on which a use acts, in the order of the text.

    Args:
        registry: the document's registry nodes (``read_registry(tree)``).
        tree: the document's syntax tree.
        use: who asks.

    Where the text is not YAML, what seems to be missing may only not have been understood: then the findings are those
    about the YAML alone. The value of several aliases is reported once.
    """
    syntax = tuple(_syntax_findings(tree)) if use in RULES[Rule.NOT_YAML].uses else ()
    if syntax and not is_readable(registry, tree):
        return syntax
    found: list[RegistryFinding] = list(syntax)
    if use in RULES[Rule.STOPS_SPECQL].uses:
        found += specql_findings(registry, tree)
    stopping = {finding.span for finding in found}
    for finding in _content_findings(registry, tree, use):
        # Of several findings at one place SpecQL's own obstacle comes first, and it is enough.
        if use in RULES[finding.rule].uses and (use is not Use.EDITOR or finding.span not in stopping):
            found.append(finding)
            stopping.add(finding.span)
    return tuple(sorted(found, key=lambda finding: finding.span))


def is_readable(registry: RegistryFile, tree: SyntaxTree) -> bool:
    """Whether a text can be read as a registry: its structure is understood, and ``domains`` holds a mapping."""
    entry = registry.domains_entry
    return not tree.problems and not tree.broken and entry is not None and tree.mapping(entry.value) is not None


def _syntax_findings(tree: SyntaxTree) -> Iterator[RegistryFinding]:
    errors = syntax_errors(tree)
    for span, message in errors:
        yield RegistryFinding(span, Rule.NOT_YAML, message)
    if not errors and (tree.has_problems or tree.broken):
        span = tree.problems[0].span if tree.problems else Span(0, 0)
        yield RegistryFinding(span, Rule.UNCLEAR_STRUCTURE, "The structure of this YAML is not understood here.")


def _content_findings(registry: RegistryFile, tree: SyntaxTree, use: Use) -> Iterator[RegistryFinding]:
    if use in RULES[Rule.NOT_A_REGISTRY].uses:
        yield from _kind_findings(registry, tree)
    if use in RULES[Rule.READ_DIFFERENTLY].uses:
        for fault in document_problems(tree):
            yield RegistryFinding(fault.span, Rule.READ_DIFFERENTLY, fault.message)
    if use in RULES[Rule.NOT_READ].uses:
        yield from shape_findings(registry, tree)


def _kind_findings(registry: RegistryFile, tree: SyntaxTree) -> Iterator[RegistryFinding]:
    """Whether a document is a registry, or can become one. A missing ``domains`` is added by an export."""
    root, domains = tree.root, registry.domains_entry
    if root is not None and not isinstance(root, Mapping):
        message = "A registry is a mapping, with its domains under the key domains."
        yield RegistryFinding(root.span, Rule.NOT_A_REGISTRY, message)
    entity = root.entry("entity") if isinstance(root, Mapping) else None
    if entity is not None and domains is None:
        yield RegistryFinding(entity.span, Rule.NOT_A_REGISTRY, "This file defines an entity; it is no registry.")
    value = tree.resolve(domains.value) if domains is not None else None
    if value is not None and not isinstance(value, Mapping) and not (isinstance(value, Scalar) and is_null(value)):
        message = "The key domains must hold a mapping from domain numbers to domains."
        yield RegistryFinding(value.span, Rule.NOT_A_REGISTRY, message)
