"""The registry's schema in a database: SpecQL's own, and what this server adds to it (``registry install``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specql_lsp.registry.queries import query

if TYPE_CHECKING:
    import psycopg


def create_schema(database: str | psycopg.Connection[Any]) -> None:
    """Creates SpecQL's own schema ``specql_registry`` where it is missing, and nothing that this server adds.

    Args:
        database: a libpq URI or DSN, or a connection, whose transaction it then joins.

    Raises:
        psycopg.Error: as psycopg words it; the text may hold the URL, so it is not for users.
    """
    import psycopg

    if isinstance(database, str):
        with psycopg.connect(database) as connection:
            connection.execute(query("schema"))
    else:
        database.execute(query("schema"))
