"""The type of a plain scalar by YAML 1.1, and its value, as PyYAML's resolver and safe constructor see them.

Source: YAML 1.1 type repository (int, float, bool, null, timestamp) with the regular expressions of PyYAML's implicit
resolvers; PyYAML is stricter than the specification for floats (a dot is required).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable
from enum import Enum


class ImplicitType(Enum):
    """What PyYAML resolves a plain scalar to; the values are the names of its tags."""

    STRING = "str"
    INTEGER = "int"
    FLOAT = "float"
    BOOLEAN = "bool"
    NULL = "null"
    TIMESTAMP = "timestamp"
    MERGE = "merge"
    """``<<``"""
    VALUE = "value"
    """``=``"""


_BOOLEAN = re.compile(r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")
_FLOAT = re.compile(
    r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
    r"|[-+]?\.(?:inf|Inf|INF)"
    r"|\.(?:nan|NaN|NAN))$"
)
_INTEGER = re.compile(
    r"(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$"
)
_NULL = re.compile(r"(?:~|null|Null|NULL|)$")
_TIMESTAMP = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$"
)
_MOMENT = (
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]*))?"
    r"(?:[ \t]*(?P<zone>Z|(?P<sign>[-+])(?P<zone_hour>[0-9]{1,2})(?::(?P<zone_minute>[0-9]{2}))?))?)?$"
)
_NUMBERS = ((_FLOAT, ImplicitType.FLOAT), (_INTEGER, ImplicitType.INTEGER))
_DIGIT = (*_NUMBERS, (_TIMESTAMP, ImplicitType.TIMESTAMP))
_WORD = ((_BOOLEAN, ImplicitType.BOOLEAN),)
# As in PyYAML, the first character says which types are possible.
_BY_FIRST: dict[str, tuple[tuple[re.Pattern[str], ImplicitType], ...]] = {
    **dict.fromkeys("-+.", _NUMBERS),
    **dict.fromkeys("0123456789", _DIGIT),
    **dict.fromkeys("yYtTfFoO", _WORD),
    **dict.fromkeys("nN", (*_WORD, (_NULL, ImplicitType.NULL))),
    **dict.fromkeys(["~", ""], ((_NULL, ImplicitType.NULL),)),
    "<": ((re.compile("<<$"), ImplicitType.MERGE),),
    "=": ((re.compile("=$"), ImplicitType.VALUE),),
}
_TRUE = frozenset({"yes", "true", "on"})
_BOOLEANS = _TRUE | {"no", "false", "off"}
_INFINITY = float("inf")
_NOT_A_NUMBER = float("nan")


FIRST_CHARACTERS = frozenset(_BY_FIRST)
"""What texts begin with that may be something else than strings; the empty text for the empty text."""


def implicit_type(text: str) -> ImplicitType:
    """The type of the plain scalar ``text``."""
    for pattern, found in _BY_FIRST.get(text[:1], ()):
        if pattern.match(text):
            return found
    return ImplicitType.STRING


def value_of(text: str, kind: ImplicitType) -> Hashable:
    """The value that PyYAML constructs of a scalar of this type.

    Raises:
        ValueError: PyYAML ends with an error, which may be of another class.
    """
    try:
        if kind is ImplicitType.INTEGER:
            return _integer(text)
        if kind is ImplicitType.FLOAT:
            return _float(text)
        if kind is ImplicitType.TIMESTAMP:
            return _timestamp(text)
    except (IndexError, OverflowError) as error:
        raise ValueError(str(error)) from error
    if kind is ImplicitType.BOOLEAN:
        if text.lower() not in _BOOLEANS:
            raise ValueError(text)
        return text.lower() in _TRUE
    return None if kind is ImplicitType.NULL else text


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits[0] == "-" else 1
    if digits[0] in "+-":
        digits = digits[1:]
    if digits == "0":
        return 0
    if digits.startswith("0b"):
        return sign * int(digits[2:], 2)
    if digits.startswith("0x"):
        return sign * int(digits[2:], 16)
    if digits[0] == "0":
        return sign * int(digits, 8)
    value = 0
    for part in digits.split(":"):
        value = value * 60 + int(part)
    return sign * value


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    sign = -1 if digits[0] == "-" else 1
    if digits[0] in "+-":
        digits = digits[1:]
    if digits == ".inf":
        return sign * _INFINITY
    if digits == ".nan":
        return _NOT_A_NUMBER
    value, base = 0.0, 1
    for part in reversed(digits.split(":")):
        value += float(part) * base
        base *= 60
    return sign * value


def _timestamp(text: str) -> dt.date:
    match = re.match(_MOMENT, text)
    if match is None:
        raise ValueError(text)
    parts = match.groupdict()
    year, month, day = int(parts["year"]), int(parts["month"]), int(parts["day"])
    if not parts["hour"]:
        return dt.date(year, month, day)
    zone: dt.timezone | None = dt.UTC if parts["zone"] else None
    if parts["sign"]:
        offset = dt.timedelta(hours=int(parts["zone_hour"]), minutes=int(parts["zone_minute"] or 0))
        zone = dt.timezone(-offset if parts["sign"] == "-" else offset)
    microsecond = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), int(parts["second"])
    return dt.datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)
