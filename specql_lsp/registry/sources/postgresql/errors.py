"""Sentences for what goes wrong with PostgreSQL. psycopg's and libpq's own texts never leave this module:
they can hold the URL, and so the password.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import psycopg

from specql_lsp.registry.sources.postgresql.columns import column_in, no_column
from specql_lsp.registry.sources.postgresql.probe import lacks

_LOGIN = "Check the user and the password that the database URL, PGPASSWORD or .pgpass gives."
_USER = "Check the user in the database URL."
_DATABASE = "Check the name of the database in the database URL."
_SERVICE = "Check the service in the database URL, and the file that defines it (PGSERVICEFILE, .pg_service.conf)."
_URL = "Correct the database URL."
_ENCRYPTION = "Check sslmode, sslrootcert and the other TLS parameters of the database URL."
_SERVER = (
    "Check the host and the port in the database URL, or ask again when the server can be reached; nothing is "
    "allocated twice."
)
_ADMINISTRATOR = "Only who administrates the server can change that."
_PARAMETERS = "Change that parameter of the database URL, or connect to a server that meets it."
_CONNECTION_TEXTS: tuple[tuple[str, str, str], ...] = (
    (r"could not translate host name|failed to resolve host|Name or service not known|nodename nor servname",
     "The host name of the PostgreSQL server could not be resolved.", _SERVER),
    (r"password authentication failed|authentication failed for user",
     "PostgreSQL refused the login: password authentication failed.", _LOGIN),
    (r"session is read-only", "No database takes changes, as target_session_attrs demands.", ""),
    (r"session is not read-only", "No database is read-only, as target_session_attrs demands.", ""),
    (r"server is in hot standby mode", "No server is a primary, as target_session_attrs demands: it is a standby.", ""),
    (r"server is not in hot standby mode", "No server is a standby, as target_session_attrs demands.", ""),
    (r"authentication method requirement|auth method .* requirement failed",
     "PostgreSQL does not ask for the login in a way that require_auth allows.", _PARAMETERS),
    (r"channel binding.*required|required, but.*channel binding",
     "PostgreSQL does not offer the channel binding that channel_binding demands.", _PARAMETERS),
    (r"GSSAPI encryption.*required|GSSAPI support is not compiled in",
     "The connection to PostgreSQL cannot be encrypted by GSSAPI, as gssencmode demands.", _PARAMETERS),
    (r"too many connections for role", "PostgreSQL refused the login: the role has reached its connection limit.", ""),
    (r"too many connections for database",
     "PostgreSQL refused the login: the database has reached its connection limit.", ""),
    (r"no password supplied", "PostgreSQL refused the login: it asks for a password, and none is given.", _LOGIN),
    (r"role \".*\" does not exist", "PostgreSQL refused the login: the role does not exist.", _USER),
    (r"role \".*\" is not permitted to log in", "PostgreSQL refused the login: the role may not log in.", _USER),
    (r"permission denied for database",
     "PostgreSQL refused the login: the role may not connect to the database.", _ADMINISTRATOR),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects",
     "PostgreSQL refused the login: its pg_hba.conf does not allow it.", _ADMINISTRATOR),
    (r"too many clients|remaining connection slots|too many connections",
     "PostgreSQL has no connection left to give.", ""),
    (r"database system is starting up|not yet accepting|not accepting connections",
     "PostgreSQL is still starting.", ""),
    (r"the database system is shutting down", "PostgreSQL is shutting down.", ""),
    (r"the database system is in recovery mode", "PostgreSQL is recovering from a crash.", ""),
    (r"definition of service|service file .* not found",
     "The service that the database URL names is not defined.", _SERVICE),
    (r"Connection refused|actively refused",
     "PostgreSQL refused the connection: nothing listens at that address.", _SERVER),
    (r"No such file or directory", "PostgreSQL refused the connection: the server's socket does not exist.", _SERVER),
    (r"timeout expired|timed out", "PostgreSQL did not answer in time.", ""),
    (r"Network is unreachable|No route to host|Host is down", "The PostgreSQL server cannot be reached.", ""),
    (r"certificate verify failed|self-signed certificate",
     "The encrypted connection to PostgreSQL could not be set up: sslrootcert does not vouch for the server.",
     _ENCRYPTION),
    (r"root certificate file .* does not exist",
     "The encrypted connection to PostgreSQL could not be set up: the file that sslrootcert names does not exist.",
     _ENCRYPTION),
    (r"does not match host name",
     "The encrypted connection to PostgreSQL could not be set up: the server's certificate is for another host name.",
     _ENCRYPTION),
    (r"server does not support SSL",
     "The encrypted connection to PostgreSQL could not be set up: the server offers none, and sslmode demands it.",
     _ENCRYPTION),
    (r"certificate|SSL|TLS", "The encrypted connection to PostgreSQL could not be set up.", _ENCRYPTION),
    (r"unsupported startup parameter",
     "A pooler refused a parameter of the connection: leave it out of the URL, or have the pooler ignore it.", ""),
    (r"authentication failed", "PostgreSQL, or the pooler before it, refused the login.", _LOGIN),
    (r"invalid connection option|invalid integer value|invalid .* value|could not match|missing \"=\"|invalid port",
     "The database URL is not valid.", _URL),
    (r"server closed the connection|Connection reset|received invalid response",
     "What listens at that address does not answer as PostgreSQL does.", _SERVER),
)  # fmt: skip
"""Patterns of what libpq says, each with the reason in our words, and what to correct: empty where the next attempt may
open a connection."""
_READ_ONLY_SESSION = re.compile(r"session is read-only|server is in hot standby mode")
_MISSING_DATABASE = re.compile(r"database \"(.*)\" does not exist")


LASTING = frozenset({"22", "23", "3F", "42"})
"""Classes of SQLSTATE after which another attempt fails, too, until the cause is corrected."""


class Limits(NamedTuple):
    """The limits that sentences name."""

    statement_ms: int
    lock_ms: int


class Statement(NamedTuple):
    """What was being done, for the sentence about a right that is missing."""

    role: str
    sql: str


class Reason(NamedTuple):
    """Why no connection could be opened."""

    sentence: str
    advice: str = ""
    """What to correct; empty where the next attempt may open one."""


INVALID_URL = Reason("The database URL is not valid.", _URL)


def connection_reason(error: psycopg.Error, database: str | None) -> Reason:
    """Why no connection could be opened.

    Args:
        error: what psycopg raised. libpq gives no SQLSTATE here, so its text is read; it is never shown.
        database: the database's name as it may be shown.
    """
    text = str(error)
    if _MISSING_DATABASE.search(text):
        named = f'The database "{database}"' if database else "The database"
        return Reason(f"{named} does not exist.", _DATABASE)
    for pattern, sentence, advice in _CONNECTION_TEXTS:
        if re.search(pattern, text):
            return Reason(sentence, advice)
    if "FATAL" in text:
        return Reason("PostgreSQL refused the connection.")
    return Reason("The connection to PostgreSQL could not be opened.")


def is_unmet_session(error: psycopg.Error) -> bool:
    """Whether a server was reached that is not what ``target_session_attrs`` demands of one that takes changes."""
    return _READ_ONLY_SESSION.search(str(error)) is not None


def statement_reason(error: psycopg.Error, limits: Limits, statement: Statement) -> str:
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
            return _denied(error, statement)
        case "3F000":
            return "The schema specql_registry does not exist; `specql-lsp registry install` creates it."
        case "42P01":
            return f"A table of specql_registry is missing{_named(error)}."
        case "42703":
            column = column_in(error.diag.message_primary or "", statement.sql)
            return no_column(column) if column else "The tables of specql_registry lack a column that SpecQL's have."
        case "22001":
            return "A value is longer than the registry's tables take."
        case "22021":  # a database without an encoding (SQL_ASCII) takes any bytes
            found = " ".join(re.findall(r"0x[0-9a-f]{2}", error.diag.message_primary or ""))
            return f"The registry in PostgreSQL holds text that is not UTF-8 (the bytes {found}): correct it there."
        case "53100":
            return "The disk of the PostgreSQL server is full."
        case "53200":
            return "The PostgreSQL server is out of memory."
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


_DENIED = re.compile(r"permission denied for (?P<kind>table|relation|sequence|schema|database) \"?(?P<name>[^\"]+)")
_OWNED = re.compile(r"must be owner of (?P<kind>table|relation|schema|function) \"?(?P<name>[^\"]+)")


def _denied(error: psycopg.Error, statement: Statement) -> str:
    """Which right the role lacks, as far as the server's message (English or not) and the statement show."""
    if error.diag.source_function == "check_enable_rls":
        return _hidden(error, statement)
    message = error.diag.message_primary or ""
    owned = _OWNED.search(message)
    if owned is not None:
        thing = _qualified(owned["name"], statement.sql)
        return f'The role "{statement.role}" must own the {owned["kind"]} {thing} to do that.'
    found = _DENIED.search(message)
    if found is None:
        return f'The role "{statement.role}" lacks a right to do that in specql_registry.'
    match found["kind"]:
        case "sequence":
            right = f"USAGE on the sequence {_qualified(found['name'], statement.sql)}"
        case "schema":
            verb = "CREATE" if "CREATE " in statement.sql else "USAGE"
            right = f"{verb} on the schema {found['name']}"
        case "database":
            right = f"CREATE on the database {found['name']}"
        case _:
            right = f"{_verb(statement.sql, found['name'])} on {_qualified(found['name'], statement.sql)}"
    return lacks(statement.role, right)


