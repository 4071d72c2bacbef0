"""SQL text → tokens. The tokens cover the text without gaps: joined, they are the text again. Never raises.

Source of the form: PostgreSQL, "Lexical Structure"; ``$name`` is SpecQL's. A quote that is not closed runs to the end
of the text. Linear in the length of the text.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from specql_lsp.syntax.text import Span


class TokenKind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    NAME = "name"
    QUOTED_NAME = "quoted_name"
    PARAMETER = "parameter"
    NUMBER = "number"
    STRING = "string"
    OPERATOR = "operator"
    DOT = "dot"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    OPEN = "open"
    CLOSE = "close"
    OTHER = "other"
    """A character that SQL has no use for."""


class Token(NamedTuple):
    """One token. ``span`` counts code points from the start of the text."""

    kind: TokenKind
    text: str
    span: Span

    @property
    def word(self) -> str:
        """The text of a name in upper case, as keywords are compared; empty for every other token."""
        return self.text.upper() if self.kind is TokenKind.NAME else ""

    @property
    def is_closed(self) -> bool:
        """Whether a string or a quoted name has its closing quote."""
        quote = self.text[-1:]
        return len(self.text) > 1 and quote in {"'", '"'} and self.text.count(quote) % 2 == 0

    @property
    def value(self) -> str:
        """What a string or a quoted name says, without quotes; the text of every other token."""
        if self.kind is not TokenKind.STRING and self.kind is not TokenKind.QUOTED_NAME:
            return self.text
        start = 0 if self.text[0] in {"'", '"'} else 1  # behind the letter of E'…'
        quote = self.text[start]
        inner = self.text[start + 1 : -1 if self.is_closed else None]
        return inner.replace(quote * 2, quote)


def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of ``text``, white space and comments included."""
    return tuple(
        Token(_KINDS[match.lastgroup or ""], match.group(), Span(match.start(), match.end()))
        for match in _TOKEN.finditer(text)
    )


_KINDS = {kind.value: kind for kind in TokenKind}
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    |(?P<comment>--[^\r\n]*)
    |(?P<string>[eEbBxXnN]?'(?:[^']|'')*'?)
    |(?P<quoted_name>"(?:[^"]|"")*"?)
    |(?P<parameter>\$\w*)
    |(?P<name>[^\W\d]\w*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<dot>\.)
    |(?P<comma>,)
    |(?P<semicolon>;)
    |(?P<open>[(\[])
    |(?P<close>[)\]])
    |(?P<operator>::|:=|=>|->>|->|\#>>|\#>|<@|@>|<>|<=|>=|!=|!~\*|!~|~\*|\|\||&&|[=<>+\-*/%^~|&\#@!?])
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
