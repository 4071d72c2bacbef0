"""``invalid-pattern-file`` and ``invalid-service-registry``: what SpecQL's beta line refuses of these files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from specql_lsp.features.diagnostics.library_shape import Problem, shape
from specql_lsp.features.diagnostics.rule import FileContext, Rule
from specql_lsp.features.diagnostics.words import listed, shortened
from specql_lsp.features.model import ActionKind, CodeAction, Finding, Related
from specql_lsp.index.library import LibraryKind, pattern_path
from specql_lsp.index.symbols import place
from specql_lsp.items.pattern_file import lower_pattern
from specql_lsp.items.service_file import ServiceFile, ServiceItem, lower_services
from specql_lsp.language.names import nearest
from specql_lsp.language.tables.library import EXECUTION_TYPES, PARAMETER_TYPES, UNCHECKED_TYPES
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Node, Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.yaml11 import is_null, is_text
from specql_lsp.workspace.documents import Document

if TYPE_CHECKING:
    from specql_lsp.syntax.editing.values import RawScalar, TextScalar

_PATTERN_BETTER = """\
-- stdlib/actions/state_machine/transition.yaml --
pattern: state_machine/transition
version: 1.0
description: Moves to another state
parameters:
  - {name: to_state, type: string, required: true}
template: |
  steps:
    - update: "{{ entity.name }} SET status = '{{ to_state }}'"
"""
_SERVICE_BETTER = """\
-- registry/service_registry.yaml --
services:
  - name: stripe
    type: payment
    category: financial
    operations:
      - name: create_charge
"""
PATTERN_FILE = Rule(
    code="invalid-pattern-file",
    severity=Severity.WARNING,
    summary="A pattern file is not as SpecQL's beta line needs it, so that actions cannot name the pattern.",
    explanation=(
        "The beta line of SpecQL reads an action pattern from the file under `stdlib/actions` that has the pattern's "
        "name for its path, with the ending `.yaml`. It stops where the file lacks `pattern`, `version`, "
        "`description` or `template`, where `parameters` is no list, and where a parameter lacks `name` or `type`. Of "
        "a parameter whose type it does not know it checks no value.\n\nSpecQL 0.9.2 reads no pattern files."
    ),
    example=_PATTERN_BETTER.replace("version: 1.0\n", ""),
    better=_PATTERN_BETTER,
    waits=True,
    fix="Adds what is missing, or changes the name or the type to the one that is meant.",
)
SERVICE_REGISTRY = Rule(
    code="invalid-service-registry",
    severity=Severity.WARNING,
    summary="The service registry is not as SpecQL's beta line needs it.",
    explanation=(
        "The beta line of SpecQL stops at a service without `name`, `type`, `category` or `operations`, at an "
        "operation without `name`, at a schema that is no mapping, and at an `execution_type` that is none of `http`, "
        "`shell`, `docker` and `serverless`. Of two services of one name, whatever the case, it knows the last one, of "
        "two operations the first one.\n\nSpecQL 0.9.2 reads no service registry."
    ),
    example=_SERVICE_BETTER.replace("    category: financial\n", ""),
    better=_SERVICE_BETTER,
    waits=True,
    fix="Adds what is missing, or changes the value to the one that is meant.",
)
RULES = (PATTERN_FILE, SERVICE_REGISTRY)

_TYPE_WORDS = {
    "str": "string",
    "text": "string",
    "varchar": "string",
    "int": "integer",
    "bigint": "integer",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "map": "object",
    "mapping": "object",
    "json": "object",
    "float": "number",
    "decimal": "number",
}
"""What other languages call a type, and SpecQL's own."""
_SIMPLE_TYPES = tuple(name for name in (*PARAMETER_TYPES, *UNCHECKED_TYPES) if name.isalpha())
_LIST = re.compile(r"(?:array|list)\s*[<\[(]\s*(?P<of>\w+)\s*[>\])]")
_ENUM = re.compile(r"enum\s*[(<{](?P<values>[^\[\](){}<>]*)[)>}]")


def check(context: FileContext) -> Iterator[Finding]:
    """What the beta line refuses of a pattern file or of the service registry."""
    document = context.document
    kind, table = document.library_kind, document.key_table
    if kind is None or table is None:
        return
    rule = PATTERN_FILE if kind is LibraryKind.PATTERN else SERVICE_REGISTRY
    for problem in shape(document.tree, table):
        if isinstance(problem, Problem):
            yield rule.finding(problem.span, problem.message, replacements=problem.replacements)
        else:
            yield problem
    yield from _pattern(document) if kind is LibraryKind.PATTERN else _services(document)


def _pattern(document: Document) -> Iterator[Finding]:
    pattern = lower_pattern(document.tree)
    root = document.tree.mapping(document.tree.root)
    if pattern is not None:
        yield from _name(document, pattern.name)
    for parameter in pattern.parameters if pattern is not None else ():
        written = parameter.body.entry("type")
        if written is not None:
            yield from _type(document.tree.resolve(written.value))
    template = root.entry("template") if root is not None else None
    value = document.tree.resolve(template.value) if template is not None else None
    if template is not None and isinstance(value, Scalar) and is_text(value) and not value.value.strip():
        message = "The template is empty: the beta line of SpecQL refuses an action of the pattern. Write its steps."
        yield PATTERN_FILE.finding(_span(template.key), message)