def _hidden(error: psycopg.Error, statement: Statement) -> str:
    """The sentence for ``row_security = off`` where a policy would hide rows."""
    found = re.search(r"\btb_\w+", error.diag.message_primary or "")
    table = f"specql_registry.{found[0]}" if found else "a table of specql_registry"
    return (
        f'Row level security hides rows of {table} from the role "{statement.role}", so that the registry cannot be '
        "known as a whole: give the role the attribute BYPASSRLS, or disable row level security on that table."
    )


def _qualified(name: str, sql: str) -> str:
    """A name, which the server says without its schema, with the one that the statement has before it."""
    schema = (
        "specql_registry_lsp" if re.search(rf"\bspecql_registry_lsp\.{re.escape(name)}\b", sql) else "specql_registry"
    )
    return f"{schema}.{name}"


_VERBS = {"INSERT INTO": "INSERT", "UPDATE": "UPDATE", "DELETE FROM": "DELETE"}


def _verb(sql: str, table: str) -> str:
    """The right that a statement of ours needs for a table: to change it, else to lock its rows, else to read it."""
    if re.search(r"CREATE (OR REPLACE )?TRIGGER", sql):
        return "TRIGGER"
    if "LOCK TABLE" in sql:
        return "UPDATE"
    for words, verb in _VERBS.items():
        if re.search(rf"\b{words} specql_registry(_lsp)?\.{table}\b", sql):
            return verb
    return "UPDATE" if "FOR UPDATE" in sql and table == "tb_subdomain" else "SELECT"


def _named(error: psycopg.Error) -> str:
    found = re.search(r"specql_registry(_lsp)?\.tb_\w+", error.diag.message_primary or "")
    return f": {found.group()}" if found else ""
