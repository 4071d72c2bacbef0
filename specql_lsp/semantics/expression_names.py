"""Which words of steps SpecQL 0.9.2 refuses, and which of them really are the names of nothing.

SpecQL takes every word of an expression for a field of the file's entity (``language.checked_words``). A word that it
refuses may be fine: SQL, a parameter, a variable, a field of another entity. It is wrong only where it can be nothing
but a field, and the entity that it would belong to has no such field. Whatever is not certain is not wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.index.workspace_index import Definition
from specql_lsp.items.entity import ActionNode, EntityItem, FieldGroup, StepNode
from specql_lsp.language.checked_words import CHECKED_KINDS, CheckedWord, checked_words
from specql_lsp.language.expressions.heads import parse_declaration, parse_row_head
from specql_lsp.language.expressions.nodes import Expression, Name, NameRole, Operation, Path, Prefix, Query, children
from specql_lsp.language.expressions.parser import parse_expression
from specql_lsp.language.names import RESERVED_FIELD_NAMES, nearest
from specql_lsp.language.sql import CONTEXT_VARIABLES, KEYWORDS, VARIABLE_PREFIX, functions
from specql_lsp.language.type_syntax import EnumType, parse_field_type
from specql_lsp.lazily import lazily
from specql_lsp.semantics.field_mentions import FieldMention
from specql_lsp.semantics.resolve import Site, definitions_meant, site_of
from specql_lsp.semantics.steps import actions_with_steps, steps_read
from specql_lsp.syntax import nodes
from specql_lsp.syntax.nodes import Node, Scalar, Sequence
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

# What SpecQL refuses.


class RefusedStep(NamedTuple):
    """A step whose text has words that SpecQL refuses; spans of the nodes are those of the action's section."""

    action: ActionNode
    shift: int
    step: StepNode
    scalar: Scalar
    """What the words are in: their spans count in its value."""
    words: tuple[CheckedWord, ...]
    """In the order in which SpecQL comes upon them: it stops at the first."""


class _CheckedText(NamedTuple):
    step: StepNode
    scalar: Scalar
    words: tuple[CheckedWord, ...]


class _CheckedTexts(NamedTuple):
    """The texts of an action that SpecQL checks, and all words in them."""

    texts: tuple[_CheckedText, ...]
    words: frozenset[str]


def _checked_texts(action: ActionNode) -> _CheckedTexts:
    texts = tuple(
        _CheckedText(step, step.value, words)
        for step in steps_read(action)
        if step.kind in CHECKED_KINDS and isinstance(step.value, Scalar)
        if (words := checked_words(step.kind, step.value.value))
    )
    return _CheckedTexts(texts, frozenset(word.text for each in texts for word in each.words))


def refused_steps(document: Document, entity: EntityItem) -> Iterator[RefusedStep]:
    """The steps of an entity with words that SpecQL refuses; none where it has no fields, as SpecQL checks nothing."""
    fields = entity.field_group.names
    if not fields or not _knows_fields(document, entity):
        return
    for action in actions_with_steps(document, entity):
        checked = action.node.fact(_checked_texts)
        if checked.words <= fields:
            continue
        for step, scalar, words in checked.texts:
            refused = tuple(word for word in words if word.text not in fields)
            if refused:
                yield RefusedStep(action.node, action.shift, step, scalar, refused)


def _knows_fields(document: Document, entity: EntityItem) -> bool:
    """Whether every field is known: where the text is broken elsewhere than in actions, some may be lost."""
    tree, actions = document.tree, entity.actions_entry
    if not tree.problems and not tree.broken:
        return True
    return (
        not tree.broken
        and actions is not None
        and all(actions.span.contains(problem.span.start) for problem in tree.problems)
    )


# What the words are by the syntax.


class _Place(NamedTuple):
    """Where a name is written: the path that it is in, and how many names are before it there."""

    path: Path
    position: int


