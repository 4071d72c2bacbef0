"""What can be typed at the end of a piece of SQL: an operand, an operator, the target of an assignment, a member.

It reads the tokens before a cursor, whatever is behind it, so that half-typed text is understood. Linear in the length
of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from specql_lsp.language.expressions.lexer import Token, TokenKind, tokenize


class SpotKind(Enum):
    """What belongs at the end of the text."""

    NOTHING = "nothing"
    ENTITY = "entity"
    """The entity of a step about rows."""
    BEHIND_ENTITY = "behind entity"
    """SET or WHERE."""
    TARGET = "target"
    """What an assignment gives a value to."""
    BEHIND_TARGET = "behind target"
    """The ``=`` of an assignment."""
    OPERAND = "operand"
    BEHIND_OPERAND = "behind operand"
    """An operator, or what ends the expression."""
    BEHIND_IS = "behind is"
    """NULL or NOT NULL."""
    BEHIND_IS_NOT = "behind is not"
    """NULL."""
    MEMBER = "member"
    """A name behind a dot."""
    STRING = "string"
    """The inside of a string."""


class Spot(NamedTuple):
    """The end of a piece of SQL.

    Attributes:
        kind: what belongs there.
        word: what is typed of it: the end of the text.
        owner: for a member, the names before its dot.
        compared: for an operand or a string, the names of what it is compared with or assigned to.
        entity: the entity that a step about rows names, with its schema if one is written.
        assigned: for a target, the targets of the other assignments before it.
        in_assignments: whether it is among assignments, and not in a condition.
        arguments: where an argument of a call begins, the names of those before it; else None.
    """

    kind: SpotKind
    word: str = ""
    owner: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    entity: tuple[str, ...] = ()
    assigned: frozenset[str] = frozenset()
    in_assignments: bool = False
    arguments: frozenset[str] | None = None


class OpenCall(NamedTuple):
    """A call whose parenthesis is open at the end of a text: the function's name, and which argument is typed."""

    function: str
    argument: int
    """From 0."""


_COMPARING = frozenset({"=", "!=", "<>", "<", ">", "<=", ">="})
_COMPARING_WORDS = frozenset({"IN", "LIKE", "ILIKE", "MATCHES"})
_BEFORE_OPERAND = _COMPARING_WORDS | frozenset(
    ("AND", "OR", "NOT", "WHERE", "SET", "WHEN", "THEN", "ELSE", "CASE", "BETWEEN", "SELECT", "BY", "ON", "HAVING")
)
_BEFORE_TABLE = frozenset({"FROM", "JOIN", "INTO"})
_SPACES = frozenset({TokenKind.SPACE, TokenKind.COMMENT})
_OPERANDS = frozenset(
    {TokenKind.NAME, TokenKind.QUOTED_NAME, TokenKind.PARAMETER, TokenKind.NUMBER, TokenKind.STRING, TokenKind.CLOSE}
)


def spot_in_expression(before: str) -> Spot:
    """The end of an expression."""
    tokens, word = _split(before)
    return _of_broken(before) or _operand(tokens, word, before)


def spot_in_row_head(before: str) -> Spot:
    """The end of ``Entity SET field = value WHERE condition``, or of ``Entity(field = value)``."""
    tokens, word = _split(before)
    names = _leading_path(tokens)
    if len(names) == len(tokens) and (not tokens or tokens[-1].kind is TokenKind.DOT):
        return Spot(SpotKind.ENTITY, word, owner=tuple(token.text for token in names if token.kind is TokenKind.NAME))
    entity = tuple(token.text for token in names if token.kind is TokenKind.NAME)
    rest = tokens[len(names) :]
    if not rest:
        kind = SpotKind.BEHIND_ENTITY if word or before[-1:].isspace() else SpotKind.NOTHING
        return Spot(kind, word, entity=entity)
    where = _at_top(rest, "WHERE")
    broken = _of_broken(before)
    if where is not None:
        found = broken or _operand(rest[where + 1 :], word, before)
        return _compared(found, rest[where + 1 :])._replace(entity=entity)
    if rest[0].word == "SET" or rest[0].text == "(":
        return _in_assignments(rest[1:], word, before, broken)._replace(entity=entity)
    return Spot(SpotKind.NOTHING)


def spot_in_call(before: str) -> Spot:
    """The end of ``function(name = value, …)``: the name is an entity's place."""
    tokens, word = _split(before)
    opened = next((index for index, token in enumerate(tokens) if token.text == "("), None)
    if opened is None:
        return Spot(SpotKind.ENTITY, word) if not tokens else Spot(SpotKind.NOTHING)
    *others, segment = _segments(tokens[opened + 1 :])
    spot = _of_broken(before) or _operand(segment, word, before)
    named = frozenset(other[0].text for other in others if len(other) > 1 and other[1].text == "=")
    return spot._replace(entity=(tokens[0].text,), arguments=None if segment else named)


def open_call(before: str) -> OpenCall | None:
    """The innermost call that is open at the end of a text; None where none is."""
    tokens = [token for token in tokenize(before) if token.kind not in _SPACES]
    depth = commas = 0
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind is TokenKind.CLOSE:
            depth += 1
        elif token.kind is TokenKind.OPEN and depth:
            depth -= 1
        elif token.kind is TokenKind.OPEN:
            name = tokens[index - 1] if index else None
            if name is not None and name.kind is TokenKind.NAME and name.word not in _BEFORE_OPERAND:
                return OpenCall(name.text, commas)
            commas = 0  # parentheses of their own within an argument
        elif token.kind is TokenKind.COMMA and not depth:
            commas += 1
    return None


