"""``pattern_library.domain_patterns`` of a real PostgreSQL: what is read of it, what is not, and what that disturbs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.catalogs import catalog
from specql_lsp.registry.catalogs.model import CatalogEntry, CatalogItem, Condition
from specql_lsp.registry.catalogs.patterns.library import read_library
from specql_lsp.registry.catalogs.reading import LastReadings
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.state import Source
from tests.cli.support import UNREACHABLE
from tests.registry.pattern_library import create_library, execute
from tests.support.patience import PATIENCE
from tests.support.sources import postgresql_source

pytestmark = [pytest.mark.postgresql, pytest.mark.sql]
TABLE = "pattern_library.domain_patterns"


def read(url: str) -> dict[str, CatalogEntry] | None:
    """The library's patterns by name; None where there is no library."""
    source = postgresql_source(url)
    try:
        entries = read_library(source)
    finally:
        source.close()
    return {entry.name: entry for entry in entries} if entries is not None else None


def reason(url: str) -> str:
    """Why the library cannot be read."""
    with pytest.raises(SourceUnavailableError) as raised:
        read(url)
    assert not raised.value.lost
    return raised.value.reason


def test_the_rows(database_url: str) -> None:
    create_library(database_url)
    entries = read(database_url)
    assert entries is not None
    assert list(entries) == ["approval_workflow", "gone", "old_approval", "soft_delete"]
    approval = entries["approval_workflow"]
    assert (approval.kind, approval.description, approval.detail) == (
        "domain pattern",
        "Approvals in steps",
        "workflow · used 3 times",
    )
    levels = CatalogItem("levels", "integer · required", "How many")
    assert approval.items == (CatalogItem("roles", "array"), levels)
    assert entries["soft_delete"].items == (CatalogItem("column", "string"),)
    assert entries["soft_delete"].detail == "audit · used once"


def test_deprecated_rows_have_their_replacement(database_url: str) -> None:
    create_library(database_url)
    entries = read(database_url) or {}
    old, gone = entries["old_approval"], entries["gone"]
    assert (old.deprecated, old.replacement) == ("has one level only", "approval_workflow")
    assert (gone.deprecated, gone.replacement) == ("", None)
    assert entries["soft_delete"].deprecated is None


@pytest.mark.parametrize("statements", [(), ("CREATE SCHEMA pattern_library",)])
def test_a_database_without_a_library_has_none(database_url: str, statements: tuple[str, ...]) -> None:
    execute(database_url, *statements)
    assert read(database_url) is None


def test_an_empty_library_is_not_a_missing_one(database_url: str) -> None:
    create_library(database_url, f"TRUNCATE {TABLE}")
    assert read(database_url) == {}


@pytest.mark.parametrize("grants", [(), ("GRANT USAGE ON SCHEMA pattern_library TO {role}",)])
def test_a_role_without_the_right_to_read_it(database_url: str, grants: tuple[str, ...]) -> None:
    role = f"reader_{urlsplit(database_url).path.strip('/')}"
    create_library(database_url, f"CREATE ROLE {role} LOGIN", *(grant.format(role=role) for grant in grants))
    assert reason(database_url.replace("postgres@", f"{role}@", 1)) == f"The role {role} may not read {TABLE}."


def test_rows_that_a_policy_hides_are_not_missing(database_url: str) -> None:
    role = f"hidden_{urlsplit(database_url).path.strip('/')}"
    create_library(
        database_url,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA pattern_library TO {role}",
        f"GRANT SELECT ON {TABLE} TO {role}",
        f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY hiding ON {TABLE} USING (id = 1)",
    )
    assert "row" in reason(database_url.replace("postgres@", f"{role}@", 1))


def test_what_others_made_is_not_run(database_url: str) -> None:
    """A view, or a type with a cast of its own, would run its owner's functions with the rights of who reads."""
    create_library(
        database_url,
        f"ALTER TABLE {TABLE} RENAME TO real_patterns",
        "CREATE TABLE public.ran (at timestamptz)",
        "CREATE FUNCTION public.trap() RETURNS text LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO public.ran VALUES (now()); RETURN 'x'; END $$",
        f"CREATE VIEW {TABLE} AS SELECT id, public.trap() AS name, category, description, parameters, deprecated,"
        " deprecated_reason, replacement_pattern_id, times_instantiated FROM pattern_library.real_patterns",
    )
    assert reason(database_url) == f"{TABLE} is not read: it is not a table."
    execute(
        database_url,
        f"DROP VIEW {TABLE}",
        "ALTER TABLE pattern_library.real_patterns RENAME TO domain_patterns",
        "CREATE TYPE public.kind AS ENUM ('workflow', 'audit')",
        f"ALTER TABLE {TABLE} ALTER category TYPE public.kind USING category::public.kind",
    )
    assert "the type of its column category is not one of PostgreSQL's own" in reason(database_url)
    source = postgresql_source(database_url)
    ran = source.rows("catalogs/patterns/probe", "catalogs/patterns/probe", lambda _rows: False)
    source.close()
    assert ran is None


