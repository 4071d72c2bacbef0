"""``registry.recordAuthor``: git's user and the workspace's remote with what our programs write, only where asked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.author import Author, author_of
from specql_lsp.registry.client import Registry
from specql_lsp.registry.sources.postgresql.install import install
from tests.cli.support import answer
from tests.support.registries import small_registry, yaml_text
from tests.support.sources import fill, postgresql_source

ANNA = "Anna Example <anna@example.org>"
REMOTE = "https://example.org/team/models.git"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that git knows, with nothing of this machine's configuration."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "repository"
    folder.mkdir()
    for arguments in (
        ("init", "--quiet"),
        ("config", "user.name", "Anna Example"),
        ("config", "user.email", "anna@example.org"),
        ("remote", "add", "origin", REMOTE.replace("://", "://someone:secret@")),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture
def url(database_url: str) -> str:
    source = postgresql_source(database_url)
    fill(source, small_registry())
    source.close()
    install(RegistrySettings(database_url=database_url))
    return database_url


def recorded(url: str) -> list[tuple[str | None, str | None]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT DISTINCT author, workspace FROM specql_registry_lsp.tb_event ORDER BY 1"
        ).fetchall()


def settings(url: str, *, record_author: bool) -> RegistrySettings:
    return RegistrySettings(Backend.POSTGRESQL, url, record_author=record_author, listen=False)


def test_what_git_says(repository: Path) -> None:
    assert author_of(repository) == Author(ANNA, REMOTE)
    subprocess.run(["git", "config", "--unset", "user.email"], cwd=repository, check=True)
    subprocess.run(["git", "remote", "remove", "origin"], cwd=repository, check=True)
    assert author_of(repository) == Author("Anna Example", "")


def test_a_folder_that_git_does_not_know(repository: Path, tmp_path: Path) -> None:
    assert author_of(tmp_path) == Author()
    assert author_of(tmp_path / "missing") == Author()


def test_no_program_of_the_workspace_is_run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = repository / "git"
    program.write_text("#!/bin/sh\necho Mallory\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{repository}{os.pathsep}.{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(repository)
    assert author_of(repository) == Author(ANNA, REMOTE)
    monkeypatch.setenv("PATH", str(repository))
    assert author_of(repository) == Author()


def test_it_is_recorded_where_the_setting_allows_it(repository: Path, url: str) -> None:
    with Registry(settings(url, record_author=True), repository) as registry:
        registry.allocate("crm", "customer", "Partner")
        registry.rename_entity("crm", "Contact", "Person")
        assert {(event.author, event.workspace) for event in registry.history().events} == {(ANNA, REMOTE)}
    assert recorded(url) == [(ANNA, REMOTE)]


def test_it_is_not_recorded_otherwise(repository: Path, url: str) -> None:
    with Registry(settings(url, record_author=False), repository) as registry:
        registry.allocate("crm", "customer", "Partner")
    assert recorded(url) == [(None, None)]


def test_the_command_line_records_it_as_well(repository: Path, url: str) -> None:
    (repository / "specql-lsp.toml").write_text("[registry]\nrecordAuthor = true\n")
    answer(repository, "domain", "allocate-code", "crm", "customer", "Partner", url=url)
    event = answer(repository, "domain", "history", url=url)["events"][0]
    assert (event["author"], event["workspace"]) == (ANNA, REMOTE)


def test_a_migration_records_it_as_well(repository: Path, database_url: str) -> None:
    install(RegistrySettings(database_url=database_url))
    (repository / "specql-lsp.toml").write_text("[registry]\nrecordAuthor = true\n")
    (repository / "registry").mkdir()
    (repository / "registry" / "domain_registry.yaml").write_text(yaml_text(small_registry()))
    answer(repository, "registry", "migrate", url=database_url)
    assert recorded(database_url) == [(ANNA, REMOTE)]