@lru_cache(maxsize=512)
def _places(kind: str, text: str) -> Mapping[int, _Place]:
    """The names of a step's text that can be nothing but fields and paths, by where they begin."""
    found: dict[int, _Place] = {}
    for expression in expressions_of(kind, text):
        for path in _certain(expression):
            found.update((part.span.start, _Place(path, index)) for index, part in enumerate(path.parts))
    return MappingProxyType(found)


def expressions_of(kind: str, text: str) -> Iterator[Expression]:
    """The parsed expressions of a step's text, with what a SET list assigns to."""
    if kind in {"validate", "if"}:
        yield parse_expression(text)
        return
    head = parse_row_head(text)
    for assignment in head.assignments:
        if assignment.target is not None:
            yield assignment.target
        yield assignment.value
    if head.condition is not None:
        yield head.condition


def _certain(expression: Expression) -> Iterator[Path]:
    """The paths of values, apart from those in a query, whose tables have other columns, and behind what is no SQL."""
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Path) and node.role is NameRole.VALUE:
            yield node
        elif isinstance(node, Operation) and not node.operators[0].text:
            # Operands without an operator between them: only the first one is certain. ``approval EXISTS`` is of
            # SpecQL's documentation, and need not be about a field.
            if not any(_is_exists(operand) for operand in node.operands):
                pending.append(node.operands[0])
        elif not isinstance(node, Query):
            pending.extend(children(node))


def _is_exists(node: Expression) -> bool:
    operand = node.operand if isinstance(node, Prefix) else node
    return isinstance(operand, Path) and operand.text.upper() == "EXISTS"


# Whose names there are.

_PARAMETER_KEYS = ("params", "parameters", "inputs", "input", "args", "arguments")
_NAMING_KEYS = frozenset(
    {
        *(
            "as",
            "into",
            "store",
            "result",
            "result_variable",
            "return",
            "return_id",
            "variable",
            "variable_name",
            "name",
        ),
        *("alias", "output", "item"),
    }
)
_GIVES_NAME = re.compile(r"\b(?:into(?:\s+strict)?|with|as)\s+([A-Za-z_]\w*)|\b([A-Za-z_]\w*)\s*:=", re.IGNORECASE)
_LOOP = re.compile(r"\s*(\w+)\s+in\s", re.IGNORECASE)
_PARAMETER_SIGNS = frozenset("$:@#{")


def _declared(action: ActionNode) -> frozenset[str]:
    """The names that an action gives itself: parameters, variables, results; in lower case."""
    found: set[str] = set()
    for key in _PARAMETER_KEYS:
        found.update(_parameters(action.body.value(key)))
    for node in nodes.walk(action.body):
        if isinstance(node, nodes.Mapping):
            for entry in node.entries:
                value = entry.value
                if isinstance(value, Scalar):
                    found.update(_given_by(entry.name, value.value))
    return frozenset(found)


def _given_by(key: str | None, text: str) -> Iterator[str]:
    if key in _NAMING_KEYS:
        yield text.strip().lower()
    declared = parse_declaration(text).name if key == "declare" else None
    if declared is not None:
        yield declared.text.lower()
    loop = _LOOP.match(text) if key == "foreach" else None
    if loop is not None:
        yield loop[1].lower()
    for match in _GIVES_NAME.finditer(text):
        yield match[match.lastindex or 0].lower()


def _parameters(node: Node | None) -> Iterator[str]:
    if isinstance(node, nodes.Mapping):
        yield from (entry.name.lower() for entry in node.entries if entry.name)
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            yield item.value.partition(":")[0].strip().lower()
        elif isinstance(item, nodes.Mapping):
            name = item.scalar("name")
            yield from ([name.value.lower()] if name is not None else _parameters(item))


class _Field(NamedTuple):
    name: str
    type: str | None


