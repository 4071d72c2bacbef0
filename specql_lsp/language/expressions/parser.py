"""SQL expressions and queries as SpecQL's steps contain them → nodes with spans.

Tolerant: accepts every text, half-typed text included, never raises, takes linear time. Where an operand is missing the
tree has ``Missing``; text that is nested too deeply is ``Skipped``. The precedence is PostgreSQL's ("Lexical
Structure", "Operator Precedence"); SpecQL's MATCHES binds like LIKE.
"""

from __future__ import annotations

from specql_lsp.language.expressions.cursor import MAX_DEPTH, TokenCursor
from specql_lsp.language.expressions.lexer import Token, TokenKind
from specql_lsp.language.expressions.nodes import (
    Aliased,
    Argument,
    Assignment,
    Call,
    Case,
    Cast,
    Clause,
    Expression,
    Group,
    Literal,
    LiteralKind,
    Missing,
    Name,
    NameRole,
    Operation,
    Operator,
    Parameter,
    Path,
    Query,
    Skipped,
)
from specql_lsp.language.expressions.precedence import (
    JUXTAPOSED,
    Item,
    OperatorItem,
    binary_operator,
    build,
    close_test,
    prefix_operator,
)
from specql_lsp.syntax.text import Span


def parse_expression(text: str) -> Expression:
    """The expression or query that ``text`` is; ``Missing`` for an empty text."""
    return ExpressionParser(text).whole()


def parse_assignments(text: str) -> tuple[Assignment, ...]:
    """The assignments of a SET list: ``a = 1, b = now()``."""
    return ExpressionParser(text).assignments(_NO_WORDS)


