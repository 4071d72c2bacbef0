"""What a database refuses for good is said with what refused it, and nobody is told to ask again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.memory import InMemorySource
from specql_lsp.registry.sources.postgresql.install import create_schema, install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.support.patience import PATIENCE
from tests.support.postgres import PostgresServer
from tests.support.registries import small_registry
from tests.support.sources import fill, keep_yaml, postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")
ENTITIES = "specql_registry.tb_entity_registration"


@pytest.fixture
def source(database_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    yield source
    source.close()


@pytest.fixture
def admin(database_url: str, source: PostgresqlSource) -> Iterator[psycopg.Connection[Any]]:
    """Another program's connection to the filled registry."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def raising(body: str, table: str = ENTITIES) -> str:
    """Statements that make a trigger with that body."""
    return (
        f"CREATE FUNCTION public.fn_guard() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body} END $body$;"
        f" CREATE TRIGGER guard BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION public.fn_guard()"
    )


FUNCTION = "PostgreSQL refused the change: the function public.fn_guard() of the database says "
CUT = "x" * (299 - len("a ::error::b \x1b[31m\u202e"))
REFUSING = [
    (
        f"ALTER TABLE {ENTITIES} ADD CONSTRAINT ck_singular CHECK (entity_name <> 'Partner')",
        (
            f'PostgreSQL refused the change: the constraint "ck_singular" of {ENTITIES} does not allow it. '
            "Nothing was changed."
        ),
    ),
    (
        (
            f"ALTER TABLE {ENTITIES} ADD owner text; UPDATE {ENTITIES} SET owner = 'x';"
            f" ALTER TABLE {ENTITIES} ALTER owner SET NOT NULL"
        ),
        (
            f'PostgreSQL refused the change: the column "owner" of {ENTITIES} must have a value, and was given none. '
            "Nothing was changed."
        ),
    ),
    (
        raising("RAISE EXCEPTION 'Ask the architects first';"),
        FUNCTION + '"Ask the architects first". Nothing was changed.',
    ),
    (
        raising("RAISE EXCEPTION 'Mine' USING ERRCODE = '45001';"),
        FUNCTION + '"Mine". Nothing was changed.',
    ),
    (
        raising("RAISE EXCEPTION 'Twice' USING ERRCODE = 'unique_violation';"),
        FUNCTION + '"Twice". Nothing was changed.',
    ),
    (
        raising("RAISE EXCEPTION USING MESSAGE = E'a\\n::error::b \\u001b[31m\\u202e' || repeat('x', 1000);"),
        FUNCTION + '"a ::error::b \\x1b[31m\\u202e' + CUT + '…". Nothing was changed.',
    ),
    (
        raising("RAISE EXCEPTION 'postgresql://admin:hunter2@db/audit is away, password=hunter3';"),
        FUNCTION + '"postgresql://admin:***@db/audit is away, password=***". Nothing was changed.',
    ),
    (
        raising("INSERT INTO audit VALUES (1); RETURN NEW;"),
        FUNCTION + '"relation "audit" does not exist". It runs with search_path = pg_catalog, pg_temp here: write the '
        "schema before the name in that function, or give the function a search_path of its own. Nothing was changed.",
    ),
    (
        raising("NEW.entity_sequence := 1 / 0; RETURN NEW;"),
        FUNCTION + '"division by zero". Nothing was changed.',
    ),
    (
        (
            f"CREATE DOMAIN public.short AS varchar(20) CONSTRAINT ck_short CHECK (value NOT LIKE '012033%');"
            f" ALTER TABLE {ENTITIES} ALTER table_code TYPE public.short"
        ),
        (
            'PostgreSQL refused the change: the constraint "ck_short" of public.short does not allow it. '
            "Nothing was changed."
        ),
    ),
    (
        (
            f"ALTER TABLE {ENTITIES} ADD CONSTRAINT one EXCLUDE USING btree (entity_sequence WITH =)"
            " WHERE (entity_sequence = 3);"
            f" INSERT INTO {ENTITIES} (fk_subdomain, entity_name, table_code, entity_sequence)"
            " VALUES (1, 'X', '012013', 3)"
        ),
        (f'PostgreSQL refused the change: the constraint "one" of {ENTITIES} does not allow it. Nothing was changed.'),
    ),
    (
        (
            f"ALTER TABLE {ENTITIES} RENAME TO old; CREATE MATERIALIZED VIEW {ENTITIES} AS"
            " SELECT * FROM specql_registry.old"
        ),
        (
            'PostgreSQL refused the change: it says "cannot change materialized view "tb_entity_registration"" '
            "(SQLSTATE 42809). Nothing was changed."
        ),
    ),
    (
        f"ALTER TABLE {ENTITIES} RENAME TO old; CREATE VIEW {ENTITIES} AS SELECT DISTINCT * FROM specql_registry.old",
        (
            'PostgreSQL refused the change: it says "cannot insert into view "tb_entity_registration"" '
            "(SQLSTATE 55000). Nothing was changed."
        ),
    ),
    (
        (
            f"ALTER TABLE {ENTITIES} ALTER entity_sequence TYPE smallint; UPDATE specql_registry.tb_subdomain"
            " SET next_entity_sequence = 2147483647"
        ),
        None,
    ),
]