class _Entity:
    """The fields of an entity: the file's own one, or one of the workspace."""

    def __init__(self, name: str, own: tuple[_Field, ...] = ()) -> None:
        self.name = name
        self._own = own
        self._by_name = {field.name.lower(): field for field in own}
        self._nearest: dict[str, str | None] = {}

    def field(self, name: str) -> _Field | None:
        return self._by_name.get(name.lower())

    def _all(self) -> Iterable[_Field]:
        return self._own

    @lazily
    def names(self) -> frozenset[str]:
        return frozenset([field.name for field in self._all()])

    @lazily
    def enum_values(self) -> frozenset[str]:
        return frozenset(
            value.text
            for field in self._all()
            if field.type is not None and "enum" in field.type
            for found in parse_field_type(field.type).expressions()
            if isinstance(found, EnumType)
            for value in found.values
        )

    def nearest(self, name: str) -> str | None:
        """The field whose name is nearest, if it can be named in SQL; of many names only the first are looked for."""
        if name not in self._nearest:
            if len(self._nearest) == _MOST_SUGGESTIONS:
                return None
            self._nearest[name] = nearest(name, filter(str.isidentifier, sorted(self.names)))
        return self._nearest[name]


_MOST_SUGGESTIONS = 20
_LONGEST = 20_000
"""A longer text, which no person writes, is not parsed: its words count as right."""


class _OtherEntity(_Entity):
    def __init__(self, analysis: Analysis, definitions: tuple[Definition, ...]) -> None:
        super().__init__(definitions[0].name)
        self._index = analysis.index
        self._definitions = definitions

    def field(self, name: str) -> _Field | None:
        for definition in self._definitions:
            found = self._index.field(definition, name)
            if found is not None:
                return _Field(found.name, found.type)
        return None

    def _all(self) -> Iterable[_Field]:
        fields = (field for definition in self._definitions for field in self._index.fields(definition))
        return (_Field(field.name, field.type) for field in fields)


# What is wrong.


class WrongName(NamedTuple):
    """A word that is the name of nothing."""

    name: str
    entity: str
    """The entity that has no such field."""
    near: str | None
    """The field that was meant, as far as one has nearly that name."""
    is_value: bool = False
    """Whether it is a value of an enum that lacks its quotes."""
    is_function: bool = False
    """Whether it is the name of a function that lacks its parentheses."""


def _fields_of(group: FieldGroup) -> tuple[_Field, ...]:
    return tuple([_Field(facts.name, facts.type) for facts in group.facts])


def _foreign_keys(group: FieldGroup) -> frozenset[str]:
    """The columns that SpecQL makes of references."""
    return frozenset([f"fk_{node.facts.name.lower()}" for node in group.nodes if node.references])


