"""The symbols of a document: an entity with its fields, actions and steps; a registry with what it registers.

Also a pattern with its parameters, and services with their operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specql_lsp.features.model import OutlineKind, OutlineSymbol
from specql_lsp.items.entity import ActionItem, EntityItem, FieldItem, StepItem
from specql_lsp.items.pattern_file import lower_pattern
from specql_lsp.items.registry_file import DomainNode, EntityNode, SubdomainNode
from specql_lsp.items.service_file import lower_services
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

_LONGEST = 80
"""A longer name or detail is cut: lists show one line."""


def document_symbols(document: Document) -> tuple[OutlineSymbol, ...]:
    """The symbols of a document, outermost first; none in a file that is not SpecQL's."""
    if document.registry is not None:
        return tuple(map(_domain, document.registry.domains))
    if document.entities or document.library is None:
        return tuple(map(_entity, document.entities))
    return tuple(_library(document))


def _library(document: Document) -> Iterator[OutlineSymbol]:
    """A pattern with its parameters, or services with their operations."""
    pattern, registry = lower_pattern(document.tree), lower_services(document.tree)
    if document.library is not None and document.library.patterns and pattern is not None:
        span = document.tree.root.span if document.tree.root is not None else pattern.name.span
        parameters = [(each.name, each.body, each.type or "") for each in pattern.parameters]
        yield OutlineSymbol(
            _name(pattern.name, "pattern"),
            OutlineKind.PATTERN,
            span,
            _within(span, pattern.name.text_span),
            _shortened(pattern.description or ""),
            _named(OutlineKind.PARAMETER, span, parameters),
        )
    elif registry is not None:
        for service in registry.services:
            span = service.body.span
            operations = [(each.name, each.body, "") for each in service.operations]
            yield OutlineSymbol(
                _name(service.name, "service"),
                OutlineKind.SERVICE,
                span,
                _within(span, service.name.text_span),
                _shortened(service.type or ""),
                _named(OutlineKind.ACTION, span, operations),
            )


def _named(kind: OutlineKind, around: Span, items: Iterable[tuple[Scalar, Mapping, str]]) -> tuple[OutlineSymbol, ...]:
    """Mappings of a list with their names, those that are written in a span."""
    return tuple(
        OutlineSymbol(_name(name, kind.name.lower()), kind, body.span, _within(body.span, name.text_span), detail)
        for name, body, detail in items
        if _holds(around, body.span)
    )


def _entity(entity: EntityItem) -> OutlineSymbol:
    span = entity.root.span
    key = entity.entity_entry.key
    children = (*_fields(entity.fields), *_actions(entity.actions))
    inside = sorted((child for child in children if _holds(span, child.span)), key=lambda child: child.span)
    detail = f"{entity.schema} · {entity.code}" if entity.code else entity.schema
    return OutlineSymbol(
        _name(entity.name, "entity"),
        OutlineKind.ENTITY,
        span,
        _within(span, entity.name.text_span if entity.name else key.span),
        _shortened(detail),
        tuple(inside),
    )


def _fields(fields: Iterable[FieldItem]) -> Iterator[OutlineSymbol]:
    kind = OutlineKind.FIELD
    for field in fields:
        span, type_text = field.span, field.type_text
        detail = _shortened(type_text) if type_text else ""
        yield OutlineSymbol(_shortened(field.name), kind, span, _within(span, field.name_span), detail)


def _actions(actions: Iterable[ActionItem]) -> Iterator[OutlineSymbol]:
    for action in actions:
        span = action.span
        selection = _within(span, action.name.text_span if action.name else span)
        detail = _shortened(action.pattern or "")
        steps = _steps(span, action.steps)
        yield OutlineSymbol(_name(action.name, "action"), OutlineKind.ACTION, span, selection, detail, steps)


def _steps(around: Span, steps: Iterable[StepItem]) -> tuple[OutlineSymbol, ...]:
    """The steps that are written in a span: what an alias refers to is written elsewhere."""
    found: list[OutlineSymbol] = []
    for step in steps:
        span = step.span
        if _holds(around, span):
            selection = _within(span, step.keyword.span if step.keyword else span)
            beneath = _steps(span, step.steps)
            found.append(OutlineSymbol(_shortened(step.title), OutlineKind.STEP, span, selection, children=beneath))
    return tuple(found)


def _domain(domain: DomainNode) -> OutlineSymbol:
    span = domain.entry.span
    children = tuple(_subdomain(each) for each in domain.subdomains if _holds(span, each.entry.span))
    return _numbered(domain, OutlineKind.DOMAIN, children)


def _subdomain(subdomain: SubdomainNode) -> OutlineSymbol:
    span = subdomain.entry.span
    children = tuple(_registered(each) for each in subdomain.entities if _holds(span, each.entry.span))
    return _numbered(subdomain, OutlineKind.SUBDOMAIN, children)


def _numbered(
    node: DomainNode | SubdomainNode, kind: OutlineKind, children: tuple[OutlineSymbol, ...]
) -> OutlineSymbol:
    span, number = node.entry.span, _name(node.number, kind.name.lower())
    has_name = node.name is not None and node.name.value.strip()
    name, detail = (_name(node.name, number), number) if has_name else (number, "")
    return OutlineSymbol(name, kind, span, _within(span, node.number.text_span), detail, children)


def _registered(entity: EntityNode) -> OutlineSymbol:
    span = entity.entry.span
    code = _shortened(entity.code.value) if entity.code else ""
    return OutlineSymbol(_name(entity.name, "entity"), OutlineKind.ENTITY, span, _within(span, entity.name.span), code)


def _name(scalar: Scalar | None, otherwise: str) -> str:
    return _shortened(scalar.value) if scalar is not None and scalar.value.strip() else f"({otherwise} without a name)"


def _shortened(text: str) -> str:
    line = text if text.isidentifier() else " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _within(span: Span, selection: Span) -> Span:
    """A selection that is in its span, as LSP asks for; the span's beginning where it is written elsewhere."""
    return selection if _holds(span, selection) else Span(span.start, span.start)
