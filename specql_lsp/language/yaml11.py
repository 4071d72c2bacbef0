"""What a plain scalar means by YAML 1.1, as PyYAML (SpecQL's reader) resolves it.

Source: YAML 1.1 type repository (int, float, bool, null, timestamp) with the regular expressions of PyYAML's
implicit resolvers; PyYAML is stricter than the specification for floats (a dot is required).
"""

from __future__ import annotations

import re
from enum import Enum

from specql_lsp.syntax.nodes import Scalar


class ScalarType(Enum):
    """The type that YAML 1.1 gives to a plain scalar."""

    STRING = "a string"
    INTEGER = "an integer"
    FLOAT = "a number"
    BOOLEAN = "a boolean"
    NULL = "null"
    TIMESTAMP = "a date"


_BOOLEAN = re.compile(r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\Z")
_FLOAT = re.compile(
    r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
    r"|[-+]?\.(?:inf|Inf|INF)"
    r"|\.(?:nan|NaN|NAN))\Z"
)
_INTEGER = re.compile(
    r"(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\Z"
)
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_TIMESTAMP = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)\Z"
)
_TRUE = frozenset({"yes", "true", "on"})


def type_of(text: str) -> ScalarType:
    """The type of the plain scalar ``text``."""
    if _BOOLEAN.match(text):
        return ScalarType.BOOLEAN
    if _INTEGER.match(text):
        return ScalarType.INTEGER
    if _FLOAT.match(text):
        return ScalarType.FLOAT
    if _NULL.match(text):
        return ScalarType.NULL
    if _TIMESTAMP.match(text):
        return ScalarType.TIMESTAMP
    return ScalarType.STRING


def integer(text: str) -> int | None:
    """The value of the plain scalar ``text`` where YAML 1.1 reads an integer, octal and sexagesimal included."""
    if not _INTEGER.match(text):
        return None
    digits = text.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if digits == "0":
        return 0
    try:
        if digits.startswith("0b"):
            return sign * int(digits[2:], 2)
        if digits.startswith("0x"):
            return sign * int(digits[2:], 16)
        if digits.startswith("0"):
            return sign * int(digits, 8)
        value = 0
        for part in digits.split(":"):
            value = value * 60 + int(part)
    except ValueError:  # an underscore alone after the prefix: PyYAML fails on it, too
        return None
    return sign * value


def boolean(scalar: Scalar) -> bool | None:
    """The value of a plain scalar that YAML 1.1 reads as a boolean; None for any other scalar."""
    if scalar.is_plain and scalar.tag is None and _BOOLEAN.match(scalar.value):
        return scalar.value.lower() in _TRUE
    return None


def is_null(scalar: Scalar) -> bool:
    """Whether the scalar is a plain null."""
    return scalar.is_plain and scalar.tag is None and _NULL.match(scalar.value) is not None


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