_NO_WORDS: frozenset[str] = frozenset()
_CASE_WORDS = frozenset({"WHEN", "THEN", "ELSE", "END"})
_QUERY_STARTS = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "VALUES"})
_CLAUSES: dict[str, frozenset[str]] = {
    "SELECT": frozenset({"DISTINCT", "ALL"}),
    "FROM": frozenset({"ONLY", "LATERAL"}),
    "JOIN": frozenset({"LATERAL"}),
    "LEFT": frozenset({"OUTER", "JOIN", "LATERAL"}),
    "RIGHT": frozenset({"OUTER", "JOIN", "LATERAL"}),
    "FULL": frozenset({"OUTER", "JOIN", "LATERAL"}),
    "INNER": frozenset({"JOIN", "LATERAL"}),
    "CROSS": frozenset({"JOIN", "LATERAL"}),
    "NATURAL": frozenset({"JOIN", "LEFT", "RIGHT", "INNER", "FULL", "OUTER"}),
    "ON": frozenset({"CONFLICT", "CONSTRAINT"}),
    "DO": frozenset({"NOTHING", "UPDATE", "SET"}),
    "USING": _NO_WORDS,
    "WHERE": _NO_WORDS,
    "GROUP": frozenset({"BY"}),
    "HAVING": _NO_WORDS,
    "WINDOW": _NO_WORDS,
    "PARTITION": frozenset({"BY"}),
    "ORDER": frozenset({"BY"}),
    "LIMIT": _NO_WORDS,
    "OFFSET": _NO_WORDS,
    "FETCH": frozenset({"FIRST", "NEXT"}),
    "FOR": frozenset({"UPDATE", "SHARE", "NO", "KEY", "SKIP", "LOCKED"}),
    "UNION": frozenset({"ALL", "DISTINCT"}),
    "INTERSECT": frozenset({"ALL", "DISTINCT"}),
    "EXCEPT": frozenset({"ALL", "DISTINCT"}),
    "INSERT": frozenset({"INTO"}),
    "INTO": frozenset({"STRICT"}),
    "UPDATE": frozenset({"ONLY"}),
    "SET": _NO_WORDS,
    "DELETE": frozenset({"FROM"}),
    "VALUES": _NO_WORDS,
    "RETURNING": _NO_WORDS,
    "WITH": frozenset({"RECURSIVE"}),
}
_QUERY_WORDS = frozenset(_CLAUSES)
_BEHIND_QUERY_START = frozenset({TokenKind.NAME, TokenKind.QUOTED_NAME, TokenKind.OPEN})
_NAMES_TABLES = frozenset({"FROM", "JOIN", "LATERAL", "ONLY", "UPDATE", "DELETE FROM", "INSERT INTO"})
_GIVES_ALIASES = ("SELECT", "RETURNING", "FROM", "JOIN", "LATERAL", "ONLY", "UPDATE", "INSERT INTO")
_OWN_SYNTAX: dict[str, frozenset[str]] = {
    "EXTRACT": frozenset({"FROM"}),
    "SUBSTRING": frozenset({"FROM", "FOR"}),
    "TRIM": frozenset({"FROM"}),
    "OVERLAY": frozenset({"PLACING", "FROM", "FOR"}),
}
"""Functions with words of their own between the arguments."""
_OWN_KEYWORDS: dict[str, frozenset[str]] = {"TRIM": frozenset({"BOTH", "LEADING", "TRAILING"})}
_CONSTANTS = {"TRUE": LiteralKind.BOOLEAN, "FALSE": LiteralKind.BOOLEAN, "NULL": LiteralKind.NULL}
_TYPES_BEFORE_STRINGS = frozenset({"INTERVAL", "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "UUID", "JSON", "JSONB"})
_LONG_TYPES: dict[str, tuple[str, ...]] = {
    "DOUBLE": ("PRECISION",),
    "CHARACTER": ("VARYING",),
    "TIMESTAMP": ("WITH", "WITHOUT", "TIME", "ZONE"),
    "TIME": ("WITH", "WITHOUT", "TIME", "ZONE"),
}
_ENDS = frozenset({")", "]", ",", ";"})
_MAX_POSTFIXES = 8


class ExpressionParser(TokenCursor):
    """Reads one text once, from the left. ``stops`` are the words that end an expression in its place."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._closed = 0
        """How many operands were built before their expression ended: each can be nested in the next."""

    def whole(self) -> Expression:
        """The whole text as one expression."""
        parts: list[Expression] = []
        while True:
            parts.append(self._query(self.next_start(), 0) if self._starts_query() else self.expression(_NO_WORDS))
            token = self.token()
            if token is None:
                break
            self.advance()
            parts.append(Skipped(token.span))
            if self.token() is None:
                break
        if len(parts) == 1:
            return parts[0]
        operators = tuple(Operator(Span(p.span.start, p.span.start), "") for p in parts[1:])
        return Operation(Span(parts[0].span.start, parts[-1].span.end), tuple(parts), operators)

    def _starts_query(self) -> bool:
        """Whether a query begins at the cursor, and not an expression with a field named ``values`` or ``update``."""
        word, following = self.word(), self.token(1)
        if word not in _QUERY_STARTS or self.is_name():
            return False
        return word == "SELECT" or (following is not None and following.kind in _BEHIND_QUERY_START)

    def assignments(self, stops: frozenset[str], *, in_call: bool = False) -> tuple[Assignment, ...]:
        """Assignments up to a word of ``stops`` or a closing parenthesis.

        Args:
            stops: words that end the list.
            in_call: whether an item without ``=`` is a value (an argument) and not the name of what is assigned.
        """
        found: list[Assignment] = []
        while (token := self.token()) is not None and token.kind is not TokenKind.CLOSE:
            if self.stops_at(stops):
                break
            if token.text in _ENDS:
                self.advance()
                continue
            found.append(self._assignment(stops, in_call=in_call))
        return tuple(found)

    def _assignment(self, stops: frozenset[str], *, in_call: bool) -> Assignment:
        start = self.next_start()
        target: Path | None = None
        at = self.at
        if self.is_identifier():
            target = self.path()
        equals = self.token()
        if equals is None or equals.text not in {"=", ":=", "=>"}:
            if target is not None and not in_call:
                rest: Expression = Missing(Span(self.last_end(), self.last_end()))
                if not self._at_end(stops):
                    rest = self.expression(stops)
                return Assignment(Span(start, self.last_end()), target, None, rest)
            self.at = at
            value = self.expression(stops)
            return Assignment(Span(start, max(self.last_end(), start)), None, None, value)
        self.advance()
        value = self.expression(stops)
        return Assignment(Span(start, max(self.last_end(), value.span.end)), target, equals.span, value)

    def _at_end(self, stops: frozenset[str]) -> bool:
        token = self.token()
        return token is None or token.text in _ENDS or (bool(stops) and self.stops_at(stops))

    def expression(self, stops: frozenset[str], depth: int = 0, role: NameRole = NameRole.VALUE) -> Expression:
        """One expression, up to a comma, a closing parenthesis or a word of ``stops``."""
        items: list[Item] = []
        expects_operand = True
        betweens: list[int] = []  # where in the list the operators are that wait for their AND
        while not self._at_end(stops):
            token = self.current()
            if expects_operand:
                prefix = prefix_operator(self)
                if prefix is not None:
                    items.append(prefix)
                elif token.text != "*" and (self.is_operator() or token.text in {"::", "=>"}):
                    items.append(Missing(Span(token.span.start, token.span.start)))
                    expects_operand = False
                else:
                    items.append(self._postfixed(self._operand(stops, depth, role), depth))
                    expects_operand = False
                continue
            operator = binary_operator(self, in_between=bool(betweens))
            if operator is None:
                start = token.span.start
                operator = OperatorItem(Operator(Span(start, start), ""), JUXTAPOSED)
            elif self._ends_with_operand(operator.text) and self._closed < MAX_DEPTH:
                self._closed += 1
                close_test(items, operator, self._operand(stops, depth, role))
                betweens = [index for index in betweens if index < len(items)]
                continue
            elif operator.text.endswith("BETWEEN"):
                betweens.append(len(items))
            elif operator.text == "AND" and betweens:
                start = betweens.pop() + 1
                if self._closed < MAX_DEPTH and len(items) > start + 1:
                    self._closed += 1
                    items[start:] = [build(items[start:])]
            items.append(operator)
            expects_operand = True
        if expects_operand:
            items.append(Missing(Span(self.next_start(), self.next_start())))
        return build(items)

    def _ends_with_operand(self, operator: str) -> bool:
        """Whether the operator and the operand at the cursor make a whole: ``IS NULL``, ``IN (…)``."""
        if operator in {"IS", "IS NOT"}:
            return self.word() in _CONSTANTS
        return operator in {"IN", "NOT IN"} and (token := self.token()) is not None and token.text == "("

    def _operand(self, stops: frozenset[str], depth: int, role: NameRole) -> Expression:
        """The operand at the cursor; takes at least one token."""
        token = self.current()
        match token.kind:
            case TokenKind.STRING:
                self.advance()
                return Literal(token.span, LiteralKind.STRING, token.value, token.is_closed)
            case TokenKind.NUMBER:
                self.advance()
                return Literal(token.span, LiteralKind.NUMBER, token.text)
            case TokenKind.PARAMETER:
                self.advance()
                name = Name(Span(token.span.start + 1, token.span.end), token.text[1:])
                parts = self.parts_after_dots()
                return Parameter(Span(token.span.start, self.last_end()), name, parts)
            case TokenKind.OPEN:
                return self._group(depth + 1)
            case TokenKind.NAME | TokenKind.QUOTED_NAME:
                return self._named(token, stops, depth, role)
            case TokenKind.OPERATOR if token.text == "*":
                self.advance()
                return Literal(token.span, LiteralKind.STAR, "*")
        self.advance()
        return Skipped(token.span)

    def _named(self, token: Token, stops: frozenset[str], depth: int, role: NameRole) -> Expression:
        word = token.word
        following = self.token(1)
        if not self.is_name():
            if word in _CONSTANTS:
                self.advance()
                return Literal(token.span, _CONSTANTS[word], token.text)
            if word == "CASE" and depth < MAX_DEPTH:
                return self._case(stops, depth + 1)
            if word in _TYPES_BEFORE_STRINGS and following is not None and following.kind is TokenKind.STRING:
                kind = self.path(NameRole.TYPE)
                literal = self._operand(stops, depth, role)
                return Cast(Span(token.span.start, literal.span.end), literal, kind)
        path = self.path(role)
        opening = self.token()
        if opening is None or opening.text not in {"(", "["}:
            return path
        is_call = opening.text == "(" and role is not NameRole.ALIAS
        if is_call or path.text.upper() == "ARRAY":
            return self._call(Path(path.span, path.parts, NameRole.FUNCTION), depth + 1)
        return path

    def _postfixed(self, operand: Expression, depth: int) -> Expression:
        """The operand with the casts and subscripts behind it."""
        for _ in range(_MAX_POSTFIXES):
            token = self.token()
            if token is None or token.text not in {"::", "["}:
                break
            start = operand.span.start
            if token.text == "[":
                subscript = self._group(depth + 1)
                operator = Operator(Span(subscript.span.start, subscript.span.start), "[]")
                operand = Operation(Span(start, subscript.span.end), (operand, subscript), (operator,))
                continue
            self.advance()
            kind = self._type(depth)
            operand = Cast(Span(start, max(kind.span.end, token.span.end)), operand, kind)
        return operand

    def _type(self, depth: int) -> Expression:
        """A type's name; its arguments and brackets belong to its span."""
        if not self.is_identifier():
            return Missing(Span(self.next_start(), self.next_start()))
        path = self.path(NameRole.TYPE)
        long = _LONG_TYPES.get(path.text.upper(), ())
        while self.word() in long:
            self.advance()
        token = self.token()
        while token is not None and token.text in {"(", "["} and token.span.start == self.last_end():
            self._group(depth + 1)
            token = self.token()
        return Path(Span(path.span.start, self.last_end()), path.parts, NameRole.TYPE)

    def _group(self, depth: int, *, in_window: bool = False) -> Expression:
        """What is in the parentheses or brackets at the cursor, which clauses begin in FILTER (…) and OVER (…)."""
        opening = self.current()
        if depth > MAX_DEPTH:
            return Skipped(self.skip_brackets())
        self.advance()
        if opening.text == "(" and (self._starts_query() or (in_window and self.stops_at(_QUERY_WORDS))):
            return self._query(opening.span.start, depth, opened=True)
        items = self._items(_NO_WORDS, depth)
        closed = self.close()
        return Group(Span(opening.span.start, self.last_end() if closed else self.next_start()), items, closed)

    def _items(
        self, stops: frozenset[str], depth: int, role: NameRole = NameRole.VALUE, *, aliases: bool = False
    ) -> tuple[Expression, ...]:
        """Expressions with commas between them; one ``Missing`` for each empty place, but nothing for ``()``."""
        items: list[Expression] = []
        while True:
            token = self.token()
            if token is not None and token.kind is TokenKind.CLOSE and not items:
                return ()
            item = self.expression(stops | _ALIAS_WORDS if aliases else stops, depth, role)
            items.append(self._with_alias(item, stops, depth) if aliases else item)
            token = self.token()
            if token is None or token.kind is not TokenKind.COMMA:
                return tuple(items)
            self.advance()

    def _with_alias(self, operand: Expression, stops: frozenset[str], depth: int) -> Expression:
        """The operand with the name that follows: after AS, or directly, as in ``tb_contact c``."""
        if isinstance(operand, Operation) and operand.operators[-1].text == "":
            last = operand.operands[-1]
            if len(operand.operands) == 2 and isinstance(last, Path) and len(last.parts) == 1:
                return Aliased(operand.span, operand.operands[0], Path(last.span, last.parts, NameRole.ALIAS))
        if self.word() != "AS":
            return operand
        self.advance()
        if not self.is_identifier() or self.stops_at(stops):
            missing = Span(self.next_start(), self.next_start())
            alias = Path(missing, (Name(missing, ""),), NameRole.ALIAS)
        else:
            alias = self.path(NameRole.ALIAS)
        found: Expression = Aliased(Span(operand.span.start, alias.span.end), operand, alias)
        if not self._at_end(stops):  # such as the columns of an alias
            rest = self.expression(stops, depth)
            at = Span(rest.span.start, rest.span.start)
            found = Operation(Span(found.span.start, rest.span.end), (found, rest), (Operator(at, ""),))
        return found

    def _call(self, function: Path, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            return Call(Span(function.span.start, self.skip_brackets().end), function, (), closed=False)
        self.advance()
        name = function.text.upper()
        separators = _OWN_SYNTAX.get(name, _NO_WORDS)
        stops = separators | {"AS"} if name == "CAST" else separators | {"ORDER"}
        arguments: list[Argument] = []
        while (token := self.token()) is not None and token.kind is not TokenKind.CLOSE:
            if token.kind is TokenKind.SEMICOLON:
                break
            if token.kind is TokenKind.COMMA:
                self.advance()
                if not arguments or self.token() is None or self.current().text in _ENDS:
                    arguments.append(self._missing_argument())
                continue
            if self.stops_at(stops):
                self.advance()
                if token.word == "AS":
                    kind = self._type(depth)
                    arguments.append(Argument(kind.span, None, kind))
                    continue
                if self.word() == "BY":
                    self.advance()
                continue
            arguments.append(self._argument(name, stops, depth, first=not arguments))
        closed = self.close()
        end = self.last_end() if closed else self.next_start()
        found: Expression = Call(Span(function.span.start, end), function, tuple(arguments), closed)
        return self._with_window(found, depth)

    def _missing_argument(self) -> Argument:
        at = Span(self.next_start(), self.next_start())
        return Argument(at, None, Missing(at))

    def _argument(self, function: str, stops: frozenset[str], depth: int, *, first: bool) -> Argument:
        token = self.current()
        following = self.token(1)
        start = token.span.start
        if first and not self.is_name():
            if self._starts_query():
                query = self._query(start, depth)
                return Argument(query.span, None, query)
            if function == "EXTRACT" or token.word in _OWN_KEYWORDS.get(function, _NO_WORDS):
                path = self.path(NameRole.KEYWORD)
                return Argument(path.span, None, path)
            if token.word == "DISTINCT" and following is not None and following.text not in _ENDS:
                self.advance()
        name: Name | None = None
        if following is not None and following.text in {"=>", ":="} and self.is_identifier():
            name = Name(token.span, token.value, token.kind is TokenKind.QUOTED_NAME)
            self.advance(2)
        value = self.expression(stops, depth)
        return Argument(Span(start, max(value.span.end, start)), name, value)

    def _with_window(self, call: Expression, depth: int) -> Expression:
        """The call with FILTER (…) and OVER (…) behind it."""
        operands, operators = [call], []
        while self.word() in {"OVER", "FILTER"} and (after := self.token(1)) is not None and after.text == "(":
            token = self.current()
            self.advance()
            operators.append(Operator(token.span, token.word))
            operands.append(self._group(depth, in_window=True))
        if not operators:
            return call
        return Operation(Span(call.span.start, operands[-1].span.end), tuple(operands), tuple(operators))

    def _case(self, stops: frozenset[str], depth: int) -> Expression:
        start = self.current().span
        clauses: list[Clause] = []
        words = "CASE"
        self.advance()
        inner = stops | _CASE_WORDS
        at = start.start
        while True:
            is_empty = words == "CASE" and self.word() in _CASE_WORDS
            items = () if is_empty else (self.expression(inner, depth),)
            clauses.append(Clause(Span(at, items[-1].span.end if items else self.last_end()), words, items))
            words = self.word()
            if words not in _CASE_WORDS or words == "END":
                break
            at = self.next_start()
            self.advance()
        closed = words == "END"
        if closed:
            self.advance()
        return Case(Span(start.start, self.last_end() if closed else self.next_start()), tuple(clauses), closed)

    def _query(self, start: int, depth: int, *, opened: bool = False) -> Query:
        """Clauses up to the parenthesis that closes, or to the end of the text."""
        clauses: list[Clause] = []
        while (token := self.token()) is not None and token.kind is not TokenKind.CLOSE:
            if token.text in _ENDS:
                self.advance()
                continue
            at = token.span.start
            words = self._clause_words()
            items = self._clause_items(words, depth)
            end = items[-1].span.end if items else self.last_end()
            clauses.append(Clause(Span(at, max(end, self.last_end())), words, items))
        closed = self.close() if opened else True
        last = clauses[-1].span.end if clauses else start
        end = self.next_start() if opened and not closed else max(self.last_end(), last)
        return Query(Span(start, end), tuple(clauses), closed)

    def _clause_words(self) -> str:
        """The words that begin a clause; empty where the text at the cursor is no such word."""
        first = self.word()
        if first not in _QUERY_WORDS:
            return ""
        words = [first]
        self.advance()
        while self.word() in _CLAUSES[first]:
            words.append(self.word())
            self.advance()
        return " ".join(words)

    def _clause_items(self, words: str, depth: int) -> tuple[Expression, ...]:
        last = words.rpartition(" ")[2]
        if words.startswith("WITH"):
            return self._common_tables(depth)
        role = NameRole.VALUE
        if words in _NAMES_TABLES or last in _NAMES_TABLES:
            role = NameRole.TABLE
        token = self.token()
        if token is not None and self.stops_at(_QUERY_WORDS):
            return ()
        if words == "INSERT INTO":
            return self._inserted_table(depth)
        aliases = words.startswith(_GIVES_ALIASES) or role is NameRole.TABLE
        return self._items(_QUERY_WORDS, depth, role, aliases=aliases)

    def _inserted_table(self, depth: int) -> tuple[Expression, ...]:
        """The table of INSERT INTO, and the group of its columns."""
        if not self.is_identifier():
            return self._items(_QUERY_WORDS, depth)
        table = self._with_alias(self.path(NameRole.TABLE), _QUERY_WORDS, depth)
        token = self.token()
        if token is None or token.kind is TokenKind.CLOSE or self.stops_at(_QUERY_WORDS):
            return (table,)
        return (table, *self._items(_QUERY_WORDS, depth))

    def _common_tables(self, depth: int) -> tuple[Expression, ...]:
        """``name AS (query)`` with commas between."""
        items: list[Expression] = []
        while self.is_identifier() and not self.stops_at(_QUERY_WORDS):
            operands: list[Expression] = [self.path(NameRole.ALIAS)]
            operators: list[Operator] = []
            while (token := self.token()) is not None and (token.text == "(" or token.word in _COMMON_TABLE_WORDS):
                words_start = token.span
                while self.word() in _COMMON_TABLE_WORDS:
                    self.advance()
                operators.append(Operator(words_start, "AS" if token.word else ""))
                following = self.token()
                if following is None or following.text != "(":
                    operands.append(Missing(Span(self.next_start(), self.next_start())))
                else:
                    operands.append(self._group(depth + 1))
            span = Span(operands[0].span.start, operands[-1].span.end)
            items.append(Operation(span, tuple(operands), tuple(operators)) if operators else operands[0])
            token = self.token()
            if token is None or token.kind is not TokenKind.COMMA:
                break
            self.advance()
        if not self._at_end(_QUERY_WORDS):
            items.append(self.expression(_QUERY_WORDS, depth))
        return tuple(items)


_ALIAS_WORDS = frozenset({"AS"})
_COMMON_TABLE_WORDS = frozenset({"AS", "NOT", "MATERIALIZED"})