class FieldNames:
    """Says which names of one file are no fields.

    Args:
        analysis: what other entities are looked up in.
        document: the file.
        entity: its entity.
    """

    def __init__(self, analysis: Analysis, document: Document, entity: EntityItem) -> None:
        self._analysis = analysis
        self._site: Site = site_of(document)
        name = entity.name.value if entity.name is not None else "The entity"
        self._own = _Entity(name, entity.field_group.fact(_fields_of))
        self._schema = entity.schema
        self._generated = entity.field_group.fact(_foreign_keys) | {f"pk_{name.lower()}"}

    def wrong(self, refused: RefusedStep, word: CheckedWord) -> WrongName | None:
        """Why a refused word is wrong; None where it may be right, so that only SpecQL's parser refuses it."""
        text = refused.scalar.value
        if len(text) > _LONGEST:
            return None
        place = _places(refused.step.kind, text).get(word.span.start)
        if place is None or _is_parameter(text, word.span.start):
            return None
        parts = place.path.parts
        if len(parts[place.position].text) != len(word.text):  # quotes within
            return None
        target = self._target(refused.step)
        if place.position == 0:
            return self._wrong_first(refused, parts, target)
        return self._wrong_behind_dot(parts, place.position, target)

    def missing(self, mention: FieldMention) -> WrongName | None:
        """The name of a field outside of steps that its entity has not; None where it has, or is not known."""
        name, reference = mention.name.value, mention.entity
        entity = self._own if reference is None else self._entity(reference.schema, reference.name)
        if entity is None or not name.isidentifier() or name in RESERVED_FIELD_NAMES or name in self._generated:
            return None
        found = entity.field(name)
        if found is not None and found.name == name:
            return None
        fields = entity.names  # of another file: asked only now, as each change of them has this file checked again
        stem = name.removesuffix("_id")  # of a reference, views have the identifier, too
        if not fields or name in fields or (stem in fields and not mention.is_certain):
            return None
        return WrongName(name, entity.name, entity.nearest(name))

    def _target(self, step: StepNode) -> _Entity | None:
        """The entity whose rows a step is about; None where it is not known."""
        if step.kind in {"validate", "if"}:
            return self._own
        return self._entity(step.entities[0].schema, step.entities[0].name) if step.entities else None

    def _entity(self, schema: str | None, name: str) -> _Entity | None:
        if name.lower() == self._own.name.lower() and (schema is None or schema.lower() == self._schema.lower()):
            return self._own
        definitions = definitions_meant(self._analysis, self._site, name, schema)
        return _OtherEntity(self._analysis, definitions) if definitions and self._analysis.knows_all_files() else None

    def _wrong_first(self, refused: RefusedStep, parts: tuple[Name, ...], target: _Entity | None) -> WrongName | None:
        name = parts[0].text
        lowered = name.lower()
        if target is None or self._is_known(lowered, refused.action, is_qualifier=len(parts) > 1):
            return None
        if target.field(name) is not None or self._own.field(name) is not None:
            return None
        # What is before a dot may be a row or a record that only the running action knows.
        near = target.nearest(name)
        if len(parts) > 1 and near is None and self._own.nearest(name) is None:
            return None
        return WrongName(
            name,
            target.name,
            near,
            is_value=len(parts) == 1 and name in target.enum_values,
            is_function=len(parts) == 1 and lowered in functions(),
        )

    def _is_known(self, name: str, action: ActionNode, *, is_qualifier: bool) -> bool:
        """Whether a name, in lower case, has a meaning that is not a field's."""
        if name in KEYWORDS or name in CONTEXT_VARIABLES or name in RESERVED_FIELD_NAMES or name in self._generated:
            return True
        if name.startswith((VARIABLE_PREFIX, "auth_", "input_", "current_")):
            return True
        if is_qualifier and (name == self._own.name.lower() or name.startswith(("tb_", "tv_", "tl_"))):
            return True
        if name in action.fact(_declared):
            return True
        return bool(self._analysis.index.schemas_of(name))

    def _wrong_behind_dot(self, parts: tuple[Name, ...], index: int, target: _Entity | None) -> WrongName | None:
        entity = self._qualified(parts[0].text, target)
        for part in parts[1:index]:
            entity = self._referred(entity, part.text) if entity is not None else None
        name = parts[index].text
        if entity is None or entity.field(name) is not None or name.lower() in RESERVED_FIELD_NAMES or name == "*":
            return None
        if name.lower().startswith(("pk_", "fk_")):
            return None
        return WrongName(name, entity.name, entity.nearest(name))

    def _qualified(self, name: str, target: _Entity | None) -> _Entity | None:
        """The entity whose fields follow a name and a dot."""
        for entity in (target, self._own):
            if entity is not None and entity.field(name) is not None:
                return self._referred(entity, name)
        for entity in (target, self._own):
            if entity is not None and entity.name.lower() == name.lower():
                return entity
        return None

    def _referred(self, entity: _Entity, name: str) -> _Entity | None:
        """The entity that a field refers to; None where it is no reference to one entity."""
        field = entity.field(name)
        targets = list(parse_field_type(field.type).targets()) if field is not None and field.type is not None else []
        if len(targets) != 1 or not targets[0].name.text:
            return None
        return self._entity(targets[0].schema.text if targets[0].schema else None, targets[0].name.text)


def _is_parameter(text: str, start: int) -> bool:
    """Whether a sign before a name says that it is a parameter or a template's: ``:name``, ``{{ name }}``."""
    before = text[:start].rstrip()
    if not before.endswith("::") and before[-1:] in _PARAMETER_SIGNS:
        return before.endswith("{") or len(before) == start
    return False
