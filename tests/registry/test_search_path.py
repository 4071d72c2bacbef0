"""Functions that somebody else put into a schema of ``search_path`` are never taken for PostgreSQL's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry import queries
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.queries import query
from specql_lsp.registry.requests import AllocationRequest, DomainRename, EntityRename
from specql_lsp.registry.sources.postgresql.install import create_schema, install, install_script
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.support.registries import small_registry
from tests.support.sources import keep_yaml, postgresql_source

CODE_INDEX = "specql_registry.uq_entity_registration_table_code"
NAME_INDEX = "specql_registry.idx_entity_registration_lower_name"


class Mallory:
    """A role that may create functions in ``public``, and nothing else."""

    def __init__(self, url: str) -> None:
        self.name = f"mallory_{urlsplit(url).path.strip('/')}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {self.name} LOGIN".encode())
            connection.execute(f"GRANT CREATE ON SCHEMA public TO {self.name}".encode())
        self.url = url.replace("postgres@", f"{self.name}@", 1)

    def define(self, name: str, argument: str, result: str, body: str, options: str = "") -> None:
        """Makes a function of one argument in ``public``."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                f"CREATE OR REPLACE FUNCTION public.{name}({argument}) RETURNS {result}"
                f" LANGUAGE plpgsql {options} AS $body$ BEGIN {body} END $body$".encode()
            )

    def climb(self) -> None:
        """Defines functions that make this role a superuser when a superuser calls one of them."""
        gain = (
            "IF (SELECT usesuper FROM pg_catalog.pg_user WHERE usename = current_user)"
            f" THEN EXECUTE 'ALTER ROLE {self.name} SUPERUSER'; END IF;"
        )
        # A varchar column fits these better than PostgreSQL's own, whatever the order of the schemas is.
        for name in ("upper", "lower"):
            self.define(name, "character varying", "text", f"{gain} RETURN pg_catalog.{name}($1::text);")

    def is_superuser(self) -> bool:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").fetchone()
        assert row is not None
        return bool(row[0])


@pytest.fixture
def mallory(database_url: str) -> Mallory:
    return Mallory(database_url)


@pytest.fixture
def source(database_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(database_url)
    yield source
    source.close()


def read(source: PostgresqlSource) -> None:
    assert source.load().entity_count


def allocate(source: PostgresqlSource) -> None:
    assert source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules()).created


def register(source: PostgresqlSource) -> None:
    source.register_domain("9", "fresh")
    source.register_subdomain("9", "01", "core")


def rename(source: PostgresqlSource) -> None:
    assert source.rename_entity(EntityRename("crm", "Contact", "Person")).renamed
    assert source.rename_domain(DomainRename("2", "crm", "customers")).name == "customers"


def resolve(source: PostgresqlSource) -> None:
    missing = Discrepancy(DiscrepancyType.MISSING_IN_YAML, "5")
    keep_yaml(source, missing, small_registry().with_domains(small_registry().domains[:2]))


def migrate_again(source: PostgresqlSource) -> None:
    migrate(small_registry(), source)


@pytest.mark.parametrize("work", [read, allocate, register, rename, resolve, migrate_again])
def test_no_work_of_a_superuser_calls_a_function_of_another_role(
    mallory: Mallory, source: PostgresqlSource, work: Callable[[PostgresqlSource], None]
) -> None:
    migrate(small_registry(), source)
    mallory.climb()
    work(source)
    assert not mallory.is_superuser()


def test_installing_calls_no_function_of_another_role(mallory: Mallory, database_url: str) -> None:
    mallory.climb()
    fill(database_url)
    install(RegistrySettings(database_url=database_url))
    assert not mallory.is_superuser()


def test_the_printed_script_calls_no_function_of_another_role(mallory: Mallory, database_url: str) -> None:
    mallory.climb()
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(install_script().encode())
    assert not mallory.is_superuser()


