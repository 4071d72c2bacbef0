"""Columns that tables of the registry lack, or have by another name: what is said of each."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.history import HistoryRequest
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.columns import column_in, columns_of_tables, no_column
from specql_lsp.registry.sources.postgresql.install import check_installation, install
from tests.cli.support import answer, refusal, run
from tests.support.registries import small_registry
from tests.support.sources import fill, postgresql_source

pytestmark = pytest.mark.sql

COLUMNS = [f"{table}.{name}" for table, names in columns_of_tables().items() for name in names]
ENTITIES = "specql_registry.tb_entity_registration"


@pytest.fixture
def installed_url(database_url: str) -> str:
    install(RegistrySettings(database_url=database_url))
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    return database_url


def renamed(url: str, column: str, name: str = "other") -> None:
    table, _, old = column.rpartition(".")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {name}".encode())


def test_the_columns_are_those_that_are_installed(installed_url: str) -> None:
    with psycopg.connect(installed_url) as connection:
        found = connection.execute(
            "SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema IN ('specql_registry', 'specql_registry_lsp')"
        ).fetchall()
    assert sorted(COLUMNS) == sorted(column for (column,) in found)


def test_each_column_is_missed(installed_url: str) -> None:
    settings = RegistrySettings(database_url=installed_url)
    assert check_installation(settings).is_current
    for column in COLUMNS:
        table = column.rpartition(".")[0]
        renamed(installed_url, column)
        check = check_installation(settings)
        assert (check.missing_columns, check.is_current) == ((column,), False)
        renamed(installed_url, f"{table}.other", column.rpartition(".")[2])
    assert check_installation(settings).is_current


@pytest.mark.parametrize("table", columns_of_tables())
def test_nothing_is_installed_on_a_table_that_lacks_a_column(installed_url: str, table: str) -> None:
    """Whichever it is: one that a statement of the installation needs, or another."""
    settings = RegistrySettings(database_url=installed_url)
    columns = columns_of_tables()[table]
    for name in (columns[0], columns[-1]):
        renamed(installed_url, f"{table}.{name}")
        with pytest.raises(Refused) as caught:
            install(settings)
        assert caught.value.kind in {RefusalKind.CONFLICT, RefusalKind.REGISTRY_UNAVAILABLE}
        assert caught.value.message.startswith(f"Nothing was installed. {no_column(f'{table}.{name}')}")
        renamed(installed_url, f"{table}.other", name)


def test_a_table_that_is_missing_is_named_alone(installed_url: str) -> None:
    with psycopg.connect(installed_url, autocommit=True) as connection:
        connection.execute("DROP TABLE specql_registry_lsp.tb_lease")
    check = check_installation(RegistrySettings(database_url=installed_url))
    assert check.missing_columns == ()
    assert "table specql_registry_lsp.tb_lease" in check.missing


def test_columns_of_others_are_nobodys_business(installed_url: str) -> None:
    with psycopg.connect(installed_url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {ENTITIES} ADD COLUMN owner text")
    assert check_installation(RegistrySettings(database_url=installed_url)).is_current


@pytest.mark.parametrize(
    "column",
    [
        column
        for column in COLUMNS
        if column.startswith("specql_registry.") and not column.endswith(".pk_entity_registration")
    ],
)
def test_loading_names_the_column(installed_url: str, column: str) -> None:
    renamed(installed_url, column)
    source = postgresql_source(installed_url)
    with pytest.raises(SourceUnavailableError) as caught:
        source.load()
    source.close()
    assert caught.value.reason == no_column(column)


def test_an_allocation_names_the_column(installed_url: str) -> None:
    source = postgresql_source(installed_url)
    source.load()
    renamed(installed_url, f"{ENTITIES}.entity_sequence")
    with pytest.raises(
        (Refused, SourceUnavailableError), match=r"tb_entity_registration has no column entity_sequence"
    ):
        source.allocate(AllocationRequest("Fresh", "crm", "customer"), Rules())
    source.close()


@pytest.mark.parametrize("column", ["author", "transaction", "after"])
def test_the_history_names_the_column(installed_url: str, column: str) -> None:
    renamed(installed_url, f"specql_registry_lsp.tb_event.{column}")
    source = postgresql_source(installed_url)
    with pytest.raises(SourceUnavailableError) as caught:
        source.history(HistoryRequest())
    source.close()
    assert caught.value.reason == (
        f"The table specql_registry_lsp.tb_event has no column {column}, which specql-lsp gives it."
    )


@pytest.mark.parametrize(
    ("message", "sql", "column"),
    [
        ("Spalte d.aliases existiert nicht", "FROM specql_registry.tb_domain d", "specql_registry.tb_domain.aliases"),
        (
            "la colonne d.description n'existe pas",
            "FROM specql_registry.tb_subdomain s JOIN specql_registry.tb_domain d",
            "specql_registry.tb_domain.description",
        ),
        (
            'column "table_code" of relation "tb_lease" does not exist',
            f"INSERT INTO specql_registry_lsp.tb_lease SELECT FROM {ENTITIES}",
            "specql_registry_lsp.tb_lease.table_code",
        ),
        ("column x.aliases does not exist", "FROM specql_registry.tb_domain d", None),
        ('column "description" does not exist', "specql_registry.tb_domain, specql_registry.tb_subdomain", None),
        ("", "", None),
    ],
)
def test_the_column_in_a_message(message: str, sql: str, column: str | None) -> None:
    assert column_in(message, sql) == column


def test_the_command_line_says_so(tmp_path: Path, installed_url: str) -> None:
    renamed(installed_url, f"{ENTITIES}.table_code", "code")
    renamed(installed_url, "specql_registry_lsp.tb_event.author", "who")
    sentences = [
        f"The table {ENTITIES} has no column table_code, which SpecQL gives it.",
        "The table specql_registry_lsp.tb_event has no column author, which specql-lsp gives it.",
    ]
    text = run(tmp_path, "registry", "install", "--check", url=installed_url)
    assert (text.returncode, text.stderr) == (1, "")
    *lines, last = text.stdout.splitlines()
    assert lines == sentences
    assert last == (
        f"The registry's schema at {installed_url.rpartition('@')[2]} is not current: add the columns that are "
        "missing, or give them their names back, and run specql-lsp registry install, which changes no table of its "
        "own accord."
    )
    found = answer(tmp_path, "registry", "install", "--check", url=installed_url, status=1)
    assert found["missing"] == [f"column {ENTITIES}.table_code", "column specql_registry_lsp.tb_event.author"]
    kind, message = refusal(tmp_path, "registry", "install", url=installed_url)
    assert (kind, message) == (
        "conflict",
        f"Nothing was installed. {sentences[0]} Add what is missing, or give it its name back.",
    )
    status = answer(tmp_path, "registry", "status", url=installed_url, status=2)
    assert status["reason"].startswith(sentences[0])
