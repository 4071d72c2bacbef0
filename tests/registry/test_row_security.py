"""Rows that row level security hides are an error, never absence: no code is given again and nothing is exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry import open_registry
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, EntityRename
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from tests.cli.support import answer, refusal, run
from tests.support.registries import small_registry, yaml_text
from tests.support.sources import keep_yaml, postgresql_source

PARTNER = AllocationRequest("Partner", "crm", "customer")
TABLES = ("tb_domain", "tb_subdomain", "tb_entity_registration")
POLICIES = {
    "tb_domain": "domain_number <> '3'",
    "tb_subdomain": "subdomain_name <> 'customer'",
    "tb_entity_registration": "entity_name <> 'Contact'",
}


@pytest.fixture(params=TABLES)
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hide(url: str, table: str) -> str:
    """Hides a row of a table from a new role that may do everything else; that role's URL."""
    source = postgresql_source(url)
    migrate(small_registry(), source)
    source.close()
    role = f"hidden_{urlsplit(url).path.strip('/')}"
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT USAGE ON SCHEMA specql_registry TO {role}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA specql_registry TO {role}",
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA specql_registry TO {role}",
            f"ALTER TABLE specql_registry.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY hiding ON specql_registry.{table} USING ({POLICIES[table]}) WITH CHECK (true)",
        ):
            connection.execute(statement.encode())
    return url.replace("postgres@", f"{role}@", 1)


def sentence(url: str, table: str) -> str:
    return (
        f'Row level security hides rows of specql_registry.{table} from the role "{urlsplit(url).username}", so that '
        "the registry cannot be known as a whole: give the role the attribute BYPASSRLS, or disable row level security "
        "on that table."
    )


@pytest.fixture
def hidden_url(database_url: str, table: str) -> str:
    return hide(database_url, table)


@pytest.fixture
def source(hidden_url: str) -> Iterator[PostgresqlSource]:
    source = postgresql_source(hidden_url)
    yield source
    source.close()


def test_reading_is_refused(source: PostgresqlSource, hidden_url: str, table: str) -> None:
    with pytest.raises(SourceUnavailableError) as caught:
        source.load()
    assert caught.value.reason == sentence(hidden_url, table)
    assert caught.value.lost is False


WRITES: dict[str, Callable[[PostgresqlSource], object]] = {
    "register_domain": lambda source: source.register_domain("9", "fresh"),
    "register_subdomain": lambda source: source.register_subdomain("5", "01", "core"),
    "rename_entity": lambda source: source.rename_entity(EntityRename("crm", "Contact", "Person")),
    "keep_yaml": lambda source: keep_yaml(
        source,
        Discrepancy(DiscrepancyType.MISSING_IN_YAML, "5"),
        small_registry().with_domains(small_registry().domains[:2]),
    ),
    "migrate": lambda source: migrate(small_registry(), source),
    "install": lambda source: install(source._session._settings),
}


@pytest.mark.parametrize("work", WRITES)
def test_writing_is_refused(
    source: PostgresqlSource, hidden_url: str, database_url: str, table: str, work: str
) -> None:
    if work == "install":
        with psycopg.connect(database_url, autocommit=True) as connection:
            for name in TABLES:  # who owns the tables is bound by a policy only where it is forced
                connection.execute(
                    f'ALTER TABLE specql_registry.{name} OWNER TO "{urlsplit(hidden_url).username}"'.encode()
                )
            for place in ("SCHEMA specql_registry", f"DATABASE {urlsplit(database_url).path.strip('/')}"):
                connection.execute(f'GRANT CREATE ON {place} TO "{urlsplit(hidden_url).username}"'.encode())
            connection.execute(f"ALTER TABLE specql_registry.{table} FORCE ROW LEVEL SECURITY".encode())
    with pytest.raises((Refused, SourceUnavailableError)) as caught:
        WRITES[work](source)
    assert sentence(hidden_url, table) in str(caught.value)
    if isinstance(caught.value, Refused):
        assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY


