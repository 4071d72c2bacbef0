"""What a plain scalar means by YAML 1.1, as PyYAML (SpecQL's reader) resolves it, and how a text is written."""

from __future__ import annotations

from enum import Enum

from specql_lsp.syntax.nodes import TEXT_TAGS, Scalar
from specql_lsp.syntax.pyyaml.implicit_types import FIRST_CHARACTERS, ImplicitType, implicit_type, value_of


class ScalarType(Enum):
    """The type that YAML 1.1 gives to a plain scalar."""

    STRING = "a string"
    INTEGER = "an integer"
    FLOAT = "a number"
    BOOLEAN = "a boolean"
    NULL = "null"
    TIMESTAMP = "a date"


_TYPES = {
    ImplicitType.INTEGER: ScalarType.INTEGER,
    ImplicitType.FLOAT: ScalarType.FLOAT,
    ImplicitType.BOOLEAN: ScalarType.BOOLEAN,
    ImplicitType.NULL: ScalarType.NULL,
    ImplicitType.TIMESTAMP: ScalarType.TIMESTAMP,
}


def type_of(text: str) -> ScalarType:
    """The type of the plain scalar ``text``; a string for ``<<`` and ``=``, which mean something as keys only."""
    if text[:1] not in FIRST_CHARACTERS:  # as nearly every text
        return ScalarType.STRING
    kind = implicit_type(text)
    # The hash of an enumeration's member is a function in Python.
    return ScalarType.STRING if kind is ImplicitType.STRING else _TYPES.get(kind, ScalarType.STRING)


def integer(text: str) -> int | None:
    """The value of the plain scalar ``text`` where YAML 1.1 reads an integer, octal and sexagesimal included."""
    if implicit_type(text) is not ImplicitType.INTEGER:
        return None
    try:
        value = value_of(text, ImplicitType.INTEGER)
    except ValueError:  # an underscore alone after the prefix: PyYAML fails on it, too
        return None
    return value if isinstance(value, int) else None


def boolean(scalar: Scalar) -> bool | None:
    """The value of a plain scalar that YAML 1.1 reads as a boolean; None for any other scalar."""
    if scalar.is_plain and scalar.tag is None and implicit_type(scalar.value) is ImplicitType.BOOLEAN:
        return value_of(scalar.value, ImplicitType.BOOLEAN) is True
    return None


def is_null(scalar: Scalar) -> bool:
    """Whether the scalar is a plain null."""
    # The quick question first, as it is asked of every name of every file: no null is longer.
    if len(scalar.value) > _LONGEST_NULL:
        return False
    return scalar.is_plain and scalar.tag is None and implicit_type(scalar.value) is ImplicitType.NULL


_LONGEST_NULL = len("null")


def is_text(scalar: Scalar) -> bool:
    """Whether the value of the scalar is a text."""
    if scalar.tag is not None or not scalar.is_plain:
        return scalar.tag in TEXT_TAGS
    return type_of(scalar.value) is ScalarType.STRING


def is_true(scalar: Scalar) -> bool:
    """Whether Python takes the value of the scalar for true, as a program does that asks no more of it."""
    if not scalar.is_plain or scalar.tag is not None:
        return bool(scalar.value)
    kind = implicit_type(scalar.value)
    try:
        return bool(value_of(scalar.value, kind))
    except ValueError:
        return True


def needs_quotes(text: str) -> bool:
    """Whether ``text``, written plain, would be read as something else than this very string.

    Covers other types, indicators (YAML 1.1, section 4.2), white space at the ends, ``: `` and `` #``.
    """
    if type_of(text) is not ScalarType.STRING or text in {"=", "<<"}:
        return True
    if text != text.strip():
        return True
    if text[0] in "-?:,[]{}#&*!|>'\"%@`" and not (text[0] in "-?:" and len(text) > 1 and text[1] not in " \t"):
        return True
    return ": " in text or " #" in text or text.endswith(":") or not text.isprintable()


def quote(text: str) -> str:
    """``text`` as a quoted YAML scalar: single quotes, or double where it holds control characters."""
    if not text.isprintable():
        return double_quote(text)
    return "'" + text.replace("'", "''") + "'"


def double_quote(text: str) -> str:
    """``text`` between double quotes, with escapes for what cannot be printed."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return named.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def write(text: str) -> str:
    """``text`` as YAML: plain where that reads back as the same string, else quoted."""
    return quote(text) if needs_quotes(text) else text
