"""What a session of PostgreSQL holds that outlives its transactions: behind a pooler it meets whoever comes next."""

from __future__ import annotations

from typing import NamedTuple

import psycopg


class Traces(NamedTuple):
    """What a session's state holds beyond that of one that was just opened."""

    settings: list[str]
    prepared: int
    channels: int
    advisory_locks: int
    temporary_tables: int


NOTHING = Traces([], 0, 0, 0, 0)
_TRACES = """
SELECT
    (SELECT coalesce(array_agg(name::text ORDER BY name), '{}') FROM pg_settings
        WHERE source = 'session' AND name NOT IN
            ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')),
    (SELECT count(*) FROM pg_prepared_statements),
    (SELECT count(*) FROM pg_listening_channels()),
    (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'),
    (SELECT count(*) FROM pg_class WHERE relpersistence = 't')
"""


def traces(url: str) -> Traces:
    """What the connection holds that a pooler of one gives. PgBouncer itself sets the five that are left out."""
    with plain(url) as connection:
        row = connection.execute(_TRACES).fetchone()
    assert row is not None
    return Traces(*row)


def plain(url: str) -> psycopg.Connection:
    """Another program's connection, one transaction a statement."""
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


def waits_for_a_lock(url: str) -> bool:
    """Whether a session of the database waits for another's lock."""
    with psycopg.connect(url, autocommit=True) as connection:
        return bool(
            connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchall()
        )
