"""Sentences for what goes wrong with PostgreSQL. psycopg's and libpq's own texts never leave this module:
they can hold the URL, and so the password.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import psycopg

_CONNECTION_TEXTS: tuple[tuple[str, str], ...] = (
    (r"could not translate host name|failed to resolve host|Name or service not known|nodename nor servname",
     "The host name of the PostgreSQL server could not be resolved."),
    (r"password authentication failed|authentication failed for user",
     "PostgreSQL refused the login: password authentication failed."),
    (r"no password supplied", "PostgreSQL refused the login: it asks for a password, and none is given."),
    (r"role \".*\" does not exist", "PostgreSQL refused the login: the role does not exist."),
    (r"role \".*\" is not permitted to log in", "PostgreSQL refused the login: the role may not log in."),
    (r"permission denied for database", "PostgreSQL refused the login: the role may not connect to the database."),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", "PostgreSQL refused the login: its pg_hba.conf does not allow it."),
    (r"too many clients|remaining connection slots|too many connections", "PostgreSQL has no connection left to give."),
    (r"database system is starting up|not yet accepting|not accepting connections", "PostgreSQL is still starting."),
    (r"the database system is shutting down", "PostgreSQL is shutting down."),
    (r"the database system is in recovery mode", "PostgreSQL is recovering from a crash."),
    (r"definition of service|service file .* not found", "The service that the database URL names is not defined."),
    (r"Connection refused|actively refused", "PostgreSQL refused the connection: nothing listens at that address."),
    (r"No such file or directory", "PostgreSQL refused the connection: the server's socket does not exist."),
    (r"timeout expired|timed out", "PostgreSQL did not answer in time."),
    (r"Network is unreachable|No route to host|Host is down", "The PostgreSQL server cannot be reached."),
    (r"certificate|SSL|TLS", "The encrypted connection to PostgreSQL could not be set up."),
    (r"invalid connection option|invalid integer value|invalid .* value|missing \"=\"|invalid port",
     "The database URL is not valid."),
    (r"server closed the connection|Connection reset|received invalid response",
     "What listens at that address does not answer as PostgreSQL does."),
)  # fmt: skip
_MISSING_DATABASE = re.compile(r"database \"(.*)\" does not exist")


class Limits(NamedTuple):
    """The limits that sentences name."""

    statement_ms: int
    lock_ms: int


def connection_reason(error: psycopg.Error, database: str | None) -> str:
    """Why no connection could be opened.

    Args:
        error: what psycopg raised. libpq gives no SQLSTATE here, so its text is read; it is never shown.
        database: the database's name as it may be shown.
    """
    text = str(error)
    if _MISSING_DATABASE.search(text):
        return f'The database "{database}" does not exist.' if database else "The database does not exist."
    for pattern, reason in _CONNECTION_TEXTS:
        if re.search(pattern, text):
            return reason
    if "FATAL" in text:
        return "PostgreSQL refused the connection."
    return "The connection to PostgreSQL could not be opened."


def statement_reason(error: psycopg.Error, limits: Limits) -> str:
    """Why a statement failed, by its SQLSTATE."""
    state = error.sqlstate or ""
    match state:
        case "57014":
            return f"The statement was cancelled: it took longer than {limits.statement_ms} ms."
        case "55P03":
            return f"A lock was held by another longer than {limits.lock_ms} ms."
        case "40P01" | "40001" | "23505":
            return "Others kept changing the same place of the registry."
        case "25006" | "55000":  # 55000: a table's lock on a standby
            return "The database takes no changes: the transaction is read-only."
        case "42501":
            return _denied(error)
        case "3F000":
            return "The schema specql_registry does not exist."
        case "42P01":
            return f"A table of specql_registry is missing{_named(error)}."
        case "42703":
            return "The tables of specql_registry lack a column that SpecQL's have."
        case "22001":
            return "A value is longer than the registry's tables take."
        case "53300":
            return "PostgreSQL has no connection left to give."
    if is_lost(error):
        return "The connection to PostgreSQL was lost."
    return f"PostgreSQL could not do it (SQLSTATE {state})." if state else "PostgreSQL could not do it."


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is gone with this error (classes 08 and 57P, or no SQLSTATE at all)."""
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state.startswith(("08", "57P", "25P03", "25P04"))


def is_refusal_to_write(error: psycopg.Error) -> bool:
    """Whether the role or the database takes no changes."""
    return error.sqlstate in {"25006", "42501", "55000"}


def is_worth_another_look(error: psycopg.Error) -> bool:
    """Whether others were quicker: a unique key, a deadlock or a serialisation failure."""
    return error.sqlstate in {"23505", "40001", "40P01"}


_OBJECT = re.compile(r"\b(table|schema|sequence)\s+\"?(tb_\w+|specql_registry)\b")


def _denied(error: psycopg.Error) -> str:
    found = _OBJECT.search(error.diag.message_primary or "")
    if found is None:
        return "The role has no right to do that in specql_registry."
    name = found.group(2)
    return f"The role has no right to do that with {name if name == 'specql_registry' else 'specql_registry.' + name}."


def _named(error: psycopg.Error) -> str:
    found = re.search(r"specql_registry\.tb_\w+", error.diag.message_primary or "")
    return f": {found.group()}" if found else ""
