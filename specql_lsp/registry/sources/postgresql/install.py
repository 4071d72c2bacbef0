"""The registry's schema in a database: SpecQL's own, and what this server adds to it (``registry install``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.queries import query, script, without_comments
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.columns import missing_columns, no_column
from specql_lsp.registry.sources.postgresql.session import PostgresqlSession
from specql_lsp.registry.sources.postgresql.upgrades import LATEST, SCHEMA, SPECQL_SCHEMA, STEPS

if TYPE_CHECKING:
    import psycopg

    from specql_lsp.registry.sources.postgresql.connection import BoundedConnection

_TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")
_COLUMN = "column "
"""What ``install_inventory.sql`` says before a column's name."""
_CODE_INDEX = "index specql_registry.uq_entity_registration_table_code"
_FUNCTIONS = {
    f"function {name}": without_comments(body)
    for name, body in re.findall(
        r"CREATE OR REPLACE FUNCTION (specql_registry(?:_lsp)?\.\w+)\(.*?\nAS \$\w+\$(.*?)\$\w+\$;",
        script("recording_leases") + script("recording"),
        re.DOTALL,
    )
}
"""The functions of ``recording.sql`` and ``recording_leases.sql``, with their text."""
_THINGS = frozenset(
    {
        "schema specql_registry",
        "index specql_registry.idx_entity_registration_lower_name",
        _CODE_INDEX,
        *_FUNCTIONS,
        *(f"table specql_registry.{table}" for table in _TABLES),
        *(
            f"trigger tr_notify_{event} on {table}"
            for event in ("insert", "update", "delete", "truncate")
            for table in (*(f"specql_registry.{table}" for table in _TABLES), f"{SCHEMA}.tb_lease")
        ),
        *(thing for step in STEPS for thing in step.makes),
    }
)
"""What is there after an installation, as ``install_inventory.sql`` says it."""
_PARTS = ("schema", *(step.query for step in STEPS), "recording_leases", "recording", "indexes")
_SCRIPT_HEAD = """\
-- What `specql-lsp registry install` does, as one transaction; safe to run again. For psql: psql -v ON_ERROR_STOP=1
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL lock_timeout = '{lock_ms}ms';

"""
_SCRIPT_GUARD = f"""\
-- A newer release may have changed what this would make again.
DO $newer$
DECLARE
    newest integer := 0;
BEGIN
    IF pg_catalog.to_regclass('{SCHEMA}.tb_version') IS NOT NULL THEN
        SELECT pg_catalog.max(version) INTO newest FROM {SCHEMA}.tb_version;
    END IF;
    IF newest > {LATEST} THEN
        RAISE EXCEPTION 'The schema {SCHEMA} has version %; this script makes version {LATEST}.', newest;
    END IF;
END
$newer$;

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


@dataclass(frozen=True, slots=True)
class InstallationCheck:
    """What a look at the installed schema found."""

    version: int | None
    """The version of the schema ``specql_registry_lsp``; None where it is missing, or the role may not read it."""
    missing: tuple[str, ...]
    """What is missing, or is of another release, as phrases."""
    missing_columns: tuple[str, ...]
    """The columns that tables lack, as ``SCHEMA.TABLE.COLUMN``; an installation does not make them."""
    disabled: tuple[str, ...]
    """The triggers that are there and switched off."""
    unrecorded: int | None
    """How many changes could not be recorded; None where the role may not read that."""
    server: str | None
    """Host, port and database; never a password."""

    @property
    def is_newer(self) -> bool:
        """Whether a later release than this one installed it."""
        return self.version is not None and self.version > LATEST

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to install or to mend."""
        return not (self.missing or self.missing_columns or self.disabled or self.is_newer)


class _Inventory(NamedTuple):
    """What there is of ``_THINGS``, and which columns tables lack."""

    things: frozenset[str]
    disabled: frozenset[str]
    missing_columns: tuple[str, ...]


