"""The columns that SpecQL's tables and this server's own have, as the SQL that makes them says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from specql_lsp.registry.queries import script
from specql_lsp.registry.sources.postgresql.upgrades import SCHEMA, STEPS

_TABLE = re.compile(r"CREATE TABLE (specql_registry(?:_lsp)?\.\w+) \(\n(.*?)\n {8}\);", re.DOTALL)
_COLUMN = re.compile(r"^ {12}([a-z]\w*) ", re.MULTILINE)
_NAMED = re.compile(r"(?:(?P<alias>\w+)\.)?(?P<column>[a-z]\w*)")


@cache
def columns_of_tables() -> Mapping[str, tuple[str, ...]]:
    """The columns of each table, whose name has its schema before it."""
    scripts = "\n".join(script(name) for name in ("schema", *(step.query for step in STEPS)))
    return {table: tuple(_COLUMN.findall(body)) for table, body in _TABLE.findall(scripts)}


def missing_columns(found: Iterable[str]) -> tuple[str, ...]:
    """The columns that tables lack, as ``SCHEMA.TABLE.COLUMN``; of a table without any column, none is named.

    Args:
        found: those that there are, in the same way.
    """
    there = frozenset(found)
    tables = {column.rpartition(".")[0] for column in there}
    return tuple(
        column
        for table, names in columns_of_tables().items()
        if table in tables
        for column in (f"{table}.{name}" for name in names)
        if column not in there
    )


def no_column(column: str) -> str:
    """The sentence that says that a table lacks a column, given as ``SCHEMA.TABLE.COLUMN``."""
    table, _, name = column.rpartition(".")
    maker = "specql-lsp" if table.startswith(f"{SCHEMA}.") else "SpecQL"
    return f"The table {table} has no column {name}, which {maker} gives it."


def column_in(message: str, sql: str) -> str | None:
    """The column that a statement names and a table lacks, as ``SCHEMA.TABLE.COLUMN``; None where that is not seen.

    Args:
        message: the server's, in whatever language; it names the column, perhaps with an alias of its table.
        sql: the statement.
    """
    tables = columns_of_tables()
    named = [table for table in tables if re.search(rf"\b{re.escape(table)}\b", sql)]
    of_message = [table for table in named if re.search(rf"\b{table.rpartition('.')[2]}\b", message)]
    named = of_message or named
    for found in _NAMED.finditer(message):
        alias, name = found["alias"], found["column"]
        holders = [table for table in named if name in tables[table]]
        if alias is not None:
            holders = [table for table in holders if re.search(rf"\b{re.escape(table)} (?:AS )?{alias}\b", sql)]
        if len(holders) == 1:
            return f"{holders[0]}.{name}"
    return None
