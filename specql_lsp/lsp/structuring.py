"""JSON → lsprotocol's types, more tolerant than lsprotocol where a newer or careless client must not be refused.

lsprotocol refuses a whole message for one value that it does not know. An enumeration's unknown value is kept as it
came; a position past the protocol's largest number is that number. A text must be a text: cattrs would make "None" of
``null``.

``tests/lsp/test_pygls_pitfalls.py`` fails when a newer lsprotocol makes one of these differences needless.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

if TYPE_CHECKING:
    from cattrs import Converter

LARGEST_INTEGER = 2**31 - 1
"""The largest ``uinteger`` (LSP 3.17, "Base Types")."""


def tolerant_converter() -> Converter:
    """lsprotocol's converter with the tolerance of this module."""
    converter = get_converter()
    for kind in vars(types).values():  # cattrs prefers the hook of str, from which most of them derive, to one of Enum
        if isinstance(kind, type) and issubclass(kind, Enum):
            converter.register_structure_hook(kind, _member)
    converter.register_structure_hook(types.Position, lambda value, _kind: read_position(value))
    converter.register_structure_hook(types.WorkspaceFolder, _folder)
    converter.register_structure_hook(str, _text)
    return converter


def _member(value: Any, kind: type[Enum]) -> Any:
    """The member of that value; the value itself if there is none."""
    if not isinstance(value, str | int):
        raise TypeError(f"{kind.__name__} must be a text or a number")
    try:
        return kind(value)
    except ValueError:
        return value


def read_position(value: Any) -> types.Position:
    """A position from JSON.

    Raises:
        ValueError: it has no line or no character, or one of them is not a number from 0.
    """
    if not isinstance(value, dict):
        raise ValueError("a position is an object")
    return types.Position(_coordinate(value.get("line")), _coordinate(value.get("character")))


def _coordinate(value: Any) -> int:
    # A float counts as the integer below it; NaN is refused, as it is not from 0 on.
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError("a position has a line and a character, both from 0")
    return int(min(value, LARGEST_INTEGER))


def _folder(value: Any, _kind: type[types.WorkspaceFolder]) -> types.WorkspaceFolder:
    name = value.get("name")
    return types.WorkspaceFolder(_text(value["uri"], str), name if isinstance(name, str) else "")


def _text(value: Any, _kind: type[str]) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a text")
    return value