@pytest.mark.parametrize(("statements", "sentence"), REFUSING, ids=range(len(REFUSING)))
def test_an_allocation_that_the_database_refuses(
    source: PostgresqlSource, admin: psycopg.Connection[Any], statements: str, sentence: str | None
) -> None:
    admin.execute(statements.encode())
    if sentence is None:  # nothing in the way
        assert source.allocate(PARTNER, Rules()).created
        return
    with pytest.raises(Refused) as caught:
        source.allocate(PARTNER, Rules())
    assert (caught.value.kind, caught.value.message) == (RefusalKind.CONFLICT, sentence)
    assert source.load().by_entity("Partner") == ()


WRITES: dict[str, Callable[[PostgresqlSource], object]] = {
    "register_domain": lambda source: source.register_domain("9", "fresh"),
    "register_subdomain": lambda source: source.register_subdomain("5", "01", "core"),
    "keep_yaml": lambda source: keep_yaml(
        source,
        Discrepancy(DiscrepancyType.MISSING_IN_YAML, "5"),
        small_registry().with_domains(small_registry().domains[:2]),
    ),
    "install": lambda source: install(source._session._settings),
}


@pytest.mark.parametrize("work", WRITES)
def test_every_write_says_what_refused_it(source: PostgresqlSource, admin: psycopg.Connection[Any], work: str) -> None:
    body = "RAISE EXCEPTION 'Frozen until Monday';"
    if work == "install":
        admin.execute(
            f"CREATE FUNCTION public.fn_guard() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
            " CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION public.fn_guard()"
        )
    else:
        table = "tb_subdomain" if work == "register_subdomain" else "tb_domain"
        admin.execute(raising(body, f"specql_registry.{table}").replace("BEFORE INSERT", "BEFORE INSERT OR DELETE"))
    with pytest.raises(Refused) as caught:
        WRITES[work](source)
    assert caught.value.kind is RefusalKind.CONFLICT
    assert "Frozen until Monday" in caught.value.message and "public.fn_guard()" in caught.value.message
    assert source.load().domains == small_registry().domains


def test_who_asks_the_service_is_not_told_to_ask_again(
    database_url: str, source: PostgresqlSource, admin: psycopg.Connection[Any], tmp_path: Path
) -> None:
    service = RegistryService(RegistrySettings(database_url=database_url), tmp_path)
    service.start()
    try:
        service.refresh().result(PATIENCE)
        admin.execute(REFUSING[0][0].encode())
        with pytest.raises(Refused) as caught:
            service.allocate(PARTNER).result(PATIENCE)
        assert (caught.value.kind, caught.value.message) == (RefusalKind.CONFLICT, REFUSING[0][1])
        admin.execute("ALTER TABLE specql_registry.tb_entity_registration RENAME COLUMN table_code TO code")
        with pytest.raises(Refused) as caught:
            service.allocate(PARTNER).result(PATIENCE)
        assert "tb_entity_registration has no column table_code" in caught.value.message
        assert "sk again" not in caught.value.message
    finally:
        service.close()


# Characters that cannot be stored


@pytest.fixture(params=["postgresql", "in_memory"])
def any_source(request: pytest.FixtureRequest) -> WritableSource:
    if request.param == "postgresql":
        source: WritableSource = request.getfixturevalue("source")
        return source
    memory = InMemorySource()
    fill(memory, small_registry())
    return memory


