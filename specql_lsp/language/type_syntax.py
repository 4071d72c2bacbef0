"""The text of a field's type, parsed: ``text!``, ``enum(a, b) = a!``, ``ref(crm.Contact|Company)``, ``list(ref(Tag))``.

The parser is tolerant: it accepts any text, half-typed text included, never raises, and takes linear time. It says how
the text is written, not what it means: whether a name is a type is for ``specql_lsp.language.types`` to say. Spans
count code points from the start of the text.

Source of the form: ``SpecQLParser._parse_field_string`` of SpecQL 0.9.2. ``!`` makes a field NOT NULL only as the last
character of the whole text; a default follows ``=``; ``?`` is read by no release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from specql_lsp.syntax.text import Span

MAX_DEPTH = 40
"""Parentheses nested deeper than this are kept as one piece of text that is not parsed."""


class TypeTokenKind(Enum):
    """What a token of a type's text is."""

    SPACE = "space"
    WORD = "word"
    PUNCTUATION = "punctuation"


class TypeToken(NamedTuple):
    """One token. The tokens of a text cover it without gaps."""

    kind: TypeTokenKind
    text: str
    span: Span


class Word(NamedTuple):
    """A piece of the text; ``text`` may be empty where a name is not typed yet."""

    text: str
    span: Span


class NamedType(NamedTuple):
    """A type by its name alone, such as ``text`` or ``money``; also any text that is not a type of another form."""

    span: Span
    name: Word


class EnumType(NamedTuple):
    """``enum(a, b)``; the values are as written, quotes included, and empty values are left out."""

    span: Span
    name: Word
    values: tuple[Word, ...]
    bracket: str
    """The opening bracket: ``(``, or ``[`` in ``enum[a, b]``, which SpecQL 0.9.2 reads as TEXT."""
    closed: bool


class RefTarget(NamedTuple):
    """One entity that a ``ref(…)`` names. ``name`` is empty in ``ref(crm.)``."""

    span: Span
    schema: Word | None
    name: Word


class RefType(NamedTuple):
    """``ref(Entity)``, ``ref(schema.Entity)`` or ``ref(A|B)``."""

    span: Span
    name: Word
    targets: tuple[RefTarget, ...]
    inner: Span
    """What is between the parentheses."""
    closed: bool


class ListType(NamedTuple):
    """``list(T)``; ``item`` is None in ``list()``."""

    span: Span
    name: Word
    item: TypeExpression | None
    bracket: str
    closed: bool


class OtherType(NamedTuple):
    """A name with arguments that is none of the above, such as ``decimal(10, 2)`` or ``text[]``."""

    span: Span
    name: Word
    arguments: tuple[TypeExpression, ...]
    bracket: str
    closed: bool


TypeExpression: TypeAlias = NamedType | EnumType | RefType | ListType | OtherType


class FieldType(NamedTuple):
    """A field's type, its marks and its default.

    Attributes:
        text: the whole text.
        type: the type; None where the text holds none.
        extra: what follows the type and is neither a mark nor a default: SpecQL does not read such a text as a type.
        not_null: the ``!`` that makes the field NOT NULL: the last character of the text.
        ignored_marks: every other ``!``, and every ``?``: no release reads them.
        equals: the ``=`` before the default. SpecQL 0.9.2 needs a blank on both sides of it.
        default: the default as written; None if there is none.
    """

    text: str
    type: TypeExpression | None
    extra: tuple[TypeExpression, ...]
    not_null: Span | None
    ignored_marks: tuple[Word, ...]
    equals: Span | None
    default: Word | None

    def expressions(self) -> Iterator[TypeExpression]:
        """Every type expression in the text, nested ones included, in the order of the text."""
        stack = [*reversed(self.extra), *([self.type] if self.type is not None else [])]
        while stack:
            expression = stack.pop()
            yield expression
            if isinstance(expression, ListType) and expression.item is not None:
                stack.append(expression.item)
            elif isinstance(expression, OtherType):
                stack.extend(reversed(expression.arguments))

    def targets(self) -> Iterator[RefTarget]:
        """Every entity that a ``ref(…)`` in the text names, in the order of the text; empty names are left out."""
        for expression in self.expressions():
            if isinstance(expression, RefType):
                yield from (target for target in expression.targets if target.name.text)

    @property
    def ends_open(self) -> bool:
        """Whether a parenthesis is not closed."""
        return any(not e.closed for e in self.expressions() if not isinstance(e, NamedType))


