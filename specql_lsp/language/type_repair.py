"""Which type was meant by a text that is no type to SpecQL 0.9.2, which makes a TEXT column of it.

What the text says besides is kept: that the field is not null, its default, the values of an enumeration, the entity
that it refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from specql_lsp.language.names import edit_distance, is_entity_name
from specql_lsp.language.type_syntax import (
    EnumType,
    FieldType,
    ListType,
    NamedType,
    OtherType,
    RefType,
    TypeExpression,
    parse_field_type,
)
from specql_lsp.language.types import COMMON_TYPES, CONSTRUCTORS, type_instead, type_named, types

_EXACT_NUMBERS = frozenset({"decimal", "numeric", "number", "dec"})
"""Numbers with a fraction, of which SpecQL has an exact type for amounts and an inexact one for all else."""
_NUMBERS = ("money", "float")
_LISTS = frozenset({"array", "list", "set", "many"})
_ENUMS = frozenset({"enum", "choice", "choices", "oneof", "one_of", "select", "enumeration"})
_REFERENCES = frozenset({"ref", "reference", "references", "fk", "foreign_key", "belongs_to", "link"})
_OPTIONAL = frozenset({"optional", "nullable"})
_GENERIC = re.compile(r"(?P<name>\w+)\s*<\s*(?P<inner>[^<>]+?)\s*>\Z")
_NOT_NULL_WORDS = re.compile(r"\b(?:not\s+null|required)\b", re.IGNORECASE)
_COLUMN_WORDS = frozenset(
    {"not", "null", "required", "optional", "unique", "primary", "key", "precision", "varying", "with", "without"}
    | {"time", "zone", "index", "indexed", "nullable", "unsigned"}
)
_MOST_PROPOSALS = 3


class MeantType(NamedTuple):
    """A type that may be meant, with what the text says besides."""

    type: str
    not_null: bool = False
    default: str | None = None

    @property
    def text(self) -> str:
        """All of it as the text of a field: ``enum(a, b) = a!``."""
        return self.type + (f" = {self.default}" if self.default is not None else "") + ("!" if self.not_null else "")


@lru_cache(maxsize=512)
def meant_types(text: str) -> tuple[MeantType, ...]:
    """The types that may be meant by a text, best first; none where nothing is near.

    Args:
        text: the text of a field, with its marks and its default.
    """
    parsed = parse_field_type(text)
    marked = parsed.not_null is not None or any(mark.text == "!" for mark in parsed.ignored_marks)
    head = text[: parsed.equals.start] if parsed.equals is not None else text
    not_null = marked or _NOT_NULL_WORDS.search(head) is not None
    default = parsed.default.text if parsed.default is not None else None
    found = dict.fromkeys(_whole(parsed, head.strip().rstrip("!?")))
    return tuple(MeantType(base, not_null, default) for base in found)[:_MOST_PROPOSALS]


def _whole(parsed: FieldType, head: str) -> Iterator[str]:
    generic = _GENERIC.match(head)
    if generic is not None:
        yield from _of_arguments(generic["name"], (generic["inner"],))
    elif not parsed.extra and parsed.type is not None:
        yield from _of(parsed.type)
    elif parsed.type is not None:
        yield from _of_words(parsed.type, parsed.extra)


def _of(expression: TypeExpression) -> Iterator[str]:
    match expression:
        case NamedType():
            yield from _of_name(expression.name.text)
        case EnumType():
            yield from _enum(value.text for value in expression.values)
        case RefType():
            names = [f"{t.schema.text}.{t.name.text}" if t.schema else t.name.text for t in expression.targets]
            yield from (f"ref({'|'.join(each)})" for each in (names,) if all(names) and names)
        case ListType():
            yield f"list({_first(expression.item)})"
        case OtherType():
            if expression.bracket == "[" and not expression.arguments:
                yield f"list({_first(NamedType(expression.name.span, expression.name))})"
            else:
                yield from _of_arguments(expression.name.text, tuple(map(_written, expression.arguments)))


def _of_name(name: str) -> Iterator[str]:
    lowered = name.lower()
    if type_named(name) is not None:
        yield name
    elif lowered in _EXACT_NUMBERS:
        yield from _NUMBERS
    elif (instead := type_instead(name)) is not None:
        yield instead
    elif lowered in _LISTS:
        yield "list(text)"
    elif lowered not in _ENUMS and lowered not in _REFERENCES:
        yield from _near(name)
        if name[:1].isupper() and is_entity_name(name):
            yield f"ref({name})"


def _near(name: str) -> Iterator[str]:
    """Types whose names are a slip or two away, those that are used most first."""
    lowered = name.lower()
    limit = 1 if len(lowered) <= 5 else 2
    if len(lowered) < 3:
        return
    found: list[tuple[int, int, str]] = []
    for rank, known in enumerate(dict.fromkeys((*COMMON_TYPES, *types()))):
        distance = edit_distance(lowered, known.lower(), limit)
        if distance <= limit:
            found.append((distance, rank, known))
    yield from (known for _, _, known in sorted(found))


def _of_arguments(name: str, arguments: tuple[str, ...]) -> Iterator[str]:
    lowered = name.lower()
    if lowered not in _ENUMS | _REFERENCES | _LISTS | _OPTIONAL and type_named(name) is None:
        near = (each for each in CONSTRUCTORS if edit_distance(lowered, each, 2) <= len(each) // 2)
        lowered = next(near, lowered)
    if lowered in _ENUMS:
        yield from _enum(arguments)
    elif lowered in _REFERENCES:
        yield from (f"ref({each})" for each in arguments[:1] if each)
    elif lowered in _LISTS:
        yield f"list({_first_of_text(arguments[0]) if arguments else 'text'})"
    elif lowered in _OPTIONAL:
        yield from (each.type for each in meant_types(arguments[0])) if arguments else ()
    else:
        yield from _of_name(name)


def _of_words(first: TypeExpression, extra: tuple[TypeExpression, ...]) -> Iterator[str]:
    """A type with words behind it: ``varchar not null``, ``double precision``, ``ref Company``."""
    words = [each.name.text for each in extra if each.name.text.strip(":,")]
    lowered = first.name.text.lower()
    if isinstance(first, NamedType) and lowered in _REFERENCES and len(words) == 1 and is_entity_name(words[0]):
        yield f"ref({words[0]})"
    elif isinstance(first, NamedType) and lowered in _ENUMS and words:
        yield from _enum(words)
    elif {word.lower() for word in words if word not in "()[]"} <= _COLUMN_WORDS:
        yield from _of(first)


def _enum(values: Iterable[str]) -> Iterator[str]:
    kept = [bare for value in values if (bare := value.strip().strip("'\"").strip())]
    if kept and not any(set(value) & set("(),") for value in kept):
        yield f"enum({', '.join(kept)})"


def _first(item: TypeExpression | None) -> str:
    return next(_of(item), "text") if item is not None else "text"


def _first_of_text(text: str) -> str:
    found = meant_types(text)
    return found[0].type if found else "text"


def _written(expression: TypeExpression) -> str:
    match expression:
        case RefType():
            return next(_of(expression), "")
        case NamedType():
            return expression.name.text
    return next(_of(expression), expression.name.text)
