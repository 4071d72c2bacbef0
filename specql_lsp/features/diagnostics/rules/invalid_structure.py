"""``invalid-structure``: a value of a form at which SpecQL stops, a key that it needs and that is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from specql_lsp.features.diagnostics.entity_walk import (
    FieldPlace,
    MappingPlace,
    ValuePlace,
    effective,
    kind_of_step,
)
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.rules.unknown_key import are_enabled, misspelt
from specql_lsp.features.diagnostics.words import listed, shortened
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.language.keys import Demand, Meaning, ValueSpec, entity_keys
from specql_lsp.language.names import nearest
from specql_lsp.language.release import REFERENCE
from specql_lsp.severity import Severity
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.yaml11 import boolean

RULE = Rule(
    code="invalid-structure",
    severity=Severity.ERROR,
    fix="Gives the key a value of the form that SpecQL reads, adds what it needs, or removes the key.",
    waits=True,
    summary="A value has a form at which SpecQL stops, or a key that it needs is missing.",
    explanation=(
        f"{REFERENCE} stops, often with a traceback and without a line number, where\n\n"
        "- `fields`, `organization`, `identifier`, `table_views` or `translations` is empty or no mapping,\n"
        "- `actions`, `steps`, `patterns` or `agents` is empty or no list, or an item of them is no mapping,\n"
        "- a key is missing: `name` of an action or agent, `table_code` of `organization`, `type` of a pattern, "
        "`field` of an identifier's component, `fields` of an included relation,\n"
        "- YAML 1.1 does not read the name of a field as a text: `on`, `no`, `1`, `null`, a date; quote it,\n"
        "- `type` of a field is no text, `enabled` no boolean, `mode` or `refresh` none of their values (an unquoted "
        "`off` is a boolean), `translations.fields` empty or with a name twice.\n\n"
        "Write what the message names, or remove the key: all of these blocks may be left out."
    ),
    example="entity: Contact\nschema: crm\nfields:\n",
    better="entity: Contact\nschema: crm\nfields:\n  email: email\n",
)

IS_STEP = (
    f"is a step among the actions: {REFERENCE} refuses the file, as an action needs the key name. Indent the step like "
    "those beneath steps, or write name: before it."
)
"""How the message goes on about a step where an action is expected."""
NO_STEPS = "steps has no value"
"""How the message begins about steps that are missing."""
_EMPTY = {Constructed.LIST: "an empty list", Constructed.MAPPING: "an empty mapping", Constructed.TEXT: "an empty text"}
_COLLECTIONS = frozenset({Constructed.LIST, Constructed.MAPPING})


def of_value(place: ValuePlace) -> Iterator[Finding]:
    """A value that is not of the form that SpecQL needs there."""
    spec = place.spec
    if suits(spec, place.kind, place.node):
        return
    yield RULE.finding(
        place.span, f"{_what(place)}: {REFERENCE} refuses the file. {_instead(place)}", replacements=_nearest(place)
    )


def suits(spec: ValueSpec, kind: Constructed, node: Node | None) -> bool:
    """Whether SpecQL takes a value of that kind; ``node`` is None where nothing is written."""
    if spec.demand is Demand.NONE:
        return True
    if kind is Constructed.NULL:
        return spec.demand is Demand.FORM_OR_NULL
    if spec.demand is Demand.ITERABLE:
        return kind in {Constructed.LIST, Constructed.TEXT, Constructed.SET} or (
            isinstance(node, Mapping) and all(constructed(entry.key) is Constructed.TEXT for entry in node.entries)
        )
    if spec.items is not None:
        # It goes through the items: where there are none, any value that has some will do.
        return kind is Constructed.LIST or (kind in _EMPTY and _is_empty(node) and not _is_asked_for_a_list(spec))
    if spec.level and kind is Constructed.MAPPING:
        return True
    match spec.meaning:
        case Meaning.NOTHING:
            return False
        case Meaning.BOOLEAN:
            return kind is Constructed.BOOLEAN
        case Meaning.CHOICE:
            return isinstance(node, Scalar) and kind is Constructed.TEXT and node.value in spec.choices
    return kind is Constructed.TEXT


def _is_asked_for_a_list(spec: ValueSpec) -> bool:
    """Whether SpecQL asks for a list in so many words, so that nothing else will do: where field names are listed."""
    items = spec.items
    return items is not None and items.meaning is Meaning.FIELD_REFERENCE and not items.level


def _is_empty(node: Node | None) -> bool:
    match node:
        case Scalar():
            return not node.value
        case Mapping():
            return not node.entries
        case Sequence():
            return not node.items
    return False


def _what(place: ValuePlace) -> str:
    """What is wrong with a value, as the beginning of a sentence."""
    name, node = place.key.name, place.node
    subject = f"This item of {name}" if place.is_item else "The value of this name" if name == "*" else name
    if place.kind is Constructed.NULL:
        return f"{subject} has no value" if not place.is_item else f"This item of {name} is empty"
    if isinstance(node, Scalar) and place.spec.meaning is Meaning.CHOICE and place.kind is Constructed.TEXT:
        return f"{subject} cannot be {shortened(node.value)}"
    if isinstance(node, Scalar) and (read := misreading(node)) is not None:
        return f"YAML 1.1 reads {shortened(node.value)} as {read}"
    return f"{subject} is {place.kind.value}"


def _instead(place: ValuePlace) -> str:
    wanted = f"Write {_wanted(place.spec)}"
    may_be_left_out = not place.is_item and not place.key.required and place.key.name != "*"
    return f"{wanted}, or remove the key." if place.kind is Constructed.NULL and may_be_left_out else f"{wanted}."


def _wanted(spec: ValueSpec) -> str:
    if spec.items is not None:
        return _LISTS.get(spec.items.level or spec.items.meaning.value, "a list")
    if spec.level:
        mapping = _MAPPINGS.get(spec.level, "a mapping")
        return mapping if spec.meaning is Meaning.NOTHING else f"a name, or {mapping}"
    match spec.meaning:
        case Meaning.BOOLEAN:
            return "true or false"
        case Meaning.CHOICE:
            return listed(spec.choices, "or")
        case Meaning.TYPE:
            return "a type, such as text"
        case Meaning.FIELD_REFERENCE:
            return "a field's name"
    return "a text, in quotes if YAML reads it as something else"


_MAPPINGS: Table[str, str] = MappingProxyType(
    {
        "fields": "a mapping of names to types",
        "action": "a mapping with the action's name",
        "agent": "a mapping with the agent's name",
        "organization": "a mapping with table_code",
        "translations": "a mapping with enabled and fields",
        "included relation": "a mapping with an entity's name for its only key",
        "relation": "a mapping with fields",
        "filter columns": "a mapping with a column's name for its only key",
        "identifier component": "a mapping with field",
        "pattern": "a mapping with type",
    }
)
_LISTS: Table[str, str] = MappingProxyType(
    {
        "action": "a list of actions",
        "agent": "a list of agents",
        "step": "a list of steps",
        "pattern": "a list of patterns",
        "included relation": "a list of entities",
        "field reference": "a list of field names",
    }
)


def _nearest(place: ValuePlace) -> tuple[str, ...]:
    """The values to write instead, the nearest one first."""
    spec, node = place.spec, place.node
    if not isinstance(node, Scalar) or place.kind is Constructed.NULL:
        return ()
    if spec.meaning is Meaning.CHOICE:
        first = nearest(node.value, spec.choices) or ("disable" if boolean(node) is False else None)
        return tuple(sorted(spec.choices, key=lambda each: each != first)) if first else spec.choices
    return ()


# Mappings


def of_mapping(place: MappingPlace) -> Iterator[Finding]:
    """Everything that is found in a mapping as a whole."""
    yield from of_keys(place)
    further = further_check(place.level.name)
    if further is not None:
        yield from further(place)


def of_keys(place: MappingPlace) -> Iterator[Finding]:
    """A mapping that lacks a key, or does not have the one key that it is to have."""
    level = place.level
    # A collection as a key is no YAML that SpecQL reads: what it was meant for cannot be said.
    is_readable = all(isinstance(entry.key, Scalar) for entry in place.body.entries)
    for name in required_keys(level.name) if is_readable else ():
        if name not in place.entries:
            message = (
                f"{_TITLES.get(level.name, level.name).capitalize()} needs the key {name}: {REFERENCE} "
                "refuses the file without it."
            )
            slip = misspelt(place, name)
            step = kind_of_step(place.entries) if level.name == "action" else ""
            if slip is None and step:
                yield RULE.finding(place.entries[step].key.span, f"{step} {IS_STEP}")
            elif slip is None:
                yield RULE.finding(place.span, message)
            else:
                meant = f"{message} Did you mean {name}?"
                yield RULE.finding(slip.text_span, meant, replacements=(name,))
    if level.has_one_key and is_readable:
        yield from _one_key(place)


def looks_at_keys(level: str) -> bool:
    """Whether ``of_keys`` has anything to say about mappings of a level."""
    return bool(required_keys(level)) or entity_keys().levels[level].has_one_key


def passes(level: str, names: tuple[str, ...]) -> bool:
    """Whether ``of_keys`` has nothing to say of a mapping of a level with these keys."""
    return not entity_keys().levels[level].has_one_key and all(name in names for name in required_keys(level))


def further_check(level: str) -> Callable[[MappingPlace], Iterator[Finding]] | None:
    """What finds in the mappings of a level what no table of keys says; None where nothing is."""
    return _EXTRAS.get(level)


@cache
def required_keys(level: str) -> tuple[str, ...]:
    """The keys without which SpecQL refuses a mapping of a level; of the entity's name another rule speaks."""
    if level in _REQUIRED_ELSEWHERE:
        return ()
    return tuple(key.name for key in entity_keys().levels[level].keys if key.required)


