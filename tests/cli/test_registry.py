"""``registry status`` and ``registry install``, and ``domain performance-report``."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.cli.support import REFUSED_CONNECTION, UNREACHABLE, answer, refusal, run
from tests.support.postgres import PostgresServer
from tests.support.workspaces import REGISTRY

NO_URL = "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL, or give --database-url."


def status_of(text: str) -> dict[str, str]:
    """The lines of a status by their names."""
    return dict(line.split(maxsplit=1) for line in text.splitlines())  # type: ignore[arg-type]


# status


def test_the_status_of_postgresql(workspace: Path, workspace_url: str) -> None:
    server = workspace_url.rpartition("@")[2]
    done = run(workspace, "registry", "status", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    said = status_of(done.stdout)
    assert said.pop("Read").endswith(" s ago")
    assert said == {
        "Source": f"PostgreSQL at {server}",
        "Writable": "yes",
        "Holds": "4 domains, 9 subdomains and 8 entities",
        "Differs": "no: PostgreSQL and the YAML agree",
    }
    status = answer(workspace, "registry", "status", url=workspace_url)
    assert (status["source"], status["writable"], status["stale"], status["reason"]) == ("postgresql", True, False, "")
    assert (status["domains"], status["subdomains"], status["entities"]) == (4, 9, 8)
    assert (status["discrepancies"], status["server"]) == (0, server)


def test_the_status_counts_differences(workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute("UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    said = status_of(run(workspace, "registry", "status", url=workspace_url).stdout)
    assert said["Differs"] == "in 1 place; specql-lsp domain check-consistency shows them"
    (workspace / REGISTRY).unlink()
    said = status_of(run(workspace, "registry", "status", url=workspace_url).stdout)
    assert said["Differs"] == f"not known. The registry file {REGISTRY} does not exist."


def test_the_status_of_a_fallback_says_why(workspace: Path) -> None:
    said = status_of(run(workspace, "registry", "status", url=UNREACHABLE).stdout)
    assert (said["Source"], said["Server"], said["Writable"]) == ("The registry YAML", "127.0.0.1:1/registry", "no")
    assert said["Why"] == REFUSED_CONNECTION
    status = answer(workspace, "registry", "status", url=UNREACHABLE)
    assert (status["source"], status["reason"]) == ("yaml", REFUSED_CONNECTION)


def test_the_status_without_a_registry(tmp_path: Path) -> None:
    done = run(tmp_path, "registry", "status")
    assert (done.returncode, done.stderr) == (2, "")
    said = status_of(done.stdout)
    assert said["Source"] == "No registry"
    assert said["Why"].endswith("The registry file registry/domain_registry.yaml does not exist.")
    status = answer(tmp_path, "registry", "status", status=2)
    assert (status["source"], status["domains"], status["discrepancies"]) == ("none", None, None)


def test_the_status_in_memory(tmp_path: Path) -> None:
    said = status_of(run(tmp_path, "registry", "status", "--backend", "in_memory").stdout)
    assert (said["Source"], said["Writable"]) == ("Memory", "yes")
    assert said["Holds"] == "0 domains, 0 subdomains and 0 entities"


# install


def test_installing_and_installing_again(tmp_path: Path, empty_database_url: str) -> None:
    server = empty_database_url.rpartition("@")[2]
    first = run(tmp_path, "registry", "install", url=empty_database_url)
    assert (first.returncode, first.stderr) == (0, "")
    *created, last = first.stdout.splitlines()
    assert "Created table specql_registry.tb_domain." in created
    assert last == f"The registry's schema at {server} is installed."
    again = answer(tmp_path, "registry", "install", url=empty_database_url)
    assert [f"Created {each}." for each in again["kept"]] == created
    assert (again["created"], again["obstacles"], again["server"]) == ([], [], server)
    done = run(tmp_path, "registry", "install", url=empty_database_url)
    assert done.stdout == f"The registry's schema at {server} is complete: nothing had to be created.\n"
    assert (
        run(tmp_path, "domain", "register", "--number", "1", "--name", "core", url=empty_database_url).returncode == 0
    )


def test_installing_on_a_registry_in_use(workspace: Path, workspace_url: str) -> None:
    before = answer(workspace, "domain", "list", url=workspace_url)
    done = run(workspace, "registry", "install", url=workspace_url)
    assert done.stdout.splitlines()[-1].endswith("parts had been there and stayed untouched.")
    assert answer(workspace, "domain", "list", url=workspace_url) == before


def test_rows_in_the_way_of_the_unique_index_are_named(workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute(
            "UPDATE specql_registry.tb_entity_registration SET table_code = '012031' WHERE entity_name = 'Company'"
        )
    done = run(workspace, "registry", "install", url=workspace_url)
    assert done.returncode == 0
    (warning,) = done.stderr.splitlines()
    assert warning.startswith("specql-lsp: The table code 012031 is registered more than once: ")
    assert all(name in warning for name in ("Company", "Contact"))
    assert done.stdout.splitlines()[-1].endswith("is installed, except for the unique index on table codes.")
    document = answer(workspace, "registry", "install", url=workspace_url)
    assert [f"specql-lsp: {sentence}" for sentence in document["obstacles"]] == [warning]
    assert document["created"] == []


def test_the_sql_instead(tmp_path: Path, empty_database_url: str) -> None:
    """It needs no database, and does what installing does."""
    printed = run(tmp_path, "registry", "install", "--print")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert answer(tmp_path, "registry", "install", "--print") == {"sql": printed.stdout}
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(printed.stdout)  # type: ignore[call-overload]
    assert answer(tmp_path, "registry", "install", url=empty_database_url)["created"] == []


def test_what_cannot_be_installed(tmp_path: Path, postgres_server: PostgresServer, empty_database_url: str) -> None:
    assert refusal(tmp_path, "registry", "install", status=2) == ("registry-unavailable", NO_URL)
    kind, message = refusal(tmp_path, "registry", "install", url=UNREACHABLE, status=2)
    assert (kind, message) == ("registry-unavailable", f"Nothing was installed. {REFUSED_CONNECTION}")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader_of_nothing")
        connection.execute("CREATE ROLE reader_of_nothing LOGIN")
    url = empty_database_url.replace("//postgres@", "//reader_of_nothing@")
    try:
        kind, _ = refusal(tmp_path, "registry", "install", url=url)
        assert kind == "registry-read-only"
    finally:
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            connection.execute("DROP ROLE reader_of_nothing")


@pytest.mark.parametrize("command", [("install",), ("migrate",), ("verify",), ("export",)])
def test_what_is_about_postgresql_takes_no_other_backend(workspace: Path, command: tuple[str, ...]) -> None:
    for backend in ("yaml", "in_memory"):
        refused = answer(workspace, "registry", *command, "--backend", backend, url=UNREACHABLE, status=2)
        assert refused["error"] == {
            "kind": "invalid-argument",
            "message": f"This command is about PostgreSQL, so --backend {backend} cannot be given.",
        }


# performance-report


def test_the_performance_report(workspace: Path, workspace_url: str) -> None:
    report = answer(workspace, "domain", "performance-report", "--samples", "3", url=workspace_url)
    assert report["byOperation"]["registry.load"]["queries"] == 3
    assert report["byOperation"]["registry.load_yaml"]["queries"] == 3
    assert (report["queries"], report["failed"], report["successRate"]) == (6, 0, 1.0)
    assert report["byStatement"]["load"]["queries"] == 3
    assert 0 < report["byStatement"]["load"]["averageMs"] <= report["byStatement"]["load"]["maxMs"]
    assert report["fallbacks"] == 0
    done = run(workspace, "domain", "performance-report", url=workspace_url)
    operations, statements, slow, cache, fallbacks = done.stdout.rstrip("\n").split("\n\n")
    head = "COUNT  FAILED  SUCCESS  AVERAGE"
    assert head in operations.splitlines()[0]
    rows = {line.split()[0]: line.split()[1:5] for line in (operations + "\n" + statements).splitlines()}
    assert rows["registry.load"] == ["10", "0", "100", "%"]
    assert rows["all"] == ["20", "0", "100", "%"]
    assert rows["load"] == ["10", "0", "100", "%"]
    assert slow.startswith("Slow: ")
    assert cache.startswith("Cache: ")
    assert fallbacks == "Fallbacks: 0."


def test_slow_operations_and_fallbacks_in_the_report(workspace: Path, workspace_url: str) -> None:
    (workspace / "specql-lsp.toml").write_text("[registry]\nslowQueryMs = 0\n")
    slow = run(workspace, "domain", "performance-report", url=workspace_url).stdout
    assert "Slow: 20 took longer than 0 ms, the last 10 of them:\n" in slow
    away = run(workspace, "domain", "performance-report", "--samples", "2", url=UNREACHABLE)
    assert away.returncode == 0
    assert away.stderr == f"specql-lsp: {REFUSED_CONNECTION} The registry's YAML answers instead.\n"
    assert [line.split()[1:5] for line in away.stdout.splitlines() if line.startswith("registry.load ")] == [
        ["2", "2", "0", "%"]
    ]
    assert "Fallbacks: 1:\n" in away.stdout
    assert away.stdout.endswith(f"  {REFUSED_CONNECTION}\n")


def test_of_no_registry_there_is_no_report(tmp_path: Path) -> None:
    assert refusal(tmp_path, "domain", "performance-report", status=2)[0] == "registry-unavailable"
    refused = answer(tmp_path, "domain", "performance-report", "--samples", "0", status=2)
    assert refused["error"]["kind"] == "invalid-argument"


# install --check


def test_the_check_of_an_installation(tmp_path: Path, database_url: str) -> None:
    server = database_url.rpartition("@")[2]
    before = answer(tmp_path, "registry", "install", "--check", url=database_url, status=1)
    assert (before["current"], before["version"], before["server"]) == (False, None, server)
    assert "table specql_registry_lsp.tb_event" in before["missing"]
    text = run(tmp_path, "registry", "install", "--check", url=database_url)
    assert (text.returncode, text.stderr) == (1, "")
    *missing, last = text.stdout.splitlines()
    assert missing == [f"Missing, or of another release: {each}." for each in before["missing"]]
    assert last == (
        f"The registry's schema at {server} is not current: specql-lsp registry install makes what is missing."
    )
    assert answer(tmp_path, "registry", "install", url=database_url)["created"] == before["missing"]
    after = answer(tmp_path, "registry", "install", "--check", url=database_url)
    assert after == {
        "current": True,
        "version": after["latest"],
        "latest": after["latest"],
        "missing": [],
        "disabled": [],
        "unrecorded": 0,
        "server": server,
    }
    assert run(tmp_path, "registry", "install", "--check", url=database_url).stdout == (
        f"The registry's schema at {server} is current.\n"
    )


def test_what_the_check_says_of_triggers_and_of_events_that_are_lost(tmp_path: Path, database_url: str) -> None:
    answer(tmp_path, "registry", "install", url=database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE specql_registry_lsp.tb_event ADD CHECK (action = 'nothing')")
        for number in "12":
            connection.execute(
                "INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES (%s, 'x')", [number]
            )
        connection.execute("ALTER TABLE specql_registry.tb_domain DISABLE TRIGGER tr_notify_insert")
    text = run(tmp_path, "registry", "install", "--check", url=database_url)
    place = f"The registry's schema at {database_url.rpartition('@')[2]}"
    assert text.returncode == 1
    assert text.stdout.splitlines() == [
        "Disabled: trigger tr_notify_insert on specql_registry.tb_domain.",
        "The history lacks 2 changes that could not be recorded; PostgreSQL's log says why.",
        f"{place} is complete, but changes are not all recorded and notified.",
    ]


def test_the_check_of_a_later_releases_installation(tmp_path: Path, database_url: str) -> None:
    latest = answer(tmp_path, "registry", "install", "--check", url=database_url, status=1)["latest"]
    answer(tmp_path, "registry", "install", url=database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO specql_registry_lsp.tb_version VALUES (%s, 'later')", [latest + 1])
    text = run(tmp_path, "registry", "install", "--check", url=database_url)
    assert text.returncode == 1
    assert text.stdout.endswith("update specql-lsp.\n")
    assert refusal(tmp_path, "registry", "install", url=database_url)[0] == "conflict"


def test_a_check_that_cannot_be_made(tmp_path: Path) -> None:
    assert refusal(tmp_path, "registry", "install", "--check", status=2) == ("registry-unavailable", NO_URL)
    assert refusal(tmp_path, "registry", "install", "--check", url=UNREACHABLE, status=2)[1] == REFUSED_CONNECTION
    assert refusal(tmp_path, "registry", "install", "--check", "--print", status=2)[0] == "invalid-argument"