def _name(document: Document, name: Scalar) -> Iterator[Finding]:
    path = pattern_path(document.uri)
    if path is None:
        message = (
            "The beta line of SpecQL looks for a pattern in a file whose name ends with .yaml, and does not find this "
            "one: rename the file."
        )
        yield PATTERN_FILE.finding(name.text_span, message)
    elif name.value.strip() != path:
        message = (
            f"The beta line of SpecQL finds the pattern by the place of its file, as {shortened(path)}, whatever it is "
            f"called here: write {shortened(path)}, or move the file."
        )
        yield PATTERN_FILE.finding(name.text_span, message, replacements=(path,))


def _type(value: Node | None) -> Iterator[Finding]:
    if not isinstance(value, Scalar) or not is_text(value):
        return
    meant = meant_type(value.value)
    if meant is not None:
        message = (
            f"The beta line of SpecQL knows no type {shortened(value.value)} and takes any value for the parameter. "
            f"Did you mean {meant}?"
        )
        yield PATTERN_FILE.finding(value.text_span, message, replacements=(meant,))


def meant_type(text: str) -> str | None:
    """The type that is meant by a text that is none; None for a type, and where nothing is near."""
    if text in _SIMPLE_TYPES or (text.startswith("enum[") and text.endswith("]")):
        return None
    listed_type = _LIST.fullmatch(text.strip())
    if listed_type is not None:
        of = _simple(listed_type["of"]) or listed_type["of"]
        meant = f"array<{of}>"
        return meant if meant != text else None
    enum = _ENUM.fullmatch(text.strip())
    return f"enum[{enum['values'].strip()}]" if enum is not None else _simple(text)


def _simple(text: str) -> str | None:
    """The simple type that is meant by a word that is none."""
    word = text.strip().lower()
    if text in _SIMPLE_TYPES:
        return None
    return word if word in _SIMPLE_TYPES else _TYPE_WORDS.get(word) or nearest(word, _SIMPLE_TYPES)


def _services(document: Document) -> Iterator[Finding]:
    registry = lower_services(document.tree)
    if registry is None:
        return
    for service in registry.services:
        yield from _service(document, service)
    yield from _same_names(document, registry)


def _service(document: Document, service: ServiceItem) -> Iterator[Finding]:
    written = service.body.entry("execution_type")
    if written is None:
        return
    value = document.tree.resolve(written.value)
    types = listed(EXECUTION_TYPES, "or")
    if not isinstance(value, Scalar) or is_null(value) or not is_text(value):
        message = f"execution_type is {types}: the beta line of SpecQL refuses another value."
        yield SERVICE_REGISTRY.finding(_span(written.key), message)
    elif value.value.lower() not in EXECUTION_TYPES:
        near = nearest(value.value.lower(), EXECUTION_TYPES)
        message = (
            f"{shortened(value.value)} is no execution type, and the beta line of SpecQL refuses it: write {types}."
        )
        yield SERVICE_REGISTRY.finding(value.text_span, message, replacements=(near,) if near else ())


def _same_names(document: Document, registry: ServiceFile) -> Iterator[Finding]:
    last = {service.name.value.lower(): service for service in registry.services}
    for service in registry.services:
        other = last[service.name.value.lower()]
        if other is not service and other.name.span != service.name.span:
            name = shortened(service.name.value)
            related = (Related(place(document, other.name.text_span), "The one that counts"),)
            message = f"The service {name} is there again below: the beta line of SpecQL knows the last one only."
            yield SERVICE_REGISTRY.finding(service.name.text_span, message, related=related)
        first: dict[str, Span] = {}
        for operation in service.operations:
            there = first.setdefault(operation.name.value, operation.name.span)
            if there != operation.name.span:
                name = shortened(operation.name.value)
                message = (
                    f"The service has an operation {name} already: the beta line of SpecQL knows the first one only."
                )
                yield SERVICE_REGISTRY.finding(operation.name.text_span, message)


def _span(key: Node) -> Span:
    return key.text_span if isinstance(key, Scalar) else key.span


_VALUES = {"version": "1.0", "operations": "[]", "category": "''", "description": "''"}
"""What a fix writes for a key, to be filled in."""


def fixes(context: FileContext, finding: Finding) -> Iterator[CodeAction]:
    """Adds the keys that a mapping lacks, as far as something can be written for them."""
    from specql_lsp.features.entry_edits import add_last

    tree, table = context.document.tree, context.document.key_table
    if table is None or finding.replacements:
        return
    for problem in shape(tree, table):
        if not isinstance(problem, Problem) or (problem.span, problem.message) != (finding.span, finding.message):
            continue
        body = problem.body
        if body is None or not body.entries:
            continue
        values = ((key, _value_of(key, context.document)) for key in problem.missing)
        added = [(key, value) for key, value in values if value is not None]
        edits = tuple(edit for key, value in added for edit in add_last(tree, body, key, value))
        if added:
            title = f"Add {listed([key for key, _ in added])}"
            yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), edits, preferred=True)


def _value_of(key: str, document: Document) -> TextScalar | RawScalar | None:
    from specql_lsp.syntax.editing.values import RawScalar, TextScalar

    is_pattern = document.library_kind is LibraryKind.PATTERN
    if key == "pattern":
        path = pattern_path(document.uri)
        return TextScalar(path) if path is not None else None
    if key == "type":
        return TextScalar("string" if is_pattern else "")
    return RawScalar(_VALUES[key]) if key in _VALUES else None
