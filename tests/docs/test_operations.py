"""``docs/operations.md``: its own commands do what it says, in its order, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from lsprotocol import types

from specql_lsp.config import CONFIG_FILE, RegistrySettings
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.sources.yaml.source import YamlSource
from specql_lsp.registry.state import Source
from tests.docs.examples import Document, read
from tests.docs.scenario import DATABASE, Scenario
from tests.e2e.editor import Editor
from tests.support.patience import PATIENCE, until
from tests.support.postgres import PostgresServer, programs
from tests.support.sources import postgresql_source
from tests.support.workspaces import REGISTRY

pytestmark = [pytest.mark.slow, pytest.mark.sql]

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
ROLES, CUTTING_OVER, EMERGENCY = "Roles and rights", "Cutting over", "Emergency rollback"
FIRST_INSTALLATION = Path(__file__).parents[1] / "registry" / "installed" / "version_0.sql"
LIVE = "live"
"""The database as it is after cutting over; copied, never changed."""


@pytest.fixture(scope="module")
def document() -> Document:
    return read(DOCUMENT)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def live(server: PostgresServer, document: Document, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team's repository after cutting over. The server holds the roles, and the database as ``LIVE``."""
    server.create_database(name=DATABASE)
    scenario = Scenario(document, tmp_path_factory.mktemp("live"), server.port, programs())
    for heading in (ROLES, CUTTING_OVER):
        scenario.play(heading)
    execute(server.url(), f"ALTER DATABASE {DATABASE} RENAME TO {LIVE}")
    return scenario.workspace


@pytest.fixture
def scenario(server: PostgresServer, document: Document, live: Path, tmp_path: Path) -> Iterator[Scenario]:
    """A scenario on which the team has cut over."""
    execute(server.url(), f"CREATE DATABASE {DATABASE} TEMPLATE {LIVE}")
    # What was granted on the database itself is not copied with it.
    execute(
        server.url(),
        f"UPDATE pg_database SET datacl = (SELECT datacl FROM pg_database WHERE datname = '{LIVE}')"
        f" WHERE datname = '{DATABASE}'",
    )
    meanwhile = {
        "an entity is registered in the YAML by hand": register_by_hand,
        "the schema is that of an earlier release": go_back_to_an_earlier_schema,
        "PostgreSQL is away": lambda _scenario: server.stop(),
        "PostgreSQL is back": lambda _scenario: server.start(),
    }
    scenario = Scenario(document, tmp_path, server.port, programs(), meanwhile)
    shutil.rmtree(scenario.workspace)
    shutil.copytree(live, scenario.workspace)
    yield scenario
    server.drop_database(server.url(DATABASE))


def register_by_hand(scenario: Scenario) -> None:
    """Somebody writes an entity into the YAML beside another one, and moves the counter, as SpecQL would."""
    file = scenario.workspace / REGISTRY
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    ticket = next(number for number, line in enumerate(lines) if line.lstrip().startswith("Ticket:"))
    counter = max(n for n, line in enumerate(lines[:ticket]) if line.lstrip().startswith("next_entity_sequence:"))
    indent = " " * (len(lines[ticket]) - len(lines[ticket].lstrip()))
    lines[counter] = lines[counter].replace("3", "4")
    lines.insert(ticket, f"{indent}Invoice: {{table_code: '012043'}}\n")
    file.write_text("".join(lines), encoding="utf-8")
    scenario.run_shell(f"git commit --quiet --message 'Register Invoice' {REGISTRY}")


def go_back_to_an_earlier_schema(scenario: Scenario) -> None:
    """Makes of the installed schema what the first release had installed, with the same content."""
    scenario.run_shell(
        'psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$OWNER" <<SQL\n'
        "SET client_min_messages = warning;\n"
        "DROP SCHEMA specql_registry_lsp CASCADE;\n"
        + "".join(
            f"DROP FUNCTION specql_registry.fn_record_{table} CASCADE;\n" for table in ("domain", "subdomain", "entity")
        )
        + "DROP FUNCTION specql_registry.fn_count_unrecorded;\n"
        f"\\i {FIRST_INSTALLATION}\nSQL"
    )


