"""``invalid-default``: a default that is no value of the field's type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.features.diagnostics.entity_walk import FieldPlace
from specql_lsp.features.diagnostics.field_texts import TypeText, scalar_of
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.words import listed, shortened
from specql_lsp.features.model import Finding
from specql_lsp.language.names import nearest
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.type_syntax import EnumType, NamedType, parse_field_type
from specql_lsp.language.types import TypeSpec, type_named
from specql_lsp.semantics.columns import LossKind
from specql_lsp.severity import Severity
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.text import Span

RULE = Rule(
    code="invalid-default",
    severity=Severity.WARNING,
    fix="Changes the default to the nearest value of the type.",
    waits=True,
    summary="A field's default is no value of its type.",
    explanation=(
        f"{REFERENCE} reads a default, compares it with nothing, and does not write it into the table. The beta line "
        "refuses a default that is none of an enumeration's values, and other readers of the file use it.\n\n"
        "Write one of the enumeration's values, or a value of the type: a number, `true` or `false`, a date, a text "
        "that matches the type's pattern. A function such as `now()` is reported for an enumeration only."
    ),
    example="entity: Contact\nfields:\n  status: enum(lead, customer) = led\n",
    better="entity: Contact\nfields:\n  status: enum(lead, customer) = lead\n",
)
_MOST_VALUES = 8


class _Problem(NamedTuple):
    message: str
    replacements: tuple[str, ...] = ()


def of_field(place: FieldPlace) -> Iterator[Finding]:
    """A default that is no value of the field's type."""
    found = place.type if place.has_name else None
    if found is None or found.column.lost(LossKind.TYPE):
        return
    written = _default(place, found)
    if written is None:
        return
    default, span = written
    head = found.text.type if found.text.nullable is not None else found.text.type.split(" = ", 1)[0]
    problem = _problem(head.strip().removesuffix("!"), default)
    if problem is not None:
        yield RULE.finding(span, problem.message, replacements=problem.replacements)


def _default(place: FieldPlace, found: TypeText) -> tuple[str, Span] | None:
    """The default with its place; None if there is none, or one that is no single value."""
    if place.entries is not None:
        beside = scalar_of(place.source, place.entries, "default")
        if beside is None or constructed(beside) is Constructed.NULL:
            return None
        return beside.value, beside.text_span
    if " = " not in found.text.type:
        return None
    parsed = parse_field_type(found.text.type)
    if parsed.default is None:
        return None
    text = parsed.default.text
    bare = text.strip("'\"")
    start = parsed.default.span.start + len(text) - len(text.lstrip("'\""))
    return (bare, found.span_of(Span(start, start + len(bare)))) if bare else None


@lru_cache(maxsize=512)
def _problem(type_: str, default: str) -> _Problem | None:
    """What is wrong with a default of a type; None where it may be one of its values."""
    expression = parse_field_type(type_).type
    if isinstance(expression, EnumType):
        values = [value.text.strip("'\"") for value in expression.values]
        # Quotes around the values, and in them, are a mistake of their own.
        if not values or default in values or any("'" in value or '"' in value for value in values):
            return None
        near = nearest(default, values)
        shown = listed([shortened(value) for value in values[:_MOST_VALUES]], "or")
        more = ", …" if len(values) > _MOST_VALUES else ""
        hint = f"Did you mean {shortened(near)}?" if near else f"Write {shown}{more} instead."
        message = f"The default {shortened(default)} is none of the values {shown}{more}: {REFERENCE} does not notice. "
        return _Problem(message + hint, (near,) if near else tuple(values[:3]))
    spec = type_named(expression.name.text) if isinstance(expression, NamedType) else None
    if spec is None or _may_be_computed(default):
        return None
    wanted, fits = _wanted(spec)
    if fits is None or fits(default):
        return None
    near = _near_value(spec, default)
    hint = f"Write {near} instead." if near else f"Write {wanted}."
    message = f"The default {shortened(default)} is not {wanted}, as {spec.name} needs: {REFERENCE} does not notice. "
    return _Problem(message + hint, (near,) if near else ())