def fill(url: str) -> None:
    """Registers two entities by statements that call no function."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO specql_registry.tb_domain (pk_domain, domain_number, domain_name) VALUES (1, '2', 'crm')"
        )
        connection.execute(
            "INSERT INTO specql_registry.tb_subdomain (pk_subdomain, fk_domain, subdomain_number, subdomain_name)"
            " VALUES (1, 1, '03', 'customer')"
        )
        connection.execute(
            "INSERT INTO specql_registry.tb_entity_registration"
            " (fk_subdomain, entity_name, table_code, entity_sequence)"
            " VALUES (1, 'Contact', '012031', 1), (1, 'Company', '012032', 2)"
        )


def test_an_upper_that_lies_gives_no_code_twice(mallory: Mallory, source: PostgresqlSource) -> None:
    migrate(small_registry(), source)
    mallory.define("upper", "character varying", "text", "RETURN 'elsewhere';")
    allocated = source.allocate(AllocationRequest("Partner", "crm", "customer"), Rules())
    assert allocated.table_code == "012033"  # 1, 2 and 4 are taken


def test_a_search_path_of_the_role_does_not_matter(database_url: str, mallory: Mallory) -> None:
    """A role whose ``public`` comes before ``pg_catalog`` would call whatever is there."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = urlsplit(database_url).path.strip("/")
        connection.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog".encode())
        connection.execute("CREATE DOMAIN public.text AS integer")
        connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    for function, argument in (("array_agg", "text"), ("hashtextextended", "text")):
        mallory.define(function, f"pg_catalog.{argument}", "bigint", "RAISE EXCEPTION 'called';")
    install(RegistrySettings(database_url=database_url))
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    allocate(source)
    register(source)
    source.close()


def test_the_schema_alone_names_the_types_that_it_uses(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        name = urlsplit(empty_database_url).path.strip("/")
        connection.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog".encode())
        connection.execute("CREATE DOMAIN public.text AS integer")
    create_schema(empty_database_url)
    source = postgresql_source(empty_database_url)
    migrate(small_registry(), source)
    source.close()


def functions_of(connection: psycopg.Connection[Any], index: str) -> list[str]:
    """The functions, with their schemas, that an index was made of, but for PostgreSQL's own."""
    rows = connection.execute(
        "SELECT p.refobjid::regprocedure::text FROM pg_depend p"
        " WHERE p.objid = %s::regclass AND p.refclassid = 'pg_proc'::regclass",
        [index],
    ).fetchall()
    return [str(name) for (name,) in rows]


def test_an_index_of_a_function_of_another_role_is_made_again(mallory: Mallory, database_url: str) -> None:
    """Releases before this one made the index of whatever ``upper`` the search path led to."""
    mallory.define("upper", "character varying", "text", "RETURN $1 || random()::text;", "IMMUTABLE")
    mallory.define("lower", "text", "text", "RETURN '';", "IMMUTABLE")
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        table = "specql_registry.tb_entity_registration"
        connection.execute(f"CREATE UNIQUE INDEX {CODE_INDEX.split('.')[1]} ON {table} (upper(table_code))".encode())
        connection.execute(
            f'CREATE INDEX {NAME_INDEX.split(".")[1]} ON {table} (public.lower(entity_name COLLATE "C"))'.encode()
        )
        assert functions_of(connection, CODE_INDEX) and functions_of(connection, NAME_INDEX)
        install(RegistrySettings(database_url=database_url))
        assert not functions_of(connection, CODE_INDEX) and not functions_of(connection, NAME_INDEX)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(
                "INSERT INTO specql_registry.tb_entity_registration"
                " (fk_subdomain, entity_name, table_code, entity_sequence) VALUES (1, 'Other', '012031', 1)"
            )


def test_every_function_that_installing_creates_has_its_search_path(database_url: str) -> None:
    install(RegistrySettings(database_url=database_url))
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE pronamespace = 'specql_registry'::regnamespace"
        ).fetchall()
    assert rows
    assert all("search_path=pg_catalog, pg_temp" in (settings or ()) for _, settings in rows), rows


def test_the_printed_script_sets_the_search_path_before_anything_else() -> None:
    statements = [line for line in install_script().splitlines() if line and not line.startswith("--")]
    assert statements[:2] == ["BEGIN;", "SET LOCAL search_path = pg_catalog, pg_temp;"]


GRAMMAR = frozenset(
    [
        "coalesce",
        "greatest",
        "nullif",
        "values",
        "in",
        "any",
        "exists",
        "array",
        "as",
        "and",
        "or",
        "varchar",
        "key",
        "unnest",
    ]
)
"""Words before a parenthesis that the grammar resolves, and no search path (``unnest`` where it has several arrays)."""
FOLDER = Path(queries.__file__).parents[1]
QUERIES = sorted(
    path.relative_to(FOLDER).with_suffix("").as_posix().removeprefix("queries/") for path in FOLDER.rglob("*.sql")
)
"""By the names by which ``query`` takes them."""


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_names_the_schema_of_every_function(name: str) -> None:
    own_path = r"SET search_path = pg_catalog, pg_temp\nAS (\$\w+\$).*?\1"
    text = re.sub(own_path, "", query(name).decode(), flags=re.DOTALL)
    text = re.sub(r"--[^\n]*|'[^']*'", "", text)
    called = re.findall(r"(?<![\w.%])([a-z_]+)\(", text)
    assert not [word for word in called if word not in GRAMMAR]
    assert not re.findall(r"(?<![\w.])pg_(?!catalog\b|temp\b)[a-z_]+", text)
