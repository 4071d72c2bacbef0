"""An entity file as typed facts with their nodes. A file is an entity's when its top level has the key ``entity``.

Source: SpecQL's parser (versions 0.8.x and 0.9.2): ``entity`` is a name, or a mapping with ``name`` and ``schema``;
``organization`` holds ``table_code`` and, by version, ``domain_name`` or ``domain`` and ``subdomain``.
``lower`` makes these items of a syntax tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import DEFAULT_SCHEMA
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar
from specql_lsp.syntax.text import Span


class EntityReference(NamedTuple):
    """An entity named by a field's ``ref(…)``, a step or a table view, with its span in the file."""

    schema: str | None
    name: str
    span: Span
    """The name with the schema before it; an alias's span where the name is written elsewhere."""

    @property
    def name_span(self) -> Span:
        """The span of the name without its schema."""
        return Span(max(self.span.start, self.span.end - len(self.name)), self.span.end)

    @property
    def schema_span(self) -> Span | None:
        """The span of the schema before the name; None where none is written there."""
        if self.schema is None or self.name_span.start <= self.span.start:
            return None
        return Span(self.span.start, min(self.span.start + len(self.schema), self.name_span.start))


class FieldItem(NamedTuple):
    """A field as PyYAML reads it: also one that is merged through ``<<``, with the spans of where it is written."""

    key: Scalar
    entry: Entry
    type: Scalar | None
    """The scalar that holds the type: the value, or ``type`` in a mapping."""
    references: tuple[EntityReference, ...]
    inherited: bool
    """Whether it is merged into the fields, not written among them."""

    @property
    def name(self) -> str:
        """The field's name."""
        return self.key.value


class StepItem(NamedTuple):
    """A step of an action."""

    kind: str
    """The key that decides what the step does; empty where it has none that is known."""
    keyword: Scalar | None
    value: Node | None
    body: Mapping
    entities: tuple[EntityReference, ...]
    """The entities that the step names."""
    steps: tuple[StepItem, ...]
    """The steps beneath it: those of ``then``, ``else`` and the like."""

    @property
    def title(self) -> str:
        """The keyword with what follows it on its first line."""
        text = self.value.value.strip().split("\n", 1)[0] if isinstance(self.value, Scalar) else ""
        return f"{self.kind}: {text}" if text else self.kind or "step"


class ActionItem(NamedTuple):
    """An action. ``name`` is None where it has none yet."""

    name: Scalar | None
    body: Mapping
    steps: tuple[StepItem, ...]
    pattern: Scalar | None
    """``pattern`` of SpecQL's beta line: the name of an action pattern."""


class PatternItem(NamedTuple):
    """A pattern that an entity applies: by its name, or by ``type`` in a mapping."""

    name: Scalar
    body: Mapping | None


@dataclass(frozen=True, slots=True)
class EntityItem:
    """The entity in one document of a file."""

    root: Mapping
    """The document's mapping as it is written; the facts are those of the mapping as PyYAML reads it."""
    entity_entry: Entry
    name: Scalar | None
    schema_node: Scalar | None
    organization_entry: Entry | None
    organization: Mapping | None
    table_code: Scalar | None
    """None where there is no code, also where ``table_code:`` has no value yet."""
    domain_name: Scalar | None
    """``organization.domain_name`` or, in older files, ``organization.domain``."""
    subdomain: Scalar | None
    description: str | None
    fields_entry: Entry | None
    fields: tuple[FieldItem, ...]
    actions_entry: Entry | None
    actions: tuple[ActionItem, ...]
    patterns: tuple[PatternItem, ...]
    view_entities: tuple[EntityReference, ...]
    """The entities that ``table_views.include_relations`` names, at any depth."""
    field_mentions: tuple[Scalar, ...]
    """The fields that ``translations`` and ``identifier`` name."""

    @property
    def schema(self) -> str:
        """The schema's name, or the default one."""
        return self.schema_node.value if self.schema_node else DEFAULT_SCHEMA

    @property
    def code(self) -> str | None:
        """The table code in upper case, as written."""
        return codes.normalize(self.table_code.value) if self.table_code else None

    @property
    def references(self) -> tuple[EntityReference, ...]:
        """The entities that the fields' types refer to."""
        return tuple(reference for field in self.fields for reference in field.references)

    @property
    def step_entities(self) -> tuple[EntityReference, ...]:
        """The entities that steps name, in the order of the text."""
        found: list[EntityReference] = []
        stack = [step for action in reversed(self.actions) for step in reversed(action.steps)]
        while stack:
            step = stack.pop()
            found.extend(step.entities)
            stack.extend(reversed(step.steps))
        return tuple(found)
