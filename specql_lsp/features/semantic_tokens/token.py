"""A semantic token, and the legend: the kinds and modifiers in the order of their numbers.

Source: LSP 3.17, "textDocument/semanticTokens". ``tableCode`` is ours; a client that does not know it leaves the text
as its grammar colours it.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import NamedTuple

from specql_lsp.semantics.names_in_expressions import ExpressionName


class TokenType(IntEnum):
    """What a word is: its number in ``TYPES``."""

    ENTITY = 0
    TYPE = 1
    FIELD = 2
    ENUM_VALUE = 3
    PARAMETER = 4
    VARIABLE = 5
    FUNCTION = 6
    """A function of SQL, or an action."""
    KEYWORD = 7
    OPERATOR = 8
    STRING = 9
    NUMBER = 10
    TABLE_CODE = 11
    NAMESPACE = 12
    """A schema, a domain, a subdomain, or a service."""
    PATTERN = 13


class TokenModifier(IntFlag):
    """What else is to be said of a word; bits in the order of ``MODIFIERS``."""

    NONE = 0
    DECLARATION = 1
    DEPRECATED = 2
    """A key that SpecQL does not read where it is written (``key-not-read``)."""
    DEFAULT_LIBRARY = 4
    """A type or a function that SpecQL or PostgreSQL brings."""


TYPES: tuple[str, ...] = (
    *("class", "type", "property", "enumMember", "parameter", "variable", "function", "keyword", "operator"),
    *("string", "number", "tableCode", "namespace", "macro"),
)
"""The types by LSP's names."""
MODIFIERS: tuple[str, ...] = ("declaration", "deprecated", "defaultLibrary")


class SemanticToken(NamedTuple):
    """A word.

    Attributes:
        start: where it begins, in code points; what it counts from is said where tokens are given.
        end: where it ends. A token may be on several lines.
        type: what it is.
        modifiers: what else.
        value: of a text in SQL that is compared with a field, that comparison: where the field is an enum, the text is
            one of its values.
    """

    start: int
    end: int
    type: TokenType
    modifiers: TokenModifier = TokenModifier.NONE
    value: ExpressionName | None = None