def test_allocating_is_refused_also_by_one_who_has_read_the_registry_before(database_url: str, table: str) -> None:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        role = f"before_{urlsplit(database_url).path.strip('/')}"
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(f"GRANT USAGE ON SCHEMA specql_registry TO {role}".encode())
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA specql_registry TO {role}".encode())
        connection.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA specql_registry TO {role}".encode())
        url = database_url.replace("postgres@", f"{role}@", 1)
        source = postgresql_source(url)
        source.load()
        connection.execute(f"ALTER TABLE specql_registry.{table} ENABLE ROW LEVEL SECURITY".encode())
        connection.execute(f"CREATE POLICY hiding ON specql_registry.{table} USING ({POLICIES[table]})".encode())
        with pytest.raises((Refused, SourceUnavailableError)) as caught:
            source.allocate(PARTNER, Rules())
    assert sentence(url, table) in str(caught.value)
    source.close()


def test_an_owner_for_whom_the_policy_is_forced_is_refused(database_url: str, table: str) -> None:
    url = hide(database_url, table)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'ALTER TABLE specql_registry.{table} OWNER TO "{urlsplit(url).username}"'.encode())
        source = postgresql_source(url)
        assert source.load().domains == small_registry().domains
        connection.execute(f"ALTER TABLE specql_registry.{table} FORCE ROW LEVEL SECURITY".encode())
    with pytest.raises(SourceUnavailableError, match="Row level security hides rows"):
        source.load()
    source.close()


def test_a_role_that_policies_do_not_bind_reads_and_writes(database_url: str, table: str) -> None:
    url = hide(database_url, table)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'ALTER ROLE "{urlsplit(url).username}" BYPASSRLS'.encode())
    source = postgresql_source(url)
    assert source.load().domains == small_registry().domains
    assert source.allocate(PARTNER, Rules()).table_code == "012033"
    source.close()


def test_the_yaml_answers_and_nothing_is_given_out(
    hidden_url: str, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "registry.yaml").write_text(yaml_text(small_registry()))
    with open_registry(hidden_url, "registry.yaml") as registry:
        assert (registry.status["source"], registry.status["writable"]) == ("yaml", False)
        assert registry.status["reason"] == sentence(hidden_url, table)
        with pytest.raises(Refused) as caught:
            registry.allocate("crm", "customer", "Partner")
    assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
    assert sentence(hidden_url, table) in caught.value.message


def test_the_commands_say_so_and_change_nothing(database_url: str, tmp_path: Path) -> None:
    table = "tb_entity_registration"
    url = hide(database_url, table)
    yaml = tmp_path / "registry" / "domain_registry.yaml"
    yaml.parent.mkdir()
    yaml.write_text(yaml_text(small_registry()))
    before = yaml.read_bytes()
    status = answer(tmp_path, "registry", "status", url=url)
    assert (status["source"], status["writable"], status["reason"]) == ("yaml", False, sentence(url, table))
    kind, message = refusal(tmp_path, "registry", "export", url=url, status=2)
    assert kind == "registry-unavailable" and sentence(url, table) in message
    kind, message = refusal(tmp_path, "domain", "allocate-code", "crm", "customer", "Partner", url=url, status=1)
    assert kind == "registry-read-only" and sentence(url, table) in message
    for arguments in (["registry", "migrate", "--dry-run"], ["registry", "migrate"], ["registry", "verify"]):
        done = run(tmp_path, *arguments, url=url)
        assert done.returncode != 0 and sentence(url, table) in done.stderr, done
    checked = run(tmp_path, "check", url=url)
    assert sentence(url, table) in checked.stderr, checked
    assert yaml.read_bytes() == before
    reader = postgresql_source(database_url)
    assert reader.load().domains == small_registry().domains
    reader.close()


def test_installing_by_a_role_that_policies_do_not_bind(database_url: str) -> None:
    hide(database_url, "tb_entity_registration")
    assert install(RegistrySettings(database_url=database_url)).created
