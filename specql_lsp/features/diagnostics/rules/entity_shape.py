"""The rules about the keys, the shape and the fields of an entity file, which one walk over the file decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain

from specql_lsp.features.diagnostics.entity_walk import (
    Checks,
    FieldPlace,
    MappingCheck,
    SectionFacts,
    found_beneath,
    found_in_action,
    found_in_field,
    walk,
)
from specql_lsp.features.diagnostics.misplaced import said_once
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.rules import (
    invalid_default,
    invalid_sql,
    invalid_sql_entity,
    invalid_structure,
    key_not_read,
    missing_entity,
    reserved_field_name,
    unknown_key,
    unknown_type,
)
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.items.field_text import FieldText
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.names import is_reserved_field_name
from specql_lsp.language.sql import is_column_name
from specql_lsp.semantics.columns import LossKind, column
from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.yaml11 import ScalarType, type_of

RULES: tuple[Rule, ...] = (
    missing_entity.RULE,
    invalid_structure.RULE,
    reserved_field_name.RULE,
    unknown_key.RULE,
    key_not_read.RULE,
    unknown_type.RULE,
    invalid_default.RULE,
    invalid_sql.RULE,
)
_OF_NAMES = (invalid_structure.of_field, reserved_field_name.of_field)
"""What has nothing else said about a field: it has to be renamed or removed in any case."""
_OF_FIELDS = (
    unknown_type.of_field,
    invalid_default.of_field,
    invalid_sql.of_field,
)


def _of_field(place: FieldPlace) -> Iterable[Finding]:
    """What is said about a field. Of nearly all there is nothing to say, which is known by their texts."""
    if (
        place.has_name
        and place.type is not None
        and _is_free(place.key.value)
        and _is_sound(place.type.text)
        and (place.entries is None or "default" not in place.entries)
    ):
        return ()
    of_name = tuple(chain.from_iterable(check(place) for check in _OF_NAMES))
    return of_name or chain.from_iterable(check(place) for check in _OF_FIELDS)


@lru_cache(maxsize=4096)
def _is_free(name: str) -> bool:
    """Whether a field of any type may have a name."""
    return is_column_name(name) and not is_reserved_field_name(name)


@lru_cache(maxsize=2048)
def _is_sound(text: FieldText) -> bool:
    """Whether nothing is to be said of a type without a default."""
    if text.nullable is None and "=" in text.type:
        return False
    is_type = not column("", text, "").lost(LossKind.TYPE)
    return is_type and invalid_sql.wrong_part(text.type, in_mapping=text.nullable is not None) is None


@cache
def _of_level(level: str) -> tuple[MappingCheck, ...]:
    """What looks at the mappings of a level."""
    return tuple([check for _, check in _mapping_checks(level)])


@lru_cache(maxsize=2048)
def _of_keys(level: str, names: tuple[str, ...]) -> tuple[MappingCheck, ...]:
    """What may have something to say of a block mapping of a level with these keys: most often nothing."""
    return tuple([check for passes, check in _mapping_checks(level) if not passes(level, names)])


def _mapping_checks(level: str) -> Iterator[tuple[Callable[[str, tuple[str, ...]], bool], MappingCheck]]:
    """What looks at the mappings of a level, each with whether the keys alone say that there is nothing to say."""
    if invalid_structure.looks_at_keys(level):
        yield invalid_structure.passes, invalid_structure.of_keys
    further = invalid_structure.further_check(level)
    if further is not None:
        yield _passes_never, further
    if entity_keys().levels[level].any_key is None:
        yield unknown_key.passes, unknown_key.of_mapping
        yield key_not_read.passes, key_not_read.of_mapping
    if level == "action":
        yield _passes_never, invalid_sql.of_mapping


def _passes_never(_level: str, _names: tuple[str, ...]) -> bool:
    return False


@lru_cache(maxsize=8192)
def _passes_field(name: str, type_: str) -> bool:
    """Few names and types are written in ten thousand files, each in many."""
    return _are_texts(name, type_) and _is_free(name) and _is_sound(FieldText(type_))


@lru_cache(maxsize=2048)
def _passes_type(name: str, type_: str) -> bool:
    return _are_texts(name, type_) and _is_free(name) and _is_sound(FieldText(type_, nullable=True))


def _are_texts(name: str, type_: str) -> bool:
    return type_of(name) is type_of(type_) is ScalarType.STRING


_CHECKS = Checks(
    invalid_structure.of_value,
    _of_level,
    _of_field,
    unknown_type.of_cut,
    invalid_structure.suits,
    _of_keys,
    _passes_field,
    _passes_type,
)


def check(context: RuleContext) -> Iterator[Finding]:
    """Everything that these rules find in an entity."""
    tree = context.document.tree
    found = chain(
        missing_entity.of_entity(context),
        walk(tree, context.entity.root, _CHECKS, _FACTS),
        invalid_sql_entity.of_entity(context),
    )
    yield from said_once(context.entity, list(found))


def _in_field(section: Section) -> tuple[Finding, ...]:
    return found_in_field(section, _CHECKS)


def _in_fields(section: Section) -> tuple[Finding, ...]:
    return found_beneath(section, _in_field)


def _in_action(section: Section) -> tuple[Finding, ...]:
    return found_in_action(section, _CHECKS)


def _in_actions(section: Section) -> tuple[Finding, ...]:
    return found_beneath(section, _in_action)


_FACTS = SectionFacts(_in_fields, _in_actions)
_FIXES = {
    invalid_structure.RULE.code: invalid_structure.fixes,
    reserved_field_name.RULE.code: reserved_field_name.fixes,
    key_not_read.RULE.code: key_not_read.fixes,
    unknown_type.RULE.code: unknown_type.fixes,
    invalid_sql.RULE.code: invalid_sql.fixes,
}


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """What the rule of a finding offers."""
    offer = _FIXES.get(finding.code)
    if offer is not None:
        yield from offer(context, finding)