_REQUIRED_ELSEWHERE = frozenset({"entity file", "entity"})
"""Levels whose keys are required by another rule: ``missing-entity``."""
_TITLES: Table[str, str] = MappingProxyType(
    {
        "action": "an action",
        "agent": "an agent",
        "pattern": "a pattern",
        "identifier component": "a component",
        "relation": "an included relation",
    }
)


def _one_key(place: MappingPlace) -> Iterator[Finding]:
    count = len(effective(place.body))
    if count != 1:
        what = "no key" if not count else f"{count} keys"
        span = place.body.span if not count else place.body.entries[-1].key.span
        yield RULE.finding(
            span,
            f"This item has {what}: {REFERENCE} refuses the file, as it takes one name for each item. Write an item "
            "of the list for each.",
        )


def _relation(place: MappingPlace) -> Iterator[Finding]:
    entry = place.entries.get("fields")
    value = place.source.resolve(entry.value) if entry is not None else None
    if entry is not None and isinstance(value, Sequence) and not value.items:
        yield RULE.finding(
            entry.key.span,
            f"No field is included: {REFERENCE} refuses an empty list. Name fields, or write ['*'] for all of them.",
        )


def _translations(place: MappingPlace) -> Iterator[Finding]:
    entry = place.entries.get("fields")
    value = place.source.resolve(entry.value) if entry is not None else None
    items = value.items if isinstance(value, Sequence) else ()
    if not items and (entry is None or isinstance(value, Sequence)) and are_enabled(place):
        what = f"Translations are enabled, and no field is named: {REFERENCE} refuses the file."
        slip = misspelt(place, "fields") if entry is None else None
        if slip is not None:
            yield RULE.finding(slip.text_span, f"{what} Did you mean fields?", replacements=("fields",))
        else:
            write = "List the translatable text fields behind fields, or write enabled: false."
            yield RULE.finding((entry or place.entries["enabled"]).key.span, f"{what} {write}")
    first: set[str] = set()
    for item in items:
        name = place.source.resolve(item)
        if isinstance(name, Scalar) and constructed(name) is Constructed.TEXT:
            if name.value in first:
                yield RULE.finding(
                    item.span,
                    f"{shortened(name.value)} is listed twice: {REFERENCE} refuses the file. Remove one of them.",
                )
            first.add(name.value)