def request(entity: str) -> AllocationRequest:
    """What an editor asks for: a code that no file of the repository uses."""
    return AllocationRequest(entity, "crm", "support", used=frozenset({"012041"}))


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def events(server: PostgresServer) -> list[tuple[object, ...]]:
    """Ids and entities of the events that are about one."""
    with psycopg.connect(server.url(DATABASE)) as connection:
        return connection.execute(
            "SELECT id, entity_name FROM specql_registry_lsp.tb_event WHERE entity_name IS NOT NULL ORDER BY id"
        ).fetchall()


def refused_right(url: str, statement: str) -> str:
    """The message with which a role is refused a statement."""
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        connection.execute(statement.encode())
    return caught.value.diag.message_primary or ""


@contextlib.contextmanager
def open_editor(url: str, folder: Path) -> Iterator[RegistryService]:
    """What an editor that is open all the time has: its registry, reading and listening."""
    service = RegistryService(RegistrySettings(database_url=url, refresh_seconds=1, listen=True), folder)
    service.start()
    try:
        service.refresh().result(PATIENCE)
        assert service.state.provenance.source is Source.POSTGRESQL
        yield service
    finally:
        service.close()


def refusal(service: RegistryService) -> Refused:
    """How an editor's allocation is refused."""
    with pytest.raises(Refused) as caught:
        service.allocate(request("Refund")).result(PATIENCE)
    return caught.value


def assert_sides_agree(server: PostgresServer, scenario: Scenario) -> None:
    """Compares both sides without the commands of the document."""
    source = postgresql_source(server.url(DATABASE))
    try:
        yaml = YamlSource(scenario.workspace / REGISTRY).load()
        assert yaml.entity_count > 0
        assert compare(source.load(), yaml) == ()
    finally:
        source.close()


def test_every_block_is_run_or_says_why_not(document: Document) -> None:
    sections = document.sections.values()
    assert sum(len(section.blocks) for section in sections) > 40
    assert [reason for section in sections for reason in section.not_run] == ["the tests have a server of their own"]
    tested = {name for name, section in document.sections.items() if section.blocks}
    assert tested == {
        ROLES,
        CUTTING_OVER,
        "Both sides in step",
        EMERGENCY,
        "Gradual rollback",
        "Coming back",
        "TLS and passwords",
        "PgBouncer",
        "Backups",
        "History",
        "Upgrades of the installed schema",
        "Snapshot in CI",
        "Leases",
        "What to watch",
        "Something is wrong",
    }


def test_roles_may_what_they_are_for_and_no_more(server: PostgresServer, scenario: Scenario) -> None:
    """The roles are those that the section has made, in the database that it has made."""
    tables = [f"specql_registry.tb_{name}" for name in ("domain", "subdomain", "entity_registration")]
    ci, anna, boris = (server.url(DATABASE, role) for role in ("ci", "anna", "boris"))
    for table in tables:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE", f"DROP TABLE {table}"):
            refused_right(ci, statement)
            refused_right(anna, statement)
        refused_right(boris, f"DROP TABLE {table}")
    refused_right(ci, f"INSERT INTO {tables[2]} DEFAULT VALUES")
    refused_right(ci, f"UPDATE {tables[1]} SET next_entity_sequence = 1")
    refused_right(anna, f"UPDATE {tables[1]} SET subdomain_name = 'mine'")
    refused_right(anna, f"UPDATE {tables[2]} SET table_code = '012041'")
    refused_right(anna, f"INSERT INTO {tables[0]} DEFAULT VALUES")
    refused_right(anna, "CREATE TABLE specql_registry.mine ()")
    source = postgresql_source(boris)
    assert source.load().domains
    assert source.register_domain("9", "extra").number == "9"
    source.close()
    execute(server.url(), "CREATE ROLE stranger LOGIN")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(server.url(DATABASE, "stranger"))


def test_cutting_over_leaves_both_sides_the_same(server: PostgresServer, scenario: Scenario) -> None:
    assert_sides_agree(server, scenario)
    assert scenario.run_shell("git status --short").strip() == ""
    changed = scenario.run_shell(f"git diff --stat HEAD~1 -- {REGISTRY}")
    assert "1 file changed" in changed
    before, after = (scenario.run_shell(f"git show {which}:{REGISTRY}") for which in ("HEAD~1", "HEAD"))
    assert [line for line in before.splitlines() if "#" in line] == [line for line in after.splitlines() if "#" in line]


