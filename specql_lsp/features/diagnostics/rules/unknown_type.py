"""``unknown-type``: a text that is no type, of which SpecQL makes a TEXT column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from specql_lsp.features.diagnostics.entity_walk import CutPlace, FieldPlace
from specql_lsp.features.diagnostics.field_texts import TypeText
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import listed, shortened
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.items.field_text import FieldText
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.type_repair import MeantType, meant_types
from specql_lsp.language.types import type_named
from specql_lsp.semantics.columns import Column, LossKind, column
from specql_lsp.severity import Severity
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.nodes import Scalar, Sequence

RULE = Rule(
    code="unknown-type",
    severity=Severity.WARNING,
    fix="Changes the type to the one that was meant, and keeps not null, default and CHECK.",
    waits=True,
    summary="A field's type is none that SpecQL has: it stores the field as TEXT.",
    explanation=(
        f"{REFERENCE} has `text`, `integer`, `bigint`, `float` and `boolean`, 50 scalar and 17 composite types, "
        "`enum(a, b)`, `list(T)` and `ref(Entity)`. Case matters. Of every other text it makes a nullable TEXT column "
        "without a word: `timestamp`, `decimal(10, 2)`, `jsonb`, `Email`, `text(100)`, `enum[a, b]`, `date?`.\n\n"
        "`!` makes a field NOT NULL only as the last character of the whole text: `text! = x` and "
        "`enum(a, b)! = a` are no types; write `text = x!` and `enum(a, b) = a!`. Behind `type:` in a mapping neither "
        "`!` nor a default is read: write `nullable: false` and `default: x` beside it. No release reads a `?` at the "
        "end: fields are nullable anyway. Between braces YAML ends a value at a comma: write "
        "`{status: 'enum(a, b)'}` with quotes.\n\n"
        "What is lost is said in the message: NOT NULL, the CHECK of an enumeration or of a type, the foreign key. The "
        "fixes keep it. For amounts write `money` (NUMERIC(19,4), not negative), for other numbers `float`."
    ),
    example="entity: Item\nfields:\n  price: decimal(10, 2)\n",
    better="entity: Item\nfields:\n  price: money\n",
)
_MOST_SHOWN = 3
_MOST_LETTERS = 200
_VALUES_INSIDE = "its values into the type, as in enum(open, closed)"


def of_field(place: FieldPlace) -> Iterator[Finding]:
    """A field whose type is none."""
    if not place.has_name:
        return
    found = place.type
    if found is None:
        if place.entries is None:
            yield _no_text(place)
        return
    problem = _problem(found.text)
    if problem is None:
        return
    if found.text.type.strip() == "enum":
        yield _bare_enum(place, found)
    else:
        message, replaced, safe = problem
        yield RULE.finding(found.scalar.text_span, message, replacements=replaced, safe=safe)


@lru_cache(maxsize=2048)
def _problem(text: FieldText) -> tuple[str, tuple[str, ...], bool] | None:
    """The message about a type that is none, what may replace it, and whether that is safe; None for a type."""
    made = column("", text, "")
    if not made.lost(LossKind.TYPE):
        return None
    meant = meant_types(text.type)
    message = f"{_subject(text, meant)}: {REFERENCE} makes a {_column(made)}{_instead(text, meant)}"
    replaced = replacements(text, meant)
    return message, replaced, replaced[:1] == ("text",) and _PLAIN.fullmatch(text.type) is not None


def of_cut(place: CutPlace) -> Iterator[Finding]:
    """A type that YAML cuts at a comma."""
    cut = place.cut
    read = cut.entry.value.value if isinstance(cut.entry.value, Scalar) else ""
    other = "key" if place.in_mapping else "field"
    text = FieldText(cut.text, nullable=True) if place.in_mapping else FieldText(cut.text)
    meant = [yaml11.quote(cut.text)]
    if column("", text, "").lost(LossKind.TYPE):
        from specql_lsp.syntax.editing.values import TextScalar, write  # few files need it

        meant = [write(TextScalar(each), in_flow=True) for each in _texts_meant(text)]
    yield RULE.finding(
        cut.span,
        f"Between braces YAML ends a value at a comma: {REFERENCE} makes a TEXT column of {shortened(read)}, and reads "
        f"a {other} {shortened(cut.rest[0].value)}. "
        f"Write {listed([shortened(each, _MOST_LETTERS) for each in meant], 'or')} instead.",
        replacements=tuple(meant),
    )


def _texts_meant(text: FieldText) -> Iterator[str]:
    """The texts that may be meant by one that is no type."""
    meant = meant_types(text.type)
    yield from (each.text if text.nullable is None else each.type for each in meant[:_MOST_SHOWN])
    if not meant:
        yield text.type


_PLAIN = re.compile(r"\w+(?:\([\w, ]*\))?\??")
"""A type without a mark and a default, of which SpecQL makes the column that it makes of text."""


def replacements(field: FieldText, meant: tuple[MeantType, ...]) -> tuple[str, ...]:
    """The texts that may replace the type; none where more than that text has to be changed."""
    if field.nullable is None:
        return tuple(each.text for each in meant) or ("text",)
    if any(each.not_null or each.default is not None for each in meant):
        return ()
    return tuple(each.type for each in meant) or ("text",)


def _bare_enum(place: FieldPlace, found: TypeText) -> Finding:
    """An enumeration without its values, which may be in a key that SpecQL does not read."""
    entry = place.entries.get("values") if place.entries is not None else None
    values = place.source.resolve(entry.value) if entry is not None else None
    texts = [item.value for item in values.items if isinstance(item, Scalar)] if isinstance(values, Sequence) else []
    meant = meant_types(f"enum({', '.join(texts)})") if texts else ()
    unread = ", and does not read values" if entry is not None else ""
    write = f"{shortened(meant[0].type, _MOST_LETTERS)} instead" if meant else _VALUES_INSIDE
    return RULE.finding(
        found.scalar.text_span,
        f"enum has no values: {REFERENCE} makes a TEXT column of it, without the CHECK{unread}. Write {write}.",
    )


def _subject(field: FieldText, meant: tuple[MeantType, ...]) -> str:
    text = shortened(" ".join(field.type.split()))
    base = text.rstrip("!?").split("=")[0].rstrip("!? ")
    if meant and meant[0].type == base and (type_named(base) is not None or "(" in base):
        return f"{text} is not read as {base}"
    return f"{text} is no type" if text else "The type is empty"


def _column(made: Column) -> str:
    """The column that comes of it, and what is lost."""
    lost: list[str] = []
    if made.lost(LossKind.NOT_NULL):
        lost.append("NOT NULL")
    if made.lost(LossKind.CHECK):
        lost.append("the CHECK")
    lost += [
        f"the foreign key to {shortened(loss.written)}" for loss in made.losses if loss.kind is LossKind.FOREIGN_KEY
    ]
    column_text = "nullable TEXT column" if made.nullable and made.lost(LossKind.NOT_NULL) else "TEXT column"
    return f"{column_text} of it" + (f", without {listed(lost)}." if lost else ".")


def _instead(field: FieldText, meant: tuple[MeantType, ...]) -> str:
    if not meant:
        return " If a text is meant, write text."
    if field.nullable is not None:
        first = meant[0]
        beside = ["nullable: false"] if first.not_null else []
        beside += [f"default: {shortened(first.default)}"] if first.default is not None else []
        types = listed([shortened(each.type, _MOST_LETTERS) for each in meant], "or")
        return f" Write {types}" + (f", and {listed(beside)} beside it." if beside else " instead.")
    if [each.type for each in meant[:2]] == ["money", "float"]:
        return f" Write {meant[0].text} for an amount, {meant[1].text} for another number."
    return f" Write {listed([shortened(each.text, _MOST_LETTERS) for each in meant[:_MOST_SHOWN]], 'or')} instead."


def _no_text(place: FieldPlace) -> Finding:
    """A field whose value is no text: SpecQL makes a text of it, which is no type."""
    kind = constructed(place.value)
    name = shortened(place.key.value)
    if kind is Constructed.NULL:
        message = f"The field {name} has no type: {REFERENCE} makes a TEXT column of it. Write a type, such as text."
        return RULE.finding(place.key.text_span if place.value is None else place.span, message)
    what = "a list" if isinstance(place.value, Sequence) else kind.value
    replaced: tuple[str, ...] = ()
    hint = "Write a type, such as text."
    if isinstance(place.value, Sequence):
        values = [item.value for item in place.value.items if isinstance(item, Scalar)]
        if values and len(values) == len(place.value.items):
            replaced = tuple(each.text for each in meant_types(f"enum({', '.join(values)})"))
            hint = f"Write {shortened(replaced[0], _MOST_LETTERS)} for one of these values." if replaced else hint
    return RULE.finding(
        place.span,
        f"The field {name} has {what} instead of a type: {REFERENCE} makes a TEXT column of it. {hint}",
        replacements=replaced,
    )


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """What a text that replaces the type cannot say: keys beside it, or a type where none is written."""
    from specql_lsp.features.diagnostics.rules.unknown_type_fixes import fixes_of_type

    return fixes_of_type(context, finding)