def _action(place: MappingPlace) -> Iterator[Finding]:
    """A name that the parser takes, and at which the generator stops."""
    entry = place.entries.get("name")
    if entry is None:
        return
    kind = constructed(place.source.resolve(entry.value))
    if kind is not Constructed.TEXT:
        span = entry.key.span if entry.value is None else entry.value.span
        what = "empty" if kind is Constructed.NULL else kind.value
        message = f"The action's name is {what}: {REFERENCE} reads the file, and its generator stops. Write a name."
        yield replace(RULE.finding(span, message), severity=Severity.WARNING)


def _schema(place: MappingPlace) -> Iterator[Finding]:
    """A schema that the parser takes, and of which the generator makes something else, or stops."""
    entry = place.entries.get("schema")
    if entry is None:
        return
    kind = constructed(place.source.resolve(entry.value))
    span = entry.key.span if entry.value is None else entry.value.span
    if kind is Constructed.NULL:
        message = f"schema has no value: {REFERENCE} writes a schema called None. Write a name, or remove the key."
    elif kind in _COLLECTIONS:
        message = f"schema is {kind.value}: {REFERENCE} reads the file, and its generator stops. Write a name."
    else:
        return
    yield replace(RULE.finding(span, message), severity=Severity.WARNING)


_EXTRAS: Table[str, Callable[[MappingPlace], Iterator[Finding]]] = MappingProxyType(
    {
        "relation": _relation,
        "translations": _translations,
        "action": _action,
        "entity file": _schema,
        "entity": _schema,
    }
)
"""What no table of keys says."""


# Fields


def of_field(place: FieldPlace) -> Iterator[Finding]:
    """A field whose name is no text to YAML 1.1."""
    if not place.has_name:
        name = shortened(place.key.value) or "this key"
        read = misreading(place.key) or constructed(place.key).value
        yield RULE.finding(
            place.key.span,
            f"YAML 1.1 reads the field's name {name} as {read}: {REFERENCE} stops there. Quote it: '{name}'.",
        )


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Quotes, the form that is needed, the missing key, or the file without the key."""
    from specql_lsp.features.diagnostics.rules.invalid_structure_fixes import fixes_of_structure

    return fixes_of_structure(context, finding)