def test_an_emergency_rollback_stops_editors_that_are_open(server: PostgresServer, scenario: Scenario) -> None:
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        editor.allocate(request("Reminder")).result(PATIENCE)
        scenario.play(EMERGENCY)
        assert refusal(editor).kind is RefusalKind.REGISTRY_READ_ONLY
    assert_sides_agree(server, scenario)
    assert "Reminder:" in (scenario.workspace / REGISTRY).read_text(encoding="utf-8"), "it was allocated before"
    for role in ("specql_owner", "boris"):
        with psycopg.connect(server.url(DATABASE, role)) as connection:
            assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)


def test_an_emergency_rollback_works_while_postgresql_is_away(server: PostgresServer, scenario: Scenario) -> None:
    """What the document says for a PostgreSQL that does not answer: all but the SQL and the export."""
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        code = editor.allocate(request("Refund")).result(PATIENCE).table_code
    entity = scenario.workspace / "entities" / "crm" / "refund.yaml"
    entity.write_text(f"entity: Refund\nschema: crm\norganization:\n  table_code: '{code}'\nfields: {{}}\n")
    scenario.at(1)  # nothing listens there
    scenario.run_shell("export SPECQL_DB_URL=postgresql://anna@db.example.org/registry")
    find, switch = (b for b in scenario.blocks(EMERGENCY) if "check --backend" in b.text or "cat >>" in b.text)
    assert f"The code {code} is free, but not registered: register it for Refund" in scenario.run_shell(find.text)
    scenario.run_shell(switch.text)
    assert "The setting registry.backend is yaml" in scenario.run_shell("specql-lsp registry status")


async def test_editors_follow_the_rollback_and_the_way_back_without_a_restart(
    server: PostgresServer, scenario: Scenario
) -> None:
    anna = {"SPECQL_DB_URL": server.url(DATABASE, "anna")}
    async with Editor(scenario.workspace, environment=anna) as editor:
        await editor.source("postgresql", writable=True)
        await asyncio.to_thread(scenario.play, EMERGENCY)
        editor.tell(CONFIG_FILE, types.FileChangeType.Created)
        await editor.source("yaml", reason="The setting registry.backend is yaml, so PostgreSQL is not asked.")
        await asyncio.to_thread(scenario.play, "Coming back")
        editor.tell(CONFIG_FILE, types.FileChangeType.Changed)
        editor.tell(REGISTRY, types.FileChangeType.Changed)
        await editor.source("postgresql", writable=True, entities=10, discrepancies=0)


def test_a_gradual_rollback_interrupts_no_reader(server: PostgresServer, scenario: Scenario) -> None:
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        connected = editor.state.provenance.since
        scenario.play("Gradual rollback")
        assert editor.refresh().result(PATIENCE).provenance.source is Source.POSTGRESQL
        assert editor.state.provenance.since == connected
        assert not editor.state.provenance.writable
        assert "INSERT" in refusal(editor).message
    assert_sides_agree(server, scenario)


def test_coming_back_brings_what_was_registered_meanwhile(server: PostgresServer, scenario: Scenario) -> None:
    scenario.play(EMERGENCY)
    scenario.play("Coming back")
    assert_sides_agree(server, scenario)
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        snapshot = editor.state.snapshot
        assert snapshot is not None and snapshot.by_entity("Invoice")
        assert editor.allocate(request("Refund")).result(PATIENCE).created
    assert scenario.run_shell("git status --short --untracked-files=no").strip() == ""


def test_coming_back_after_a_gradual_rollback(server: PostgresServer, scenario: Scenario) -> None:
    scenario.play("Gradual rollback")
    (switch,) = (block for block in scenario.blocks(EMERGENCY) if "specql-lsp.toml" in block.text)
    scenario.run_shell(switch.text)
    (grant,) = re.findall(r"`(GRANT INSERT[^`]+;)`", DOCUMENT.read_text(encoding="utf-8"))
    scenario.play("Coming back", instead={"RESET default_transaction_read_only": f"{grant}\n"})
    assert_sides_agree(server, scenario)
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        assert editor.allocate(request("Refund")).result(PATIENCE).created


def test_backups_can_be_restored_under_open_editors(server: PostgresServer, scenario: Scenario) -> None:
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        before = editor.state.snapshot
        scenario.play("Backups")
        until(lambda: editor.state.provenance.source is Source.POSTGRESQL and editor.state.provenance.writable)
        assert editor.state.snapshot is not None and before is not None
        assert editor.state.snapshot.domains == before.domains
        assert editor.allocate(request("Refund")).result(PATIENCE).created
        until(lambda: editor.state.provenance.listening)


