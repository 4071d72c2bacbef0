"""``docs/operations.md`` on TLS, passwords and PgBouncer: with real certificates and a real pooler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.docs.examples import Document, read
from tests.docs.scenario import DATABASE, Scenario
from tests.docs.test_operations import DOCUMENT, ROLES
from tests.support.certificates import authority, signed
from tests.support.completeness import missing
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer, programs, programs_with_tls

pytestmark = [pytest.mark.slow, pytest.mark.sql]

TLS, PGBOUNCER = "TLS and passwords", "PgBouncer"
ACCESS = """\
local all all trust
hostssl all ci 127.0.0.1/32 scram-sha-256
host all ci 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
"""
"""``ci`` has to give its password, and gives it over TLS only."""


@pytest.fixture(scope="module")
def document() -> Document:
    return read(DOCUMENT)


@pytest.fixture
def tls_scenario(document: Document, tmp_path: Path) -> Iterator[Scenario]:
    """A scenario whose server has a certificate for the name in the text; both authorities' files are at hand."""
    folder = programs_with_tls()
    if folder is None:
        missing("A PostgreSQL that knows TLS (the wheel's does not)")
    ours, _ = authority(tmp_path, "registry-ca"), authority(tmp_path, "other-ca")
    certificate = signed(tmp_path, "db.example.org", ours)
    server = PostgresServer(access=ACCESS, installed=folder)
    server.use_certificate(certificate.certificate, certificate.key)
    with server:
        server.create_database(name=DATABASE)
        (tmp_path / "scenario").mkdir()
        scenario = Scenario(document, tmp_path / "scenario", server.port, folder)
        prepare(server)
        for name in ("registry-ca.crt", "other-ca.crt"):
            (scenario.workspace / name).write_bytes((tmp_path / name).read_bytes())
        yield scenario


def prepare(server: PostgresServer) -> None:
    """A registry that ``ci`` may read."""
    install(RegistrySettings(database_url=server.url(DATABASE)))
    with psycopg.connect(server.url(DATABASE)) as connection:
        connection.execute("CREATE ROLE ci LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA specql_registry TO ci")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry TO ci")


def status(scenario: Scenario, url: str) -> str:
    return scenario.run_shell(f"specql-lsp registry status --database-url '{url}' || true")


def test_verify_full_with_the_right_authority_and_no_other(tls_scenario: Scenario) -> None:
    tls_scenario.play(TLS)
    url = "postgresql://ci@db.example.org/registry?sslmode=verify-full"
    assert "Source    PostgreSQL" in status(tls_scenario, url)
    # The certificate is for one name, whatever address it leads to.
    refused = status(tls_scenario, url.replace("db.example.org", "elsewhere.example.org"))
    assert "could not be set up: the server's certificate is for another host name." in refused
    # No TLS, no login: the password has really gone the encrypted way.
    assert "pg_hba.conf does not allow it" in status(
        tls_scenario, "postgresql://ci@db.example.org/registry?sslmode=disable"
    )


def test_a_password_file_that_others_may_read_is_ignored(tls_scenario: Scenario) -> None:
    tls_scenario.play(TLS)
    tls_scenario.run_shell("chmod 644 ~/.pgpass")
    assert "asks for a password" in status(tls_scenario, "postgresql://ci@db.example.org/registry")


def test_pgbouncer_as_it_is_configured(document: Document, tmp_path: Path) -> None:
    configuration, users = (block.text for block in document.sections[PGBOUNCER].blocks if block.language == "ini")
    with PostgresServer() as server:
        server.create_database(name=DATABASE)
        prepare(server)
        with PgBouncer(server, configuration=configuration, users=users) as pooler:
            scenario = Scenario(document, tmp_path, pooler.port, programs())
            scenario.play(PGBOUNCER)
            url = "postgresql://ci@pooler.example.org/registry"
            assert "Source    PostgreSQL" not in status(scenario, url + "?options=-cwork_mem%3D1MB")
            scenario.run_shell("chmod 644 ~/.pgpass")
            assert "asks for a password" in status(scenario, url)
            assert {row["pool_mode"] for row in pooler.show("POOLS") if row["database"] == DATABASE} == {"transaction"}


def test_the_sections_here_are_those_that_the_others_leave_out(document: Document) -> None:
    assert {name for name, section in document.sections.items() if section.server} == {TLS, PGBOUNCER}
    assert ROLES in document.sections
