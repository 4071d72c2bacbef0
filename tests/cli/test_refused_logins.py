"""A command that writes, where PostgreSQL cannot be logged in to: the sentence says what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry.refusals import unavailable
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.errors import connection_reason
from tests.cli.support import REFUSED_CONNECTION, UNREACHABLE, refusal
from tests.support.postgres import PASSWORD_USER, PostgresServer

LEASE = ("domain", "lease", "crm", "support")
COMMANDS = (LEASE, ("domain", "lease", "--release", "012042"), ("domain", "lease", "--list"))
PASSWORD_ADVICE = "Check the user and the password that the database URL, PGPASSWORD or .pgpass gives."
SERVER_ADVICE = (
    "Check the host and the port in the database URL, or ask again when the server can be reached; nothing is "
    "allocated twice."
)


def refused(workspace: Path, url: str, command: tuple[str, ...] = LEASE) -> str:
    """The sentence with which a command is refused that needs PostgreSQL."""
    kind, message = refusal(workspace, *command, url=url, status=2)
    assert kind == "registry-unavailable"
    return message


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_password(workspace: Path, postgres_server: PostgresServer, command: tuple[str, ...]) -> None:
    url = postgres_server.url(user=PASSWORD_USER, password="wrong")
    reason = "PostgreSQL refused the login: password authentication failed."
    assert refused(workspace, url, command) == f"{reason} {PASSWORD_ADVICE}"


def test_no_password(workspace: Path, postgres_server: PostgresServer) -> None:
    reason = "PostgreSQL refused the login: it asks for a password, and none is given."
    assert refused(workspace, postgres_server.url(user=PASSWORD_USER)) == f"{reason} {PASSWORD_ADVICE}"


def test_an_unknown_role(workspace: Path, postgres_server: PostgresServer) -> None:
    reason = "PostgreSQL refused the login: the role does not exist."
    assert refused(workspace, postgres_server.url(user="nobody")) == f"{reason} Check the user in the database URL."


def test_an_unknown_database(workspace: Path, postgres_server: PostgresServer) -> None:
    message = refused(workspace, postgres_server.url("nowhere"))
    assert message == 'The database "nowhere" does not exist. Check the name of the database in the database URL.'


def test_a_database_without_a_registry(workspace: Path, empty_database_url: str) -> None:
    message = refused(workspace, empty_database_url)
    assert message.startswith("The registry's YAML lists the domains") or "registry install" in message, message
    assert "Ask again" not in message


def test_a_server_that_is_not_there(workspace: Path) -> None:
    assert refused(workspace, UNREACHABLE) == f"{REFUSED_CONNECTION} {SERVER_ADVICE}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("FATAL:  sorry, too many clients already", "PostgreSQL has no connection left to give."),
        ("FATAL:  the database system is starting up", "PostgreSQL is still starting."),
        ("timeout expired", "PostgreSQL did not answer in time."),
        ("FATAL:  a text that is not known", "PostgreSQL refused the connection."),
        ("a text that is not known", "The connection to PostgreSQL could not be opened."),
    ],
)
def test_what_may_pass_is_to_be_asked_again(text: str, sentence: str) -> None:
    reason = connection_reason(psycopg.OperationalError(text), None)
    error = SourceUnavailableError(reason.sentence, advice=reason.advice)
    assert unavailable(error).message == f"{sentence} Ask again; nothing is allocated twice."


@pytest.mark.parametrize("reason", ["PostgreSQL did not answer within 3 s.", "The connection to PostgreSQL was lost."])
def test_a_connection_that_was_lost_is_to_be_asked_for_again(reason: str) -> None:
    assert unavailable(SourceUnavailableError(reason)).message == f"{reason} Ask again; nothing is allocated twice."