def install(settings: RegistrySettings) -> Installation:
    """Creates what is missing of SpecQL's schema and of what this server adds, in one transaction.

    Run again it changes nothing, also on a schema that SpecQL made and that is in use. It never drops or rewrites
    data. What an earlier release installed is brought up to this one.

    Args:
        settings: the URL, and the limits for locks and statements.

    Raises:
        Refused: kind ``registry-read-only`` when a right is missing, ``registry-unavailable`` when the database could
            not do it, ``conflict`` when something of it is missing afterwards, or a later release installed it;
            nothing was changed.
    """
    session = PostgresqlSession(settings)

    def work(connection: BoundedConnection) -> Installation:
        session.begin(connection, "install_lock")
        before = _inventory(session, connection)
        _refuse_missing_columns(before.missing_columns, of=SPECQL_SCHEMA)
        version = _version(session, connection, before)
        if version is not None and version > LATEST:
            raise Refused(RefusalKind.CONFLICT, f"Nothing was installed. {newer_sentence(version)}")
        for part in _PARTS:
            session.execute(connection, part)
        after = _inventory(session, connection)
        _refuse_missing_columns(after.missing_columns, of=SCHEMA)
        obstacles = session.execute(connection, "install_obstacles").fetchall()
        _refuse_missing(after.things, has_obstacles=bool(obstacles))
        session.commit(connection)
        return Installation(
            created=tuple(sorted(after.things - before.things)),
            kept=tuple(sorted(after.things & before.things)),
            obstacles=_obstacles(obstacles),
            server=session.location,
        )

    try:
        return session.run(work, writes=True)
    except SourceUnavailableError as error:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"Nothing was installed. {error.reason}") from None
    finally:
        session.close()


def check_installation(settings: RegistrySettings) -> InstallationCheck:
    """Says what ``install`` would have to do; any role that may connect may ask, and nothing is changed.

    Raises:
        SourceUnavailableError: the database cannot be asked.
    """
    session = PostgresqlSession(settings)

    def work(connection: BoundedConnection) -> InstallationCheck:
        session.begin(connection, "probe", is_probe=True)
        found = _inventory(session, connection)
        version = _version(session, connection, found)
        (unrecorded,) = session.execute(connection, "unrecorded").fetchone() or (None,)
        session.commit(connection)
        missing, disabled = (tuple(sorted(names)) for names in (_THINGS - found.things, found.disabled))
        return InstallationCheck(version, missing, found.missing_columns, disabled, unrecorded, session.location)

    try:
        return session.run(work)
    finally:
        session.close()


def newer_sentence(version: int) -> str:
    """What to do about a schema that a later release installed."""
    return (
        f"The schema {SCHEMA} has version {version}, which a later release of specql-lsp made; this release knows "
        f"version {LATEST}: update specql-lsp."
    )


def install_script(settings: RegistrySettings | None = None) -> str:
    """The SQL that ``install`` runs, with its comments, for those who would rather run it themselves."""
    head = _SCRIPT_HEAD.format(lock_ms=(settings or RegistrySettings()).lock_timeout_ms)
    lock, *parts = (f"{script(part).rstrip()};\n\n" for part in ("install_lock", *_PARTS))
    return head + lock + _SCRIPT_GUARD + "".join(parts) + "COMMIT;\n"


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


def _inventory(session: PostgresqlSession, connection: BoundedConnection) -> _Inventory:
    """What there is; a function of another release is not this one's."""
    rows = session.execute(connection, "install_inventory").fetchall()
    ours = [(thing, source and without_comments(source), fires) for thing, source, fires in rows if thing in _THINGS]
    return _Inventory(
        frozenset(thing for thing, source, _ in ours if source == _FUNCTIONS.get(thing)),
        frozenset(thing for thing, _, fires in ours if not fires),
        missing_columns(thing.removeprefix(_COLUMN) for thing, *_ in rows if thing.startswith(_COLUMN)),
    )


def _version(session: PostgresqlSession, connection: BoundedConnection, inventory: _Inventory) -> int | None:
    """The version of our own schema; None where there is none, or it cannot be read."""
    if f"{SCHEMA}.tb_version.version" in inventory.missing_columns:
        return None
    (may_read,) = session.execute(connection, "schema_version_readable").fetchone() or (False,)
    if not may_read:
        return None
    (version,) = session.execute(connection, "schema_version").fetchone() or (None,)
    return None if version is None else int(version)


def _refuse_missing(installed: frozenset[str], *, has_obstacles: bool) -> None:
    """Refuses an installation after which something is missing, although nothing failed."""
    wanted = _THINGS - ({_CODE_INDEX} if has_obstacles else set())
    missing = sorted(wanted - installed)
    if missing:
        raise Refused(
            RefusalKind.CONFLICT,
            f"Nothing was installed. PostgreSQL reported no error and did not make: {', '.join(missing)}. Something "
            "else has that name, or an event trigger of the database removes it: rename or remove what is in the way.",
        )


def _refuse_missing_columns(columns: Sequence[str], *, of: str) -> None:
    """Refuses an installation on tables of a schema that lack columns: what it makes would not work."""
    sentences = " ".join(no_column(column) for column in columns if column.startswith(f"{of}."))
    if sentences:
        advice = "Add what is missing, or give it its name back."
        raise Refused(RefusalKind.CONFLICT, f"Nothing was installed. {sentences} {advice}")


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
