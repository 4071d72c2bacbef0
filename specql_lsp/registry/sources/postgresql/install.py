"""The registry's schema in a database: SpecQL's own, and what this server adds to it (``registry install``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.queries import query, script
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.session import PostgresqlSession

if TYPE_CHECKING:
    import psycopg

    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection

_TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")
_CODE_INDEX = "index specql_registry.uq_entity_registration_table_code"
_THINGS = frozenset(
    {
        "schema specql_registry",
        "function specql_registry.fn_notify_change",
        "index specql_registry.idx_entity_registration_lower_name",
        _CODE_INDEX,
        *(f"table specql_registry.{table}" for table in _TABLES),
        *(
            f"trigger tr_notify_{event} on specql_registry.{table}"
            for event in ("insert", "update", "delete", "truncate")
            for table in _TABLES
        ),
    }
)
"""What is there after an installation, as ``install_inventory.sql`` says it."""
_PARTS = ("install_lock", "schema", "install")
_SCRIPT_HEAD = """\
-- What `specql-lsp registry install` does, as one transaction; safe to run again. For psql: psql -v ON_ERROR_STOP=1
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL lock_timeout = '{lock_ms}ms';

"""


@dataclass(frozen=True, slots=True)
class Installation:
    """What installing did."""

    created: tuple[str, ...]
    """What was made now, as phrases: ``table specql_registry.tb_domain``."""
    kept: tuple[str, ...]
    """What was there already."""
    obstacles: tuple[str, ...]
    """Sentences: which rows prevent the unique index on table codes. It is created once they are corrected."""
    server: str | None
    """Host, port and database; never a password."""


def install(settings: RegistrySettings) -> Installation:
    """Creates what is missing of SpecQL's schema and of what this server adds, in one transaction.

    Run again it changes nothing, also on a schema that SpecQL made and that is in use. It never drops or rewrites
    data.

    Args:
        settings: the URL, and the limits for locks and statements.

    Raises:
        Refused: kind ``registry-read-only`` when a right is missing, ``registry-unavailable`` when the database could
            not do it, ``conflict`` when something of it is missing afterwards; nothing was changed.
    """
    session = PostgresqlSession(settings)

    def work(connection: BoundedConnection) -> Installation:
        session.begin(connection, "install_lock")
        before = session.execute(connection, "install_inventory").fetchall()
        for part in _PARTS[1:]:
            session.execute(connection, part)
        after = session.execute(connection, "install_inventory").fetchall()
        obstacles = session.execute(connection, "install_obstacles").fetchall()
        _refuse_missing({thing for (thing,) in after}, has_obstacles=bool(obstacles))
        session.commit(connection)
        known = {thing for (thing,) in before}
        return Installation(
            created=tuple(thing for (thing,) in after if thing not in known),
            kept=tuple(thing for (thing,) in after if thing in known),
            obstacles=_obstacles(obstacles),
            server=session.location,
        )

    try:
        return session.run(work, writes=True)
    except SourceUnavailableError as error:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"Nothing was installed. {error.reason}") from None
    finally:
        session.close()


def install_script(settings: RegistrySettings | None = None) -> str:
    """The SQL that ``install`` runs, with its comments, for those who would rather run it themselves."""
    head = _SCRIPT_HEAD.format(lock_ms=(settings or RegistrySettings()).lock_timeout_ms)
    return head + "".join(f"{script(part).rstrip()};\n\n" for part in _PARTS) + "COMMIT;\n"


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


def _refuse_missing(installed: set[str], *, has_obstacles: bool) -> None:
    """Refuses an installation after which something is missing, although nothing failed."""
    wanted = _THINGS - ({_CODE_INDEX} if has_obstacles else set())
    missing = sorted(wanted - installed)
    if missing:
        raise Refused(
            RefusalKind.CONFLICT,
            f"Nothing was installed. PostgreSQL reported no error and did not make: {', '.join(missing)}. Something "
            "else has that name, or an event trigger of the database removes it: rename or remove what is in the way.",
        )


def _obstacles(rows: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """A sentence for each code, from the rows of ``install_obstacles.sql``."""
    sentences = []
    for code, holders in groupby(rows, key=lambda row: row[0]):
        places = "; ".join(
            f"{entity} in subdomain {number} ({name}) of domain {domain_number} ({domain})"
            for _, domain_number, domain, number, name, entity in holders
        )
        sentences.append(f"The table code {code} is registered more than once: {places}.")
    return tuple(sentences)