@pytest.mark.parametrize(("character", "label"), [("\0", "U+0000"), ("\ud800", "U+D800"), ("\udfff", "U+DFFF")])
def test_a_character_that_no_database_stores_is_named_with_its_argument(
    any_source: WritableSource, character: str, label: str
) -> None:
    odd = f"a{character}b"
    calls: dict[str, Callable[[], object]] = {
        "entity": lambda: any_source.allocate(AllocationRequest(odd, "crm", "customer"), Rules()),
        "domain": lambda: any_source.allocate(AllocationRequest("Partner", odd, "customer"), Rules()),
        "subdomain": lambda: any_source.allocate(AllocationRequest("Partner", "crm", odd), Rules()),
        "layer": lambda: any_source.allocate(AllocationRequest("Partner", "crm", "customer", layer=odd), Rules()),
        "table code": lambda: any_source.allocate(AllocationRequest("Partner", "crm", None, table_code=odd), Rules()),
        "number": lambda: any_source.register_domain(odd, "fresh"),
        "name": lambda: any_source.register_domain("9", odd),
        "description": lambda: any_source.register_domain("9", "fresh", odd),
        "aliases": lambda: any_source.register_domain("9", "fresh", aliases=("fine", odd)),
    }
    more: list[tuple[str, Callable[[], object]]] = [
        ("domain", lambda: any_source.register_subdomain(odd, "05", "fresh")),
        ("number", lambda: any_source.register_subdomain("crm", odd, "fresh")),
        ("name", lambda: any_source.register_subdomain("crm", "05", odd)),
        ("description", lambda: any_source.register_subdomain("crm", "05", "fresh", odd)),
    ]
    before = any_source.load()
    for argument, call in [*calls.items(), *more]:
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.kind is RefusalKind.INVALID_ARGUMENT, (argument, caught.value.message)
        assert caught.value.message == (
            f"The {argument} holds the character {label}, which PostgreSQL cannot store: leave it out."
        )
    assert any_source.load() == before


@pytest.mark.parametrize(("character", "label"), [("\0", "U+0000"), ("\ud800", "U+D800")])
def test_a_yaml_with_such_a_character_is_not_kept(source: PostgresqlSource, character: str, label: str) -> None:
    crm, *others = small_registry().domains
    odd = small_registry().with_domains([crm._replace(aliases=("fine", f"a{character}")), *others])
    discrepancy = Discrepancy(
        DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH,
        "2",
        attribute="aliases",
        postgresql_value=["management"],
        yaml_value=["fine", f"a{character}"],
    )
    with pytest.raises(Refused) as caught:
        keep_yaml(source, discrepancy, odd)
    assert caught.value.kind is RefusalKind.INVALID_ARGUMENT
    assert caught.value.message == (
        f"The aliases holds the character {label}, which PostgreSQL cannot store: leave it out. Nothing was changed."
    )
    assert source.load().domains == small_registry().domains


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252", "EUC_JP"])
def test_a_character_that_the_databases_encoding_lacks_is_named(postgres_server: PostgresServer, encoding: str) -> None:
    name = f"encoded_{encoding.lower()}"
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'".encode()
        )
    url = postgres_server.url(name)
    create_schema(url)
    source = postgresql_source(url)
    migrate(small_registry(), source)
    try:
        with pytest.raises(Refused) as caught:
            source.register_domain("9", "fresh", "Wolf \N{WOLF FACE}")
        assert caught.value.kind is RefusalKind.INVALID_ARGUMENT
        assert caught.value.message == (
            f"The description holds the character U+1F43A (\N{WOLF FACE}), which the database's encoding {encoding} "
            "lacks: leave it out. Nothing was changed."
        )
        with pytest.raises(Refused, match=r"The description holds the character U\+1F43A"):
            source.register_subdomain("crm", "05", "fresh", "\N{WOLF FACE}")
        assert source.load().domains == small_registry().domains
    finally:
        source.close()
        postgres_server.drop_database(url)


def test_a_character_that_the_urls_encoding_lacks_is_named(database_url: str) -> None:
    source = postgresql_source(f"{database_url}?client_encoding=LATIN1")
    migrate(small_registry(), source)
    with pytest.raises(Refused) as caught:
        source.register_domain("9", "fresh", "Ж")
    assert caught.value.kind is RefusalKind.INVALID_ARGUMENT
    assert "The description holds the character U+0416 (Ж), which the connection's encoding" in caught.value.message
    assert source.register_domain("9", "fresh", "Né").description == "Né"
    assert source.load().domains[-1].description == "Né"
    source.close()