def _may_be_computed(default: str) -> bool:
    """Whether a default may be more than the value that is written: SQL, a special value, a number in another base."""
    lowered = default.lower()
    is_sql = "(" in default or "::" in default or default.upper() in _SQL_VALUES
    return is_sql or lowered in _SPECIAL_TIMES or _OTHER_NUMBER.match(lowered) is not None


_SQL_VALUES = frozenset(
    {"NULL", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER"}
)
_SPECIAL_TIMES = frozenset({"now", "today", "tomorrow", "yesterday", "infinity", "-infinity", "epoch"})
_OTHER_NUMBER = re.compile(r"[+-]?(?:0[xob][0-9a-f_]+|\.?inf|infinity|\.?nan)\Z")
"""Numbers that PostgreSQL or YAML 1.1 reads, and that have no digits or not those of ten, in lower case."""
_INTEGER = re.compile(r"[+-]?[0-9][0-9_]*\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_BOOLEANS = frozenset({"true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\Z")


def _is_date(text: str) -> bool:
    return _is_of(dt.date.fromisoformat, text)


def _is_moment(text: str) -> bool:
    return _is_of(dt.datetime.fromisoformat, text.strip())


def _is_time(text: str) -> bool:
    return _is_of(dt.time.fromisoformat, text)


def _is_of(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        # Only what has no digits is surely none: PostgreSQL reads many other forms.
        return any(character.isdigit() for character in text)
    return True


_FORMS: Table[str, tuple[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "INTEGER": ("an integer", lambda text: _INTEGER.match(text) is not None),
        "BIGINT": ("an integer", lambda text: _INTEGER.match(text) is not None),
        "DOUBLE PRECISION": ("a number", lambda text: _NUMBER.match(text) is not None),
        "NUMERIC": ("a number", lambda text: _NUMBER.match(text) is not None),
        "BOOLEAN": ("true or false", lambda text: text.lower() in _BOOLEANS),
        "DATE": ("a date", _is_date),
        "TIMESTAMPTZ": ("a date with a time", _is_moment),
        "TIME": ("a time of day", _is_time),
        "UUID": ("a UUID", lambda text: _UUID.match(text) is not None),
    }
)
"""What a value of a PostgreSQL type is called, and whether a text may be one."""


def _wanted(spec: TypeSpec) -> tuple[str, Callable[[str], bool] | None]:
    """What a value of a type is called, and whether a text may be one; None where any may."""
    if spec.pattern is not None and spec.postgres == "TEXT":
        pattern = _compiled(spec.pattern)
        example = f"such as {spec.example}" if spec.example else f"that matches {spec.pattern}"
        return f"a text {example}", (lambda text: pattern.search(text) is not None) if pattern is not None else None
    title, fits = _FORMS.get(spec.postgres.split("(")[0], ("", None))
    if fits is None or (spec.minimum is None and spec.maximum is None):
        return title, fits
    low, high = spec.minimum, spec.maximum
    limits = [f"at least {low:g}"] if low is not None else []
    limits += [f"at most {high:g}"] if high is not None else []
    return f"{title} of {listed(limits)}", lambda text: fits(text) and _is_between(text, low, high)


def _is_between(text: str, low: float | None, high: float | None) -> bool:
    value = float(text.replace("_", ""))
    return (low is None or value >= low) and (high is None or value <= high)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of PostgreSQL, whatever the case; None where Python does not understand it."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error:
        return None


def _near_value(spec: TypeSpec, default: str) -> str | None:
    """The value that is surely meant."""
    if spec.postgres == "BOOLEAN":
        return nearest(default, ("true", "false"))
    if (
        spec.postgres in {"INTEGER", "BIGINT"}
        and _NUMBER.match(default)
        and float(default.replace("_", "")).is_integer()
    ):
        return str(int(float(default.replace("_", ""))))
    return None
