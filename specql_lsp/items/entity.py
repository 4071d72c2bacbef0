"""An entity file as typed facts with their nodes. A file is an entity's when its top level has the key ``entity``.

Source: SpecQL's parser (versions 0.8.x and 0.9.2): ``entity`` is a name, or a mapping with ``name`` and ``schema``;
``organization`` holds ``table_code`` and, by version, ``domain_name`` or ``domain`` and ``subdomain``.
``lower`` makes these items of a syntax tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import DEFAULT_SCHEMA
from specql_lsp.lazily import lazily
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, shifted, shifted_entries
from specql_lsp.syntax.text import Span

_Fact = TypeVar("_Fact")


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


class FieldFacts(NamedTuple):
    """What other files may know of a field."""

    name: str
    type: str | None
    """Its type as written; None where it has none."""
    nullable: bool | None = None
    """``nullable`` of a mapping; None where the field is a text, or where SpecQL refuses it."""


# A node says what is written in a section of the text, with the section's offsets, and is kept with the section. An
# item is a node in its place: ``shift`` is what the offsets have to be moved by.


class FieldNode(NamedTuple):
    """A field as it is written, or as PyYAML reads it where it is merged through ``<<``."""

    key: Scalar
    entry: Entry
    type: Scalar | None
    references: tuple[EntityReference, ...]
    inherited: bool
    body: Mapping | None
    """The mapping that says what the field is, as PyYAML reads it; None where a type alone does."""
    facts: FieldFacts


class FieldItem(NamedTuple):
    """A field as PyYAML reads it: also one that is merged through ``<<``, with the spans of where it is written."""

    node: FieldNode
    shift: int = 0

    @property
    def name(self) -> str:
        """The field's name."""
        return self.node.key.value

    @property
    def key(self) -> Scalar:
        """The key, which is the name."""
        return moved_scalar(self.node.key, self.shift)

    @property
    def name_span(self) -> Span:
        """The span of the name, without quotes."""
        span = self.node.key.text_span
        return span.shifted(self.shift) if self.shift else span

    @property
    def entry(self) -> Entry:
        """The entry: the key with the type."""
        [entry] = shifted_entries((self.node.entry,), self.shift)
        return entry

    @property
    def span(self) -> Span:
        """The span of the entry."""
        return self.node.entry.span.shifted(self.shift)

    @property
    def type_text(self) -> str | None:
        """The type as written, without quotes; None if there is none."""
        return self.node.type.value if self.node.type is not None else None

    @property
    def type(self) -> Scalar | None:
        """The scalar that holds the type: the value, or ``type`` in a mapping."""
        return moved_scalar(self.node.type, self.shift) if self.node.type is not None else None

    @property
    def references(self) -> tuple[EntityReference, ...]:
        """The entities that the type refers to."""
        return moved_references(self.node.references, self.shift)

    @property
    def inherited(self) -> bool:
        """Whether it is merged into the fields, not written among them."""
        return self.node.inherited


