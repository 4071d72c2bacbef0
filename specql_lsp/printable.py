"""Text of files and databases as a terminal or a CI log may print it: nothing in it is a command to either."""

from __future__ import annotations

import re

_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""The controls of the Unicode bidirectional algorithm (UAX #9, section 2): they reorder what is read."""
_CONTROLS = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff]")
_CONTROLS_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_BIDI}]")
_FIRST_COLON = re.compile(r"\A(\s*):")
_MARKED_COMMAND = re.compile(r"#(?=#\w*\[)")


def printable(text: str) -> str:
    r"""The text on one line, with its control characters shown as ``\n``, ``\x1b`` or ``\u2028``.

    Shown so are C0, DEL and C1, the line and paragraph separators, bidirectional controls and lone surrogates. GitHub's
    runner takes a line that begins with ``::`` for a command, and ``##[…]`` anywhere in a line (Azure Pipelines:
    ``##vso[…]``): the first colon and the first number sign of these are shown as ``\x3a`` and ``\x23``.
    """
    return _MARKED_COMMAND.sub(r"\\x23", _FIRST_COLON.sub(r"\1\\x3a", without_controls(text)))


def without_controls(text: str) -> str:
    """The text on one line with its control characters shown, and nothing else changed."""
    return _CONTROLS.sub(lambda found: _escape(found.group()), text)


def printable_json(document: str) -> str:
    """A JSON document in which the same characters are escaped as JSON does; its meaning does not change.

    What JSON itself demands (C0) is taken as done; lone surrogates stay.
    """
    # None of these can be outside of a string.
    escaped = _CONTROLS_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", document)
    return _MARKED_COMMAND.sub(r"\\u0023", escaped)


def _escape(character: str) -> str:
    code = ord(character)
    return _NAMES.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
