"""Words, operators, functions and variables of the SQL in steps.

Source: SpecQL's expression grammar, whose functions are PostgreSQL's. Which words SpecQL 0.9.2 accepts in an expression
is in ``SpecQLParser._validate_expression_fields``: all others must be fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A function of expressions.

    Attributes:
        name: in lower case.
        signature: how it is written, with its arguments: ``coalesce(value, …)``.
        returns: the PostgreSQL type of its result.
        documentation: what it does, in a sentence.
    """

    name: str
    signature: str
    returns: str
    documentation: str


@dataclass(frozen=True, slots=True)
class SqlWord:
    """An operator or keyword of expressions; ``text`` is in capitals where it is a word."""

    text: str
    documentation: str


WORDS_THAT_SPECQL_ACCEPTS = frozenset(
    {"and", "or", "not", "is", "null", "true", "false", "matches", "set", "where", "input", "output", "email_pattern"}
)
"""The words that SpecQL 0.9.2 accepts in an expression beside the entity's fields, in lower case."""

CONTEXT_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "auth_user_id": "The user who calls the action.",
        "auth_tenant_id": "The tenant for which the action is called.",
        "input": "The action's arguments: `input.email`.",
        "output": "The action's result.",
    }
)
"""Names that every action has."""

VARIABLE_PREFIX = "v_"
"""How the names of variables begin that steps declare or store into."""


_ACCEPTED_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def is_accepted_field(name: str) -> bool:
    """Whether SpecQL 0.9.2 accepts a field of that name in an expression: it compares names in lower case."""
    return _ACCEPTED_NAME.fullmatch(name) is not None


@cache
def functions() -> Mapping[str, SqlFunction]:
    """The functions by their names in lower case."""
    return MappingProxyType({function.name: function for function in _functions()})


def _functions() -> tuple[SqlFunction, ...]:
    return (
        SqlFunction("upper", "upper(text)", "text", "The text in capitals."),
        SqlFunction("lower", "lower(text)", "text", "The text in lower case."),
        SqlFunction("trim", "trim(text)", "text", "The text without blanks at both ends."),
        SqlFunction("length", "length(text)", "integer", "How many characters the text has."),
        SqlFunction("coalesce", "coalesce(value, …)", "anyelement", "The first of the values that is not NULL."),
        SqlFunction("now", "now()", "timestamptz", "When the transaction began."),
        SqlFunction("current_date", "current_date", "date", "The date of today; written without parentheses."),
        SqlFunction("current_time", "current_time", "timetz", "The time of day; written without parentheses."),
        SqlFunction(
            "extract",
            "extract(field from value)",
            "numeric",
            "A part of a date or time: `extract(year from day)`.",
        ),
        SqlFunction("substring", "substring(text from start for count)", "text", "A part of the text, from 1."),
        SqlFunction("position", "position(part in text)", "integer", "Where the part begins, from 1; else 0."),
        SqlFunction("concat", "concat(value, …)", "text", "The values as one text; NULL counts as empty."),
        SqlFunction("exists", "exists(query)", "boolean", "Whether the query yields a row."),
    )


@cache
def operators() -> tuple[SqlWord, ...]:
    """The operators, those that are used most first."""
    return (
        SqlWord("=", "Equal."),
        SqlWord("AND", "Both conditions hold."),
        SqlWord("IS NULL", "There is no value."),
        SqlWord("IS NOT NULL", "There is a value."),
        SqlWord("!=", "Not equal."),
        SqlWord("<", "Less than."),
        SqlWord(">", "Greater than."),
        SqlWord("<=", "Less than or equal."),
        SqlWord(">=", "Greater than or equal."),
        SqlWord("OR", "One of the conditions holds, or both."),
        SqlWord("NOT", "The condition does not hold."),
        SqlWord("IN", "The value is one of several: `status IN ('lead', 'customer')`."),
        SqlWord("LIKE", "The text fits a pattern: `%` is any text, `_` any character."),
        SqlWord("ILIKE", "As LIKE, whatever the case."),
        SqlWord("MATCHES", "SpecQL's: the text matches a regular expression: `email MATCHES email_pattern`."),
        SqlWord("+", "Sum."),
        SqlWord("-", "Difference."),
        SqlWord("*", "Product."),
        SqlWord("/", "Quotient."),
        SqlWord("||", "Two texts as one."),
    )


KEYWORDS = frozenset(
    """
    abs all analyze and any array as asc asymmetric at authorization begin between bigint bit boolean both by call
    case cast char character check coalesce collate collation column concurrently conflict constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp current_user date day
    dec decimal declare default deferrable delete desc distinct do double else elsif end escape except exception
    excluded execute exists extract false fetch filter first float following for foreign found freeze from full
    grant greatest group grouping having hour if ilike in initially inner inout insert int integer intersect
    interval into is isnull join last lateral leading least left like limit localtime localtimestamp loop
    materialized minute month national natural nchar new next no none normalize not nothing notnull null nullif
    nulls numeric of off offset old on only or order others out outer over overlaps overlay partition perform
    placing position preceding precision primary raise range real recursive references return returning right row
    rows second select session_user set setof similar smallint some strict substring symmetric system_user table
    tablesample then ties time timestamp timestamptz to trailing treat trim true unbounded union unique unknown
    update user using uuid valid values varchar variadic verbose when where while window with within without year
    zone
    """.split()  # noqa: SIM905 - a column of 150 lines would say no more
)
"""Words of PostgreSQL's SQL and PL/pgSQL that an expression may have in the place of a name, in lower case.

Source: PostgreSQL, "SQL Key Words": the reserved ones, those that cannot name a function or type, and those of dates.
"""

NOT_COLUMN_NAMES = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for
    foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary references returning right select session_user similar some symmetric system_user table
    tablesample then to trailing true union unique user using variadic verbose when where window with
    """.split()  # noqa: SIM905 - as above
)
"""Words that PostgreSQL takes for no column's or schema's name unless they are quoted, in lower case.

Source: PostgreSQL, "SQL Key Words": those that are reserved, also where they can name a function or type.
"""

_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*")
_PART_OF_NAME = re.compile(r"[A-Za-z0-9_$\u0080-\U0010ffff]*")


def is_plain_name(text: str) -> bool:
    """Whether PostgreSQL reads a text without quotes as one name, if it is no reserved word."""
    return _NAME.fullmatch(text) is not None


def is_end_of_name(text: str) -> bool:
    """Whether a text makes one name together with letters before it."""
    return _PART_OF_NAME.fullmatch(text) is not None


def is_column_name(text: str) -> bool:
    """Whether PostgreSQL takes a text without quotes for the name of a column or schema."""
    return is_plain_name(text) and text.lower() not in NOT_COLUMN_NAMES


def closes_literal(text: str) -> bool:
    """Whether a text ends the SQL literal that it is put into as it is: it has an apostrophe that is not doubled."""
    return "'" in text and "'" in text.replace("''", "")