class FieldGroup:
    """All fields of an entity without the place of the group: kept as long as the text of none of them changes.

    Args:
        nodes: the fields.
        shifts: what the offsets of each node have to be moved by where the group itself is not moved.
    """

    __slots__ = ("__dict__", "_known", "nodes", "shifts")

    def __init__(self, nodes: tuple[FieldNode, ...], shifts: tuple[int, ...]) -> None:
        self.nodes = nodes
        self.shifts = shifts
        self._known: dict[object, Any] = {}

    @lazily
    def facts(self) -> tuple[FieldFacts, ...]:
        """What other files may know of each field."""
        return tuple([node.facts for node in self.nodes])

    @lazily
    def names(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset([facts.name for facts in self.facts])

    @lazily
    def names_with_capitals(self) -> frozenset[str]:
        """The names that have a capital letter, in lower case."""
        return frozenset([name.lower() for name in self.names if name != name.lower()])

    @lazily
    def references(self) -> tuple[EntityReference, ...]:
        """The entities that the types refer to, where the group is not moved."""
        return tuple(
            reference
            for node, shift in zip(self.nodes, self.shifts, strict=True)
            if node.references
            for reference in moved_references(node.references, shift)
        )

    def fact(self, work_out: Callable[[FieldGroup], _Fact]) -> _Fact:
        """What a function of a module says about the fields: asked once, also where the text around them changes."""
        known = self._known
        if work_out not in known:
            known.setdefault(work_out, work_out(self))
        found: _Fact = known[work_out]
        return found


class StepNode(NamedTuple):
    """A step as it is written."""

    kind: str
    keyword: Scalar | None
    value: Node | None
    body: Mapping
    entities: tuple[EntityReference, ...]
    steps: tuple[StepNode, ...]
    under: str = ""
    """The key of the list that it is in; empty for an action's own steps."""


class StepItem(NamedTuple):
    """A step of an action."""

    node: StepNode
    shift: int = 0

    @property
    def kind(self) -> str:
        """The key that decides what the step does; empty where it has none that is known."""
        return self.node.kind

    @property
    def keyword(self) -> Scalar | None:
        """That key where it is written."""
        return moved_scalar(self.node.keyword, self.shift) if self.node.keyword is not None else None

    @property
    def value(self) -> Node | None:
        """What follows the keyword."""
        return shifted(self.node.value, self.shift) if self.node.value is not None else None

    @property
    def span(self) -> Span:
        """All of the step."""
        return self.node.body.span.shifted(self.shift)

    @property
    def entities(self) -> tuple[EntityReference, ...]:
        """The entities that the step names itself."""
        return moved_references(self.node.entities, self.shift)

    @property
    def steps(self) -> tuple[StepItem, ...]:
        """The steps beneath it: those of ``then``, ``else`` and the like."""
        return tuple(StepItem(node, self.shift) for node in self.node.steps)

    @property
    def title(self) -> str:
        """The keyword with what follows it on its first line."""
        value = self.node.value
        text = value.value.strip().split("\n", 1)[0] if isinstance(value, Scalar) else ""
        return f"{self.kind}: {text}" if text else self.kind or "step"


class ActionFacts:
    """What functions say about one action: worked out once, and kept as long as its node is."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[object, Any] = {}

    def of(self, action: ActionNode, work_out: Callable[[ActionNode], _Fact]) -> _Fact:
        """The answer of a function."""
        known = self._known
        if work_out not in known:
            known.setdefault(work_out, work_out(action))
        found: _Fact = known[work_out]
        return found

    # Two actions that are written alike are equal, whatever was asked about one of them.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionFacts)

    def __hash__(self) -> int:
        return 0


class ActionNode(NamedTuple):
    """An action as it is written."""

    name: Scalar | None
    body: Mapping
    steps: tuple[StepNode, ...]
    pattern: Scalar | None
    entities: tuple[EntityReference, ...]
    facts: ActionFacts

    def fact(self, work_out: Callable[[ActionNode], _Fact]) -> _Fact:
        """What a function says about this action: asked once, also where the text around it changes.

        Args:
            work_out: has to be a function of a module, and its answer the same for the same action: it may depend on
                nothing else. Spans in the answer are those of the action's nodes.
        """
        return self.facts.of(self, work_out)


class ActionItem(NamedTuple):
    """An action."""

    node: ActionNode
    shift: int = 0

    @property
    def name(self) -> Scalar | None:
        """Its name; None where it has none yet."""
        return moved_scalar(self.node.name, self.shift) if self.node.name is not None else None

    @property
    def span(self) -> Span:
        """All of the action."""
        return self.node.body.span.shifted(self.shift)

    @property
    def steps(self) -> tuple[StepItem, ...]:
        """Its steps in their order."""
        return tuple(StepItem(node, self.shift) for node in self.node.steps)

    @property
    def pattern(self) -> str | None:
        """``pattern`` of SpecQL's beta line: the name of an action pattern."""
        return self.node.pattern.value if self.node.pattern is not None else None

    @property
    def entities(self) -> tuple[EntityReference, ...]:
        """The entities that its steps name, at any depth, in the order of the text."""
        return moved_references(self.node.entities, self.shift)


def moved_scalar(scalar: Scalar, by: int) -> Scalar:
    """The scalar ``by`` code points further on."""
    return scalar._replace(span=scalar.span.shifted(by)) if by else scalar


def moved_references(references: tuple[EntityReference, ...], by: int) -> tuple[EntityReference, ...]:
    """The references ``by`` code points further on."""
    if not by or not references:
        return references
    return tuple(EntityReference(schema, name, span.shifted(by)) for schema, name, span in references)


class PatternItem(NamedTuple):
    """A pattern that an entity applies: by its name, or by ``type`` in a mapping."""

    name: Scalar
    body: Mapping | None


@dataclass(frozen=True)
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
    """None if there is no code, also where ``table_code:`` has no value yet."""
    domain_name: Scalar | None
    """``organization.domain_name`` or, in older files, ``organization.domain``."""
    subdomain: Scalar | None
    description: str | None
    fields_entry: Entry | None
    field_group: FieldGroup
    fields_shift: int
    """What the offsets of the group have to be moved by."""
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

    @lazily
    def fields(self) -> tuple[FieldItem, ...]:
        """The fields in their order."""
        group, by = self.field_group, self.fields_shift
        return tuple([FieldItem(node, shift + by) for node, shift in zip(group.nodes, group.shifts, strict=True)])

    @lazily
    def references(self) -> tuple[EntityReference, ...]:
        """The entities that the fields' types refer to."""
        return moved_references(self.field_group.references, self.fields_shift)

    @lazily
    def named_entities(self) -> tuple[tuple[str | None, str], ...]:
        """Each schema and name once of the entities that the fields' types and the steps name, in their order."""
        named = dict.fromkeys(self.field_group.fact(_named_by_fields))
        for action in self.actions:
            if action.node.entities:
                named.update(dict.fromkeys(action.node.fact(_named_by_action)))
        return tuple(named)

    @lazily
    def actions_with_steps(self) -> tuple[ActionItem, ...]:
        """The actions that may have steps: most have a name alone."""
        return tuple([action for action in self.actions if action.node.steps or len(action.node.body.entries) > 1])

    @lazily
    def step_entities(self) -> tuple[EntityReference, ...]:
        """The entities that steps name, in the order of the text."""
        return tuple(reference for action in self.actions for reference in action.entities)


def _named_by_fields(fields: FieldGroup) -> tuple[tuple[str | None, str], ...]:
    return tuple(dict.fromkeys([reference[:2] for reference in fields.references]))


def _named_by_action(action: ActionNode) -> tuple[tuple[str | None, str], ...]:
    return tuple([reference[:2] for reference in action.entities])