def test_a_backup_brings_back_what_was_lost(server: PostgresServer, scenario: Scenario) -> None:
    dump = "pg_dump --format=custom --schema='specql_registry*' --file=registry.dump"
    assert dump in DOCUMENT.read_text(encoding="utf-8")
    scenario.run_shell(f"{dump} postgresql://specql_owner@db.example.org/registry")
    before = events(server)
    execute(server.url(DATABASE), "DROP SCHEMA specql_registry, specql_registry_lsp CASCADE")
    (restore,) = (b for b in scenario.blocks("Backups") if "--single-transaction" in b.text)
    scenario.run_shell("export ADMIN=postgresql://postgres@db.example.org/registry")
    scenario.run_shell("export SPECQL_DB_URL=postgresql://anna@db.example.org/registry")
    scenario.run_shell(restore.text)
    assert_sides_agree(server, scenario)
    assert before and events(server) == before


def test_the_history_is_what_it_says(server: PostgresServer, scenario: Scenario) -> None:
    scenario.play("History")
    ci = server.url(DATABASE, "ci")
    refused_right(ci, "DELETE FROM specql_registry_lsp.tb_event")
    refused_right(server.url(DATABASE, "boris"), "DELETE FROM specql_registry_lsp.tb_event")


def test_an_upgrade_keeps_what_there_is_under_open_editors(server: PostgresServer, scenario: Scenario) -> None:
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace) as editor:
        before = editor.state.snapshot
        scenario.play("Upgrades of the installed schema")
        assert editor.allocate(request("Refund")).result(PATIENCE).created
        assert before is not None and editor.state.snapshot is not None
        assert editor.state.snapshot.entity_count == before.entity_count + 1
    assert [entity for _, entity in events(server)][-1:] == ["Refund"]


def test_ci_checks_against_a_snapshot(scenario: Scenario) -> None:
    scenario.play("Snapshot in CI")
    assert scenario.run_shell("git log --oneline -- registry/snapshot.json").count("\n") == 1


def test_leases_last_while_postgresql_is_away(server: PostgresServer, scenario: Scenario) -> None:
    try:
        scenario.play("Leases")
    except BaseException:
        server.restart()  # it may have ended while PostgreSQL was away
        raise
    with psycopg.connect(server.url(DATABASE)) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM specql_registry.tb_entity_registration WHERE entity_name = 'Refund'"
        ).fetchone()
        assert rows == (1,)
        assert connection.execute("SELECT count(*) FROM specql_registry_lsp.tb_lease").fetchone() == (0,)


def test_two_branches_that_took_one_code_are_merged(scenario: Scenario) -> None:
    def take(name: str) -> str:
        file = f"entities/crm/{name.lower()}.yaml"
        entry = f"          {name}: {{table_code: '01203D', entity_code: XYZ, assigned_at: '2026-01-20T10:00:00'}}"
        return (
            f"printf \"entity: {name}\\nschema: crm\\norganization:\\n  table_code: '01203D'\\n\" > {file}\n"
            f'sed --in-place "/^          Contact:/i\\\\{entry}" {REGISTRY}\n'
            f"git add {file} {REGISTRY} && git commit --quiet --message '{name}'\n"
        )

    main = scenario.run_shell("git branch --show-current").strip()
    # The fixture has another code that two entities have.
    scenario.run_shell(
        "sed --in-place s/012031/013031/ entities/catalog/product.yaml && git commit --quiet --all -m Mend"
    )
    scenario.run_shell("git switch --quiet --create visits\n" + take("Visit"))
    scenario.run_shell(f"git switch --quiet {main}\n" + take("Lead"))
    scenario.play("Merge conflicts")
    assert scenario.run_shell("git status --short --untracked-files=no").strip() == ""
    text = (scenario.workspace / REGISTRY).read_text(encoding="utf-8")
    assert text.count("'01203D'") == 1
    visit = (scenario.workspace / "entities/crm/visit.yaml").read_text(encoding="utf-8")
    assert "01203D" not in visit


@pytest.mark.parametrize("heading", ["Both sides in step", "What to watch", "Something is wrong"])
def test_what_is_watched_is_there_to_be_seen(server: PostgresServer, scenario: Scenario, heading: str) -> None:
    with open_editor(server.url(DATABASE, "anna"), scenario.workspace):
        scenario.play(heading)