def test_functions_of_the_search_path_are_not_called(database_url: str) -> None:
    create_library(
        database_url,
        "CREATE FUNCTION public.left(text, integer) RETURNS text LANGUAGE sql AS $$ SELECT 'trapped' $$",
        f"ALTER DATABASE {urlsplit(database_url).path.strip('/')} SET search_path = public, pg_catalog",
    )
    entries = read(database_url) or {}
    assert entries["approval_workflow"].description == "Approvals in steps"


def test_another_table_of_that_name(database_url: str) -> None:
    create_library(database_url, f"ALTER TABLE {TABLE} DROP COLUMN deprecated")
    assert reason(database_url) == f"{TABLE} has no column deprecated."


def test_odd_rows(database_url: str) -> None:
    create_library(
        database_url,
        f"TRUNCATE {TABLE} CASCADE",
        f"INSERT INTO {TABLE} (name, category, description, parameters) VALUES"
        " ('', 'a', 'no name', NULL), (repeat('n', 300), 'a', 'long name', NULL),"
        " ('text', 'a', repeat('d', 100000), '\"text\"'), ('null', 'a', NULL, 'null'), ('number', 'a', NULL, '5'),"
        " ('huge', 'a', NULL, (SELECT jsonb_object_agg(n::text, n) FROM generate_series(1, 20000) n)),"
        " ('control', E'a\\x1b[31m', E'b\\nc', '{\"x\": {\"type\": 5, \"required\": 1, \"description\": []}}')",
    )
    entries = read(database_url) or {}
    assert list(entries) == ["control", "huge", "null", "number", "text"]
    assert len(entries["text"].description) == 2000
    assert entries["huge"].items == ()
    assert entries["control"].items == (CatalogItem("x"),)


def test_a_lock_on_the_library_does_not_keep_the_registry_waiting(database_url: str) -> None:
    import psycopg

    create_library(database_url)
    service = RegistryService(RegistrySettings(database_url=database_url), Path("/nowhere"))
    first = service.refresh()
    service.start()
    try:
        state = first.result(PATIENCE)
        assert state.provenance.source is Source.POSTGRESQL
        with psycopg.connect(database_url) as connection:
            connection.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE".encode())
            with pytest.raises(SourceUnavailableError):
                service.ask(read_library).result(PATIENCE)
            again = service.refresh().result(PATIENCE)
        assert (again.provenance.source, again.provenance.stale) == (Source.POSTGRESQL, False)
        assert again.snapshot is state.snapshot
        assert len(service.ask(read_library).result(PATIENCE) or ()) == 4
    finally:
        service.close()
    with pytest.raises(Exception, match="closed"):
        service.ask(read_library).result(PATIENCE)


def test_a_server_that_is_away_leaves_what_was_read_last(database_url: str) -> None:
    create_library(database_url)
    patterns, readings = catalog("patterns"), LastReadings()
    (source,) = patterns.database_sources
    database, away = postgresql_source(database_url), postgresql_source(UNREACHABLE)
    try:
        with pytest.raises(SourceUnavailableError) as raised:
            source.read(away)
        assert readings.failed(patterns, source, raised.value)[:2] == (Condition.UNAVAILABLE, ())
        known = readings.read(patterns, source, source.read(database))
        assert (known.condition, len(known.entries)) == (Condition.READ, 4)
        stale = readings.failed(patterns, source, raised.value)
        assert (stale.condition, stale.entries, stale.reason) == (Condition.STALE, known.entries, raised.value.reason)
        assert readings.read(patterns, source, None).condition is Condition.ABSENT
        assert readings.failed(patterns, source, raised.value).condition is Condition.UNAVAILABLE
    finally:
        database.close()
        away.close()


def test_a_service_without_a_database_says_so(tmp_path: Path) -> None:
    service = RegistryService(RegistrySettings(), tmp_path)
    service.start()
    try:
        assert not service.has_database
        with pytest.raises(SourceUnavailableError, match="No database is set"):
            service.ask(read_library).result(PATIENCE)
    finally:
        service.close()