def _split(before: str) -> tuple[list[Token], str]:
    """The tokens before the word that is being typed, without white space, and that word."""
    tokens = list(tokenize(before))
    word = ""
    if tokens and tokens[-1].kind in {TokenKind.NAME, TokenKind.PARAMETER}:
        word = tokens.pop().text
    return [token for token in tokens if token.kind not in _SPACES], word


def _of_broken(before: str) -> Spot | None:
    """The spot in a string, a comment or a number, which are no places for names."""
    last = tokenize(before)[-1:]
    if not last:
        return None
    token = last[0]
    if token.kind is TokenKind.STRING and not token.is_closed:
        tokens = [each for each in tokenize(before)[:-1] if each.kind not in _SPACES]
        return Spot(SpotKind.STRING, token.value, compared=_what_is_compared(tokens))
    if token.kind in {TokenKind.COMMENT, TokenKind.NUMBER, TokenKind.QUOTED_NAME}:
        return Spot(SpotKind.NOTHING)
    return None


def _operand(tokens: Sequence[Token], word: str, before: str) -> Spot:
    if not tokens:
        return Spot(SpotKind.OPERAND, word)
    last = tokens[-1]
    if last.kind is TokenKind.DOT:
        return Spot(SpotKind.MEMBER, word, owner=_path_before(tokens[:-1]))
    if last.word == "IS":
        return Spot(SpotKind.BEHIND_IS, word)
    if last.word == "NOT" and len(tokens) > 1 and tokens[-2].word == "IS":
        return Spot(SpotKind.BEHIND_IS_NOT, word)
    if last.word in _BEFORE_TABLE:
        return Spot(SpotKind.NOTHING, word)
    if last.kind in _OPERANDS and last.word not in _BEFORE_OPERAND:
        is_apart = before[: len(before) - len(word)][-1:].isspace()
        return Spot(SpotKind.BEHIND_OPERAND if is_apart else SpotKind.NOTHING, word)
    return Spot(SpotKind.OPERAND, word, compared=_what_is_compared(tokens))


def _compared(spot: Spot, tokens: Sequence[Token]) -> Spot:
    return spot._replace(compared=_what_is_compared(tokens)) if spot.kind is SpotKind.STRING else spot


def _what_is_compared(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The names of what the operand behind ``tokens`` is compared with."""
    end = len(tokens)
    if end and tokens[-1].kind in {TokenKind.OPEN, TokenKind.COMMA}:
        depth = 0
        for index in range(end - 1, -1, -1):
            if tokens[index].kind is TokenKind.CLOSE:
                depth += 1
            elif tokens[index].kind is TokenKind.OPEN:
                if not depth:
                    end = index
                    break
                depth -= 1
        else:
            return ()
        if not end or tokens[end - 1].word != "IN":
            return ()
    if not end or not (tokens[end - 1].text in _COMPARING or tokens[end - 1].word in _COMPARING_WORDS):
        return ()
    end -= 1
    if end and tokens[end - 1].word == "NOT":
        end -= 1
    return _path_before(tokens[:end])


def _path_before(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The names joined by dots at the end of ``tokens``."""
    names: list[str] = []
    index = len(tokens) - 1
    while index >= 0 and tokens[index].kind in {TokenKind.NAME, TokenKind.PARAMETER}:
        names.append(tokens[index].text)
        if index < 1 or tokens[index - 1].kind is not TokenKind.DOT:
            break
        index -= 2
    return tuple(reversed(names))


def _leading_path(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens of the names joined by dots that the tokens begin with, a dot at their end included."""
    index = 0
    while index < len(tokens):
        wanted = TokenKind.DOT if index % 2 else TokenKind.NAME
        if tokens[index].kind is not wanted or tokens[index].word in {"SET", "WHERE"}:
            break
        index += 1
    return tokens[:index]


def _at_top(tokens: Sequence[Token], word: str) -> int | None:
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.OPEN:
            depth += 1
        elif token.kind is TokenKind.CLOSE:
            depth -= 1
        elif depth <= 0 and token.word == word:
            return index
    return None


def _segments(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The tokens between the commas that are in no parentheses."""
    found: list[Sequence[Token]] = []
    depth = start = 0
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.OPEN:
            depth += 1
        elif token.kind is TokenKind.CLOSE:
            depth -= 1
        elif token.kind is TokenKind.COMMA and depth <= 0:
            found.append(tokens[start:index])
            start = index + 1
    found.append(tokens[start:])
    return found


def _in_assignments(tokens: Sequence[Token], word: str, before: str, broken: Spot | None) -> Spot:
    *others, segment = _segments(tokens)
    equals = next((index for index, token in enumerate(segment) if token.text in {"=", ":="}), None)
    if equals is None:
        if broken is not None:
            return broken._replace(kind=SpotKind.NOTHING)
        if not segment:
            assigned = frozenset(other[0].text for other in others if other)
            return Spot(SpotKind.TARGET, word, assigned=assigned, in_assignments=True)
        is_apart = before[: len(before) - len(word)][-1:].isspace() and segment[-1].kind is not TokenKind.DOT
        return Spot(SpotKind.BEHIND_TARGET if is_apart else SpotKind.NOTHING, word, in_assignments=True)
    found = broken or _operand(segment[equals + 1 :], word, before)
    target = _path_before(segment[:equals])
    if equals + 1 == len(segment) or (found.kind is SpotKind.STRING and equals + 2 == len(segment)):
        found = found._replace(compared=target)
    return found._replace(in_assignments=True)
