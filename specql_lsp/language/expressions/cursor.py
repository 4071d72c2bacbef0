"""A cursor over the tokens of an SQL text, without white space and comments, and the names that it takes there."""

from __future__ import annotations

from specql_lsp.language.expressions.lexer import Token, TokenKind, tokenize
from specql_lsp.language.expressions.nodes import Name, NameRole, Path
from specql_lsp.language.expressions.precedence import OPERATOR_WORDS
from specql_lsp.syntax.text import Span

MAX_DEPTH = 40
"""Parentheses, CASE and queries nested deeper than this are skipped, so that no text exhausts Python's stack."""

_IDENTIFIERS = frozenset({TokenKind.NAME, TokenKind.QUOTED_NAME})
_ALSO_FUNCTIONS = frozenset({"LEFT", "RIGHT"})


class TokenCursor:
    """The tokens of one text and a place among them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens = [
            t for t in tokenize(text) if t.kind is not TokenKind.SPACE and t.kind is not TokenKind.COMMENT
        ]
        self._words = [token.word for token in tokens]
        self.at = 0

    def token(self, ahead: int = 0) -> Token | None:
        """The token at the cursor, or ``ahead`` tokens behind it; None past the end."""
        index = self.at + ahead
        return self._tokens[index] if index < len(self._tokens) else None

    def current(self) -> Token:
        """The token at the cursor, where the caller knows that there is one."""
        return self._tokens[self.at]

    def advance(self, by: int = 1) -> None:
        """Moves the cursor by that many tokens, not past the end."""
        self.at = min(self.at + by, len(self._tokens))

    def word(self) -> str:
        """The keyword or name at the cursor in upper case; empty if there is none."""
        return self._words[self.at] if self.at < len(self._words) else ""

    def next_start(self) -> int:
        """Where the token at the cursor begins; the end of the text past the last."""
        token = self.token()
        return token.span.start if token is not None else len(self.text)

    def last_end(self) -> int:
        """Where the token before the cursor ends; 0 at the start."""
        return self._tokens[self.at - 1].span.end if self.at else 0

    def is_identifier(self) -> bool:
        """Whether the token at the cursor is a name, quoted or not; keywords count as names."""
        token = self.token()
        return token is not None and (token.kind is TokenKind.NAME or token.kind is TokenKind.QUOTED_NAME)

    def is_name(self) -> bool:
        """Whether the word at the cursor can only be a name, whatever it says: a dot follows it directly."""
        following = self.token(1)
        if following is None or following.kind is not TokenKind.DOT:
            return False
        return following.span.start == self._tokens[self.at].span.end

    def is_operator(self) -> bool:
        """Whether the token at the cursor is an operator: a sign or a word such as AND."""
        token = self.token()
        if token is None or self.is_name():
            return False
        return token.kind is TokenKind.OPERATOR or self.word() in OPERATOR_WORDS

    def stops_at(self, words: frozenset[str]) -> bool:
        """Whether the word at the cursor is one of ``words`` and is meant as the keyword."""
        word = self.word()
        if word not in words or not word or self.is_name():
            return False
        following = self.token(1)
        return word not in _ALSO_FUNCTIONS or following is None or following.text != "("

    def path(self, role: NameRole = NameRole.VALUE) -> Path:
        """The name at the cursor with the names joined to it by dots."""
        token = self.current()
        self.advance()
        first = Name(token.span, token.value, token.kind is TokenKind.QUOTED_NAME)
        following = self.token()
        if following is None or following.kind is not TokenKind.DOT:
            return Path(token.span, (first,), role)
        parts = (first, *self.parts_after_dots())
        return Path(Span(token.span.start, self.last_end()), parts, role)

    def parts_after_dots(self) -> tuple[Name, ...]:
        """The names joined by dots to the token before the cursor; an empty one where none follows a dot."""
        parts: list[Name] = []
        while (dot := self.token()) is not None and dot.kind is TokenKind.DOT and dot.span.start == self.last_end():
            self.advance()
            token = self.token()
            joins = token is not None and token.span.start == dot.span.end
            if token is not None and joins and (token.kind in _IDENTIFIERS or token.text == "*"):
                self.advance()
                parts.append(Name(token.span, token.value, token.kind is TokenKind.QUOTED_NAME))
            else:
                parts.append(Name(Span(dot.span.end, dot.span.end), ""))
        return tuple(parts)

    def close(self) -> bool:
        """Takes the closing parenthesis or bracket at the cursor; False if there is none."""
        token = self.token()
        if token is None or token.kind is not TokenKind.CLOSE:
            return False
        self.advance()
        return True

    def skip_brackets(self) -> Span:
        """Passes the bracket at the cursor with all that is inside; the span of it."""
        start, depth = self.next_start(), 0
        while (token := self.token()) is not None:
            self.advance()
            if token.kind is TokenKind.OPEN:
                depth += 1
            elif token.kind is TokenKind.CLOSE:
                depth -= 1
                if depth <= 0:
                    break
        return Span(start, self.last_end())
