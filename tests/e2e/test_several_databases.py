"""Several folders in one window, each with a database of its own; an overridden URL is named in the status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from specql_lsp.config import CONFIG_FILE, RegistrySettings
from specql_lsp.registry import open_registry
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.conftest import TEMPLATE
from tests.e2e.editor import Editor
from tests.support.postgres import PostgresServer

DEFAULT = "SPECQL_DB_URL_DEFAULT"
URL = "SPECQL_DB_URL"


@pytest.fixture
def databases(postgres_server: PostgresServer) -> Iterator[list[str]]:
    """Four databases; each holds one domain, named after its place in the list: ``zero``, ``one``, …"""
    urls = [postgres_server.create_database(TEMPLATE) for _ in range(4)]
    for url, name in zip(urls, ("zero", "one", "two", "three"), strict=True):
        source = PostgresqlSource(RegistrySettings(database_url=url))
        source.register_domain("1", name)
        source.close()
    yield urls
    for url in urls:
        postgres_server.drop_database(url)


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Three empty workspace folders."""
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder in folders:
        folder.mkdir()
    return folders


def name_in_file(folder: Path, url: str) -> None:
    """The folder's ``specql-lsp.toml`` names a database."""
    (folder / CONFIG_FILE).write_text(f'[registry]\ndatabaseUrl = "{url}"\n', encoding="utf-8")


async def status(editor: Editor, folder: Path) -> dict[str, Any]:
    """The status of a folder's registry, read now."""
    uri = folder.as_uri()
    await editor.until(lambda: any(s["folder"] == uri for s in editor.statuses), f"the folder {uri}")
    answer: dict[str, Any] = await editor.command("specql.refreshRegistry", {"folder": uri})
    return answer


async def domains(editor: Editor, folder: Path) -> list[str]:
    """The names of the domains that a folder's registry holds."""
    return [domain["name"] for domain in await editor.command("specql.listDomains", {"folder": folder.as_uri()})]


async def test_each_folder_has_the_database_that_is_meant_for_it(databases: list[str], folders: list[Path]) -> None:
    """The first folder's URL is kept by the client, the second's stands in its file, the third has the default."""
    first, second, third = folders
    name_in_file(second, databases[1])
    editor = Editor(*folders, environment={DEFAULT: databases[2], "SPECQL_DB_URL_1": databases[0]})
    async with editor:
        editor.client._configuration = {
            "": {"specql": {}},
            first.as_uri(): {"specql": {"registry": {"databaseUrl": "${env:SPECQL_DB_URL_1}"}}},
        }
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
        await editor.until(
            lambda: any(s["databaseFrom"] == "the client's settings" for s in editor.statuses), "the folder's own URL"
        )
        found = {folder: (await status(editor, folder), await domains(editor, folder)) for folder in folders}
        assert [names for _, names in found.values()] == [["zero"], ["one"], ["two"]]
        origins = [(s["databaseFrom"], s["databaseOverrides"]) for s, _ in found.values()]
        assert origins == [("the client's settings", [DEFAULT]), (CONFIG_FILE, [DEFAULT]), (DEFAULT, [])]
        assert found[third][0]["reason"] == ""
        assert found[second][0]["reason"] == (
            f"The database URL from specql-lsp.toml overrides the one from {DEFAULT}."
        )
        given = [*editor.received, json.dumps(editor.statuses)]
    # The messages to the client name databases only by host, port and name.
    assert not any("postgresql://" in message for message in given)


async def test_an_environment_that_overrides_a_folders_file_says_so(databases: list[str], folders: list[Path]) -> None:
    first, second, _ = folders
    name_in_file(first, databases[0])
    name_in_file(second, databases[3])
    async with Editor(first, second, environment={URL: databases[3]}) as editor:
        overridden, same = await status(editor, first), await status(editor, second)
        assert await domains(editor, first) == await domains(editor, second) == ["three"]
        assert overridden["source"] == "postgresql"
        assert (overridden["databaseFrom"], overridden["databaseOverrides"]) == (URL, [CONFIG_FILE])
        assert overridden["reason"] == "The database URL from SPECQL_DB_URL overrides the one from specql-lsp.toml."
        assert (same["databaseFrom"], same["databaseOverrides"], same["reason"]) == (URL, [], "")
        assert not overridden["awaitsTrust"]


async def test_the_words_follow_the_file_also_where_the_database_stays(
    databases: list[str], folders: list[Path]
) -> None:
    folder = folders[0]
    async with Editor(folder, environment={URL: databases[0]}) as editor:
        await editor.source("postgresql", databaseOverrides=[])
        name_in_file(folder, databases[1])
        editor.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [types.FileEvent((folder / CONFIG_FILE).as_uri(), types.FileChangeType.Created)]
            )
        )
        await editor.source("postgresql", databaseOverrides=[CONFIG_FILE])
        name_in_file(folder, databases[0])
        editor.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [types.FileEvent((folder / CONFIG_FILE).as_uri(), types.FileChangeType.Changed)]
            )
        )
        await editor.source("postgresql", databaseOverrides=[])


async def test_a_backend_without_database_names_none(databases: list[str], folders: list[Path]) -> None:
    folder = folders[0]
    (folder / CONFIG_FILE).write_text('[registry]\nbackend = "in_memory"\n', encoding="utf-8")
    async with Editor(folder, environment={URL: databases[0]}) as editor:
        assert (await editor.source("in_memory"))["databaseFrom"] is None


async def test_an_untrusted_workspace_names_a_database_without_using_it(
    databases: list[str], folders: list[Path]
) -> None:
    folder = folders[0]
    name_in_file(folder, databases[0])
    sentence = "specql-lsp.toml names a database; it is used once you trust this workspace."
    async with Editor(folder, arguments=["serve", "--untrusted"], environment={DEFAULT: databases[1]}) as editor:
        known = await status(editor, folder)
        assert (known["source"], known["databaseFrom"], known["awaitsTrust"]) == ("none", None, True)
        assert known["reason"].startswith(sentence)
        assert "No database URL is set" not in known["reason"]


def test_scripts_and_the_command_line_hear_it_too(databases: list[str], folders: list[Path]) -> None:
    folder = folders[0]
    name_in_file(folder, databases[0])
    scrubbed = {key: value for key, value in os.environ.items() if not key.startswith(("SPECQL_", "PG"))}
    command = [sys.executable, "-m", "specql_lsp", "registry", "status", "--workspace", str(folder)]
    environment = {**scrubbed, URL: databases[1], DEFAULT: databases[2]}
    run = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=True)
    answer = json.loads(run.stdout)
    assert (answer["databaseFrom"], answer["databaseOverrides"]) == (URL, [CONFIG_FILE, DEFAULT])
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert f"The database URL from {URL} overrides those from {CONFIG_FILE}" in text
    with open_registry(databases[3], environment={URL: databases[0]}) as registry:
        assert (registry.status["databaseFrom"], registry.status["databaseOverrides"]) == ("database_url", [])
    with open_registry(environment={DEFAULT: databases[2]}) as registry:
        assert (registry.status["databaseFrom"], [d.name for d in registry.domains()]) == (DEFAULT, ["two"])
