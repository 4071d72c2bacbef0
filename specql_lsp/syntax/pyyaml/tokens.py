"""The tokens of a YAML text, and what can be wrong with it. The names are those of PyYAML's scanner."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from specql_lsp.syntax.text import Span


class Kind(IntEnum):
    """What a token is; the names are those of PyYAML's tokens."""

    STREAM_END = 0
    DIRECTIVE = 1
    DOCUMENT_START = 2
    DOCUMENT_END = 3
    BLOCK_SEQUENCE_START = 4
    BLOCK_MAPPING_START = 5
    BLOCK_END = 6
    FLOW_SEQUENCE_START = 7
    FLOW_SEQUENCE_END = 8
    FLOW_MAPPING_START = 9
    FLOW_MAPPING_END = 10
    BLOCK_ENTRY = 11
    FLOW_ENTRY = 12
    KEY = 13
    VALUE = 14
    ALIAS = 15
    ANCHOR = 16
    TAG = 17
    SCALAR = 18


class ErrorKind(IntEnum):
    """Why a text is no YAML."""

    UNCLOSED_QUOTE = 0
    UNKNOWN_ESCAPE = 1
    TAB = 2
    BAD_START = 3
    MISSING_COLON = 4
    UNEXPECTED_COLON = 5
    UNEXPECTED_DASH = 6
    UNEXPECTED_QUESTION_MARK = 7
    BAD_BLOCK_HEADER = 8
    BAD_NAME = 9
    UNEXPECTED = 10
    """A token is where the grammar has no place for it."""
    BAD_DIRECTIVE = 11
    UNKNOWN_HANDLE = 12
    """A tag begins with a handle that no ``%TAG`` defines."""
    TOO_DEEP = 13
    """Collections are nested deeper than ``MAX_DEPTH``."""


MAX_DEPTH = 450
"""The deepest nesting of collections that is called valid.

PyYAML 6 calls itself twice for each level and ends with a RecursionError at Python's limit of 1,000 calls: at 490
levels when it is called from a script, at fewer from a program with calls of its own.
"""


class Event(IntEnum):
    """What the parser makes of the tokens; the names are those of PyYAML's events."""

    DOCUMENT = 0
    """A document begins."""
    ALIAS = 1
    SCALAR = 2
    SEQUENCE = 3
    MAPPING = 4
    END = 5
    """The innermost collection ends."""


class ParsedEvent(NamedTuple):
    """An event with the token it was made of.

    ``token`` is the index of the scalar, of the alias or of what opens a collection; None for an empty scalar and a
    mapping without brackets of its own. ``first`` is the index of the first token: of the node's anchor or tag where
    it has one; for an end, the token before what follows the collection: its closing bracket where it has one.
    """

    event: Event
    first: int
    token: int | None


class Token(NamedTuple):
    """A token with its place."""

    kind: Kind
    start: int
    end: int


class YamlError(NamedTuple):
    """The first error of a text, and what was read right before it."""

    kind: ErrorKind
    span: Span
    token: Kind | None = None
    """What is in the wrong place, for ``ErrorKind.UNEXPECTED``."""
    before: tuple[Token, ...] = ()
    """The last tokens before it, nearest last."""
    bracket: int | None = None
    """Where the innermost open bracket is."""
