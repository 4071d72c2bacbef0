"""What other files may know of one file: its definitions, uses, and a signature for each key.

A key's *signature* is the hash of what the findings of other files are made of. An edit that changes no signature, as
one in an action's body, concerns no other file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from specql_lsp.index.symbols import (
    Definition,
    Key,
    Use,
    UseKind,
    action_key,
    code_key,
    entity_key,
    field_key,
    schema_key,
    spot_of,
    subdomain_key,
)
from specql_lsp.items.entity import EntityItem, EntityReference
from specql_lsp.syntax.nodes import Scalar, ScalarStyle
from specql_lsp.syntax.text import LineIndex, Span

_QUOTED = frozenset({ScalarStyle.SINGLE_QUOTED, ScalarStyle.DOUBLE_QUOTED})


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What other files may know of a file."""

    uri: str
    definitions: tuple[Definition, ...]
    uses: tuple[Use, ...]
    signatures: Mapping[Key, int]
    """For each key that the file defines, and for each table code that it uses."""


def changed_keys(before: FileSummary | None, after: FileSummary | None) -> frozenset[Key]:
    """The keys that two summaries of one file do not agree on; None where the file says nothing to others."""
    old = before.signatures if before else {}
    new = after.signatures if after else {}
    if old == new:
        return frozenset()
    return frozenset(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def summarize(uri: str, entities: Iterable[EntityItem], lines: LineIndex) -> FileSummary:
    """The summary of a file with entities.

    Args:
        uri: the file.
        entities: its entities, one a YAML document.
        lines: the index of its lines.
    """
    definitions: list[Definition] = []
    uses: list[Use] = []
    signatures: dict[Key, int] = {}
    for entity in entities:
        definitions.extend(_definitions(entity, lines))
        uses.extend(_uses(entity, lines))
        for key, seen in _signatures(entity, lines):
            # Several documents of one file may define the same.
            signatures[key] = hash((signatures.get(key), seen))
    return FileSummary(uri, tuple(definitions), _each_once(uses), signatures)


def _definitions(entity: EntityItem, lines: LineIndex) -> Iterator[Definition]:
    name = entity.name
    if name is None:
        return
    yield Definition(entity_key(name.value, entity.schema), name.value, spot_of(lines, text_span(name)))
    for field in entity.fields:
        yield Definition(
            field_key(field.name, name.value, entity.schema), field.name, spot_of(lines, text_span(field.key))
        )
    for action in entity.actions:
        if action.name is not None:
            key = action_key(action.name.value, name.value, entity.schema)
            yield Definition(key, action.name.value, spot_of(lines, text_span(action.name)))


def _uses(entity: EntityItem, lines: LineIndex) -> Iterator[Use]:
    if entity.schema_node is not None:
        span = text_span(entity.schema_node)
        yield Use(schema_key(entity.schema), UseKind.SCHEMA, spot_of(lines, span))
    if entity.domain_name is not None:
        span = text_span(entity.domain_name)
        yield Use(schema_key(entity.domain_name.value), UseKind.DOMAIN, spot_of(lines, span))
        if entity.subdomain is not None:
            key = subdomain_key(entity.subdomain.value, entity.domain_name.value)
            yield Use(key, UseKind.SUBDOMAIN, spot_of(lines, text_span(entity.subdomain)))
    if entity.table_code is not None and entity.code:
        yield Use(code_key(entity.code), UseKind.CODE, spot_of(lines, text_span(entity.table_code)))
    for kind, references in (
        (UseKind.REF, entity.references),
        (UseKind.STEP, entity.step_entities),
        (UseKind.VIEW, entity.view_entities),
    ):
        for reference in references:
            yield from _reference_uses(reference, kind, lines)
    if entity.name is not None:
        for mention in entity.field_mentions:
            key = field_key(mention.value, entity.name.value, entity.schema)
            yield Use(key, UseKind.FIELD, spot_of(lines, text_span(mention)))


def _reference_uses(reference: EntityReference, kind: UseKind, lines: LineIndex) -> Iterator[Use]:
    yield Use(
        entity_key(reference.name, reference.schema or ""),
        kind,
        spot_of(lines, reference.name_span),
    )
    if reference.schema and reference.name_span.start > reference.span.start:
        span = Span(reference.span.start, reference.span.start + len(reference.schema))
        yield Use(schema_key(reference.schema), UseKind.SCHEMA, spot_of(lines, span))


def _each_once(uses: Iterable[Use]) -> tuple[Use, ...]:
    """The uses in the order of the text; one that is reached by several aliases is given once."""
    return tuple(sorted(dict.fromkeys(uses), key=lambda use: use.spot.start))


def _signatures(entity: EntityItem, lines: LineIndex) -> Iterator[tuple[Key, object]]:
    """Each key with what the findings of other files are made of."""
    name = entity.name
    if name is None:
        return
    # A look-up without a schema asks which schemas have the name; one within a schema is shown the place, too.
    yield entity_key(name.value), (name.value, entity.schema)
    yield entity_key(name.value, entity.schema), (name.value, spot_of(lines, name.span))
    if entity.table_code is not None and entity.code:
        yield code_key(entity.code), (name.value, entity.schema, spot_of(lines, entity.table_code.span))
    for field in entity.fields:
        key = field_key(field.name, name.value, entity.schema)
        yield key, field.type.value if field.type else None


def text_span(scalar: Scalar) -> Span:
    """The span of a scalar's text, without its quotes."""
    start, end = scalar.span
    if scalar.style in _QUOTED and end - start >= len(scalar.value) + 2:
        return Span(start + 1, end - 1)
    return scalar.span
