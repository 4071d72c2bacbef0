"""The nodes of a parsed SQL expression. Frozen; each has its span in the parsed text, in code points from 0."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple, TypeAlias

from specql_lsp.syntax.text import Span


class NameRole(Enum):
    """What a name is by its place in the syntax, before anybody looks it up."""

    VALUE = "value"
    """A field, a variable, ``input.x``, a constant or a parameter."""
    FUNCTION = "function"
    TABLE = "table"
    """After FROM, JOIN, INTO, UPDATE: an entity or a table."""
    TYPE = "type"
    """After ``::`` or AS in CAST, or before a string (``interval '1 day'``)."""
    ALIAS = "alias"
    """A name that the text itself gives."""
    KEYWORD = "keyword"
    """A word of a function's own syntax, such as YEAR in ``extract(year from x)``."""


class Name(NamedTuple):
    """One identifier. ``text`` is without quotes and empty where a name is not typed yet, as behind ``company.``."""

    span: Span
    text: str
    quoted: bool = False


class Path(NamedTuple):
    """A name, or names joined by dots: ``status``, ``company.city``, ``input.email``, ``v_count``. At least one."""

    span: Span
    parts: tuple[Name, ...]
    role: NameRole = NameRole.VALUE

    @property
    def text(self) -> str:
        """The parts joined by dots, without quotes."""
        return ".".join(part.text for part in self.parts)

    @property
    def is_input(self) -> bool:
        """Whether it is SpecQL's ``input`` or ``input.…``: the action's arguments."""
        return self.parts[0].text.lower() == "input" and not self.parts[0].quoted

    @property
    def is_variable(self) -> bool:
        """Whether it is a variable of the action by SpecQL's convention: ``v_…``."""
        return self.parts[0].text.lower().startswith("v_")


class Parameter(NamedTuple):
    """``$name``; the name is empty behind a bare ``$``. Parts follow where it is a path: ``$row.id``."""

    span: Span
    name: Name
    parts: tuple[Name, ...] = ()


class LiteralKind(Enum):
    """What a literal is."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    STAR = "star"
    """``*`` where a value is expected: ``count(*)``, ``SELECT *``."""


class Literal(NamedTuple):
    """A literal; ``value`` is without quotes. ``closed`` is False for a string whose closing quote is missing."""

    span: Span
    kind: LiteralKind
    value: str
    closed: bool = True


class Missing(NamedTuple):
    """An empty place where an operand is expected; its span has no length."""

    span: Span


class Skipped(NamedTuple):
    """Text that is not SQL, or is nested too deeply to be parsed."""

    span: Span


class Operator(NamedTuple):
    """An operator as written, words in upper case and with one blank between them: ``=``, ``NOT IN``.

    ``text`` is empty where two operands follow each other without one.
    """

    span: Span
    text: str


class Operation(NamedTuple):
    """Operands of one precedence: ``a AND b AND c`` has three operands and two operators."""

    span: Span
    operands: tuple[Expression, ...]
    operators: tuple[Operator, ...]


class Prefix(NamedTuple):
    """``NOT x``, ``-x``: operators before their operand, outermost first."""

    span: Span
    operators: tuple[Operator, ...]
    operand: Expression


class Cast(NamedTuple):
    """``x::type``, or ``type 'x'`` as in ``interval '1 day'``."""

    span: Span
    operand: Expression
    type: Expression


class Argument(NamedTuple):
    """An argument of a function; ``name`` is that of ``name => value``."""

    span: Span
    name: Name | None
    value: Expression


class Call(NamedTuple):
    """``function(arguments)``."""

    span: Span
    function: Path
    arguments: tuple[Argument, ...]
    closed: bool


class Group(NamedTuple):
    """Parentheses or brackets: one expression, a list (``IN ('a', 'b')``), or nothing."""

    span: Span
    items: tuple[Expression, ...]
    closed: bool


class Clause(NamedTuple):
    """A part of a query or of CASE: its words in upper case (``SELECT``, ``ORDER BY``, ``WHEN``), and what follows."""

    span: Span
    words: str
    items: tuple[Expression, ...]


class Query(NamedTuple):
    """``SELECT …``, ``WITH …``, ``INSERT …``, ``UPDATE …``, ``DELETE …`` as clauses, its parentheses included."""

    span: Span
    clauses: tuple[Clause, ...]
    closed: bool = True


class Case(NamedTuple):
    """``CASE … WHEN … THEN … ELSE … END``; ``closed`` says whether END is there."""

    span: Span
    clauses: tuple[Clause, ...]
    closed: bool


class Aliased(NamedTuple):
    """``x AS name``, or ``table name`` after FROM."""

    span: Span
    operand: Expression
    alias: Path


Expression: TypeAlias = (
    Path | Parameter | Literal | Missing | Skipped | Operation | Prefix | Cast | Call | Group | Query | Case | Aliased
)


class Assignment(NamedTuple):
    """``target = value`` of a SET list or of a call; ``equals`` is None where no ``=`` is typed yet."""

    span: Span
    target: Path | None
    equals: Span | None
    value: Expression


def walk(*expressions: Expression) -> Iterator[Expression]:
    """The expressions and everything beneath them, a parent before its children, in the order of the text."""
    stack: list[Expression] = list(reversed(expressions))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly beneath ``node``, in the order of the text."""
    match node:
        case Operation():
            return node.operands
        case Prefix():
            return (node.operand,)
        case Cast():
            return (node.operand, node.type) if node.operand.span <= node.type.span else (node.type, node.operand)
        case Call():
            return (node.function, *(argument.value for argument in node.arguments))
        case Group():
            return node.items
        case Query() | Case():
            return tuple(item for clause in node.clauses for item in clause.items)
        case Aliased():
            return (node.operand, node.alias)
    return ()


def paths(*expressions: Expression) -> Iterator[Path]:
    """Every name in the expressions with its role, in the order of the text."""
    return (node for node in walk(*expressions) if isinstance(node, Path))