class OpenReference(NamedTuple):
    """What is typed of a ``ref(`` target before the cursor."""

    schema: str | None
    """The schema before the dot, if there is a dot."""
    partial: str
    """What is typed of the name."""
    start: int
    """Where the target begins, schema included, within the text."""


def parse_field_type(text: str) -> FieldType:
    """The type in ``text``. Accepts every text; the text is that of one scalar, without its quotes."""
    # Most fields of a workspace have one of a few hundred texts.
    return _parse_short(text) if len(text) <= _SHORT else _Parser(text).field_type()


_SHORT = 100


@lru_cache(maxsize=1024)
def _parse_short(text: str) -> FieldType:
    return _Parser(text).field_type()


def open_reference(before_cursor: str) -> OpenReference | None:
    """The ``ref(`` that the text before a cursor leaves open, or None."""
    if "ref" not in before_cursor:
        return None
    reference: RefType | None = None
    for expression in parse_field_type(before_cursor).expressions():
        reference = expression if isinstance(expression, RefType) else None
    if reference is None or reference.closed or reference.inner.end != len(before_cursor):
        return None
    typed = before_cursor[reference.inner.start :]
    start = reference.inner.start + typed.rfind("|") + 1
    target = before_cursor[start:]
    start += len(target) - len(target.lstrip())
    schema, dot, partial = target.strip().rpartition(".")
    return OpenReference(schema if dot else None, partial, start)


def type_tokens(text: str) -> tuple[TypeToken, ...]:
    """The tokens of ``text``; joined, their texts are ``text``."""
    return tuple(
        TypeToken(_KINDS[match.lastgroup or ""], match.group(), Span(match.start(), match.end()))
        for match in _TOKEN.finditer(text)
    )


_TOKEN = re.compile(r"(?P<space>\s+)|(?P<word>\w+)|(?P<punctuation>.)", re.DOTALL)
_KINDS = {kind.value: kind for kind in TypeTokenKind}
_CLOSING = {"(": ")", "[": "]"}
_MARKS = frozenset("!?")
_ENDS_NAME = frozenset("()[]|,=!?")
_ENDS_TARGET = frozenset("()|,=!?")


