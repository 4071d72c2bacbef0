"""The pattern library in PostgreSQL: the rows of ``pattern_library.domain_patterns``.

Source of the columns: SpecQL's beta line (``PostgreSQLPatternRepository``), which creates and reads them. The table is
somebody else's: what is not a table, has other columns or types of a user's own is not read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from specql_lsp.registry.catalogs.model import CatalogEntry, CatalogItem, Entries
from specql_lsp.registry.sources.base import SourceUnavailableError

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.rows import Row
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

_KIND = "domain pattern"
_TABLE = "pattern_library.domain_patterns"
_COLUMNS = (
    *("id", "name", "category", "description", "parameters", "deprecated", "deprecated_reason"),
    *("replacement_pattern_id", "times_instantiated"),
)
_LONGEST_NAME = 200
_MOST_PARAMETERS = 100


def read_library(database: PostgresqlSource) -> Entries | None:
    """The library's patterns; None where the database has none.

    Raises:
        SourceUnavailableError: it cannot be read.
    """
    rows = database.rows("catalogs/patterns/probe", "catalogs/patterns/rows", is_readable)
    return _entries(rows) if rows is not None else None


def is_readable(probed: list[Row]) -> bool:
    """Whether there is a library, by the rows of ``probe.sql``.

    Raises:
        SourceUnavailableError: there is one, and it cannot be read.
    """
    if not probed or probed[0][2] is None:
        return False
    role, in_schema, kind, in_table, *_ = probed[0]
    if not in_schema or not in_table:
        raise SourceUnavailableError(f"The role {role} may not read {_TABLE}.", lost=False, lasting=True)
    if kind not in {"r", "p"}:
        raise SourceUnavailableError(f"{_TABLE} is not read: it is not a table.", lost=False, lasting=True)
    columns = {row[4]: row[5] for row in probed}
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        raise SourceUnavailableError(f"{_TABLE} has no column {missing[0]}.", lost=False, lasting=True)
    foreign = next((name for name in _COLUMNS if not columns[name]), None)
    if foreign is not None:
        reason = f"{_TABLE} is not read: the type of its column {foreign} is not one of PostgreSQL's own."
        raise SourceUnavailableError(reason, lost=False, lasting=True)
    return True


def _entries(rows: list[Row]) -> Entries:
    names = {row[0]: row[1] for row in rows if row[0] is not None and row[1]}
    return tuple(_entry(row, names) for row in rows if row[1] and len(row[1]) <= _LONGEST_NAME)


def _entry(row: Row, names: dict[str, str]) -> CatalogEntry:
    _, name, category, description, parameters, deprecated, reason, replacement, used = row
    times = f"used {used} times" if used not in {None, "0", "1"} else "used once" if used == "1" else ""
    is_deprecated = deprecated in {"true", "t"}
    return CatalogEntry(
        name,
        _KIND,
        description or "",
        " · ".join(filter(None, (category, times))),
        _parameters(parameters),
        deprecated=(reason or "") if is_deprecated else None,
        replacement=names.get(replacement) if is_deprecated and replacement is not None else None,
    )


def _parameters(text: str | None) -> tuple[CatalogItem, ...]:
    """The parameters, in the forms that SpecQL's own rows have: a mapping by name, or a list with names."""
    try:
        value = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return ()
    found: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        found = list(value.items())
    elif isinstance(value, list):
        found = [(each["name"], each) for each in value if isinstance(each, dict) and isinstance(each.get("name"), str)]
    return tuple(_parameter(name, spec) for name, spec in found[:_MOST_PARAMETERS])


def _parameter(name: str, spec: object) -> CatalogItem:
    if not isinstance(spec, dict):
        return CatalogItem(name, spec if isinstance(spec, str) else "")
    kind, description = spec.get("type"), spec.get("description")
    need = "required" if spec.get("required") is True else ""
    detail = " · ".join(filter(None, (kind if isinstance(kind, str) else "", need)))
    return CatalogItem(name, detail, description if isinstance(description, str) else "")