class _Parser:
    """Reads the tokens of one text once, from the left."""

    def __init__(self, text: str) -> None:
        self.whole = text
        end = len(text.rstrip())
        # As SpecQL does it: the last character first, whatever is before it.
        self.not_null = Span(end - 1, end) if text[:end].endswith("!") else None
        self.text = text[: end - 1] if self.not_null else text
        self.tokens = type_tokens(self.text)
        self.at = 0
        self.marks: list[Word] = []

    def field_type(self) -> FieldType:
        types: list[TypeExpression] = []
        while (token := self._next()) is not None and token.text != "=":
            if token.text in _MARKS:
                self.marks.append(self._word(token.span))
                self.at += 1
            else:
                types.append(self._type(0))
        token = self._next()
        default = self._stripped(token.span.end, len(self.text)) if token is not None else None
        return FieldType(
            text=self.whole,
            type=types[0] if types else None,
            extra=tuple(types[1:]),
            not_null=self.not_null,
            ignored_marks=tuple(self.marks),
            equals=token.span if token is not None else None,
            default=default if default is not None and default.text else None,
        )

    def _type(self, depth: int) -> TypeExpression:
        """The type at the current token, which is not white space; takes at least one token."""
        name = self._name()
        if not name.text:  # stray punctuation
            name = self._word(self.tokens[self.at].span)
            self.at += 1
            return NamedType(name.span, name)
        bracket = self._next()
        is_adjacent = bracket is not None and bracket.span.start == name.span.end
        if bracket is None or not (bracket.text == "(" or (bracket.text == "[" and is_adjacent)):
            return NamedType(name.span, name)
        self.at += 1
        if bracket.text == "(" and name.text == "ref":
            return self._reference(name, bracket.span.end)
        if name.text == "enum":
            values, closed = self._values(bracket.text)
            return EnumType(self._since(name), name, values, bracket.text, closed)
        items, closed = self._arguments(bracket.text, depth + 1)
        if name.text == "list" and len(items) <= 1:
            return ListType(self._since(name), name, items[0] if items else None, bracket.text, closed)
        return OtherType(self._since(name), name, items, bracket.text, closed)

    def _name(self) -> Word:
        start = self.at
        while (token := self._token()) is not None and token.text not in _ENDS_NAME:
            joins = token.kind is TypeTokenKind.WORD or (token.text in {".", "-"} and self.at > start)
            if not joins:
                break
            self.at += 1
        return self._word(Span(self._start(start), self._start(self.at)))

    def _reference(self, name: Word, inner_start: int) -> RefType:
        targets: list[RefTarget] = []
        inner_end = inner_start
        closed = False
        while (token := self._token()) is not None and token.text not in {"(", "="}:
            if token.text == ")":
                closed = True
                self.at += 1
                break
            if token.kind is TypeTokenKind.SPACE or token.text in _ENDS_TARGET:
                if token.text in _MARKS:
                    self.marks.append(self._word(token.span))
                self.at += 1
            else:
                targets.append(self._target())
            inner_end = self._start(self.at)
        return RefType(self._since(name), name, tuple(targets), Span(inner_start, inner_end), closed)

    def _target(self) -> RefTarget:
        start = self.at
        while (token := self._token()) is not None:
            if token.kind is TypeTokenKind.SPACE or token.text in _ENDS_TARGET:
                break
            self.at += 1
        span = Span(self._start(start), self._start(self.at))
        dot = self.text.rfind(".", span.start, span.end)
        if dot < 0:
            return RefTarget(span, None, self._word(span))
        return RefTarget(span, self._word(Span(span.start, dot)), self._word(Span(dot + 1, span.end)))

    def _values(self, bracket: str) -> tuple[tuple[Word, ...], bool]:
        """The texts between commas up to the bracket that closes; brackets in a value are part of it."""
        values: list[Word] = []
        start, depth = self._start(self.at), 0
        while (token := self._token()) is not None and not (token.text == "=" and self._is_default()):
            if token.text in {"(", "["}:
                depth += 1
            elif depth and token.text in {")", "]"}:
                depth -= 1
            elif not depth and token.text == _CLOSING[bracket]:
                values.append(self._stripped(start, token.span.start))
                self.at += 1
                return tuple(value for value in values if value.text), True
            elif not depth and token.text == ",":
                values.append(self._stripped(start, token.span.start))
                start = token.span.end
            self.at += 1
        values.append(self._stripped(start, self._start(self.at)))
        return tuple(value for value in values if value.text), False

    def _is_default(self) -> bool:
        """Whether the current ``=`` begins a default: with blanks around it, SpecQL splits there in any case."""
        return self.text[self._start(self.at) - 1 : self._start(self.at) + 2] in {" = ", " ="}

    def _arguments(self, bracket: str, depth: int) -> tuple[tuple[TypeExpression, ...], bool]:
        items: list[TypeExpression] = []
        if depth > MAX_DEPTH:
            return (), self._skip()
        while (token := self._next()) is not None and token.text != "=":
            if token.text == _CLOSING[bracket]:
                self.at += 1
                return tuple(items), True
            if token.text in _MARKS:
                self.marks.append(self._word(token.span))
                self.at += 1
            elif token.text in {",", "|"}:
                self.at += 1
            else:
                items.append(self._type(depth))
        return tuple(items), False

    def _skip(self) -> bool:
        """Passes what is inside the bracket just opened; says whether it is closed."""
        depth = 1
        while (token := self._token()) is not None and token.text != "=":
            self.at += 1
            if token.text in {"(", "["}:
                depth += 1
            elif token.text in {")", "]"}:
                depth -= 1
                if not depth:
                    return True
        return False

    def _token(self) -> TypeToken | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> TypeToken | None:
        """The token at the cursor, past white space."""
        while (token := self._token()) is not None and token.kind is TypeTokenKind.SPACE:
            self.at += 1
        return token

    def _start(self, index: int) -> int:
        return self.tokens[index].span.start if index < len(self.tokens) else len(self.text)

    def _since(self, name: Word) -> Span:
        return Span(name.span.start, self._start(self.at))

    def _word(self, span: Span) -> Word:
        return Word(self.text[span.start : span.end], span)

    def _stripped(self, start: int, end: int) -> Word:
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        return self._word(Span(start, start + len(text.strip())))
