"""A password never leaves: not in a message to the client, not on stderr, not in the log at its most talkative."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lsprotocol import types
from psycopg import sql

from specql_lsp.registry.sources.postgresql.install import create_schema
from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    CONTACT,
    FIXTURE,
    REGISTRY,
    TICKET,
    TICKET_REQUEST,
    RawClient,
    refusal,
)
from tests.support.ports import own_port
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer

SECRET = "S3cr3t"
"""Stands in every password here, so that a part of one is found, too."""


def urls(server: PostgresServer) -> dict[str, str]:
    """URLs and DSNs with passwords in every way of writing them; most do not work."""
    awkward = f"a@{SECRET}/b:c'd\"e f{SECRET}"
    host = f"127.0.0.1:{server.port}"
    dsn = f"host=127.0.0.1 port={server.port} user={PASSWORD_USER} dbname=postgres"
    return {
        "wrong": f"postgresql://{PASSWORD_USER}:{SECRET}@{host}/postgres",
        "escaped": f"postgresql://{PASSWORD_USER}:{quote(awkward, safe='')}@{host}/postgres",
        "unescaped": f"postgresql://{PASSWORD_USER}:p@{SECRET}/x@{host}/postgres",
        "with a quote": f"postgresql://{PASSWORD_USER}:p'{SECRET}@{host}/postgres",
        "as a parameter": f"postgresql://{host}/postgres?user={PASSWORD_USER}&password=a,{SECRET}",
        "dsn": f"{dsn} password={SECRET}",
        "dsn, quoted": f"{dsn} password='it\\'s {SECRET}'",
        "dsn, awkward": f"{dsn} password=a,b;{SECRET}'{SECRET}",
        "dsn, broken": f"{dsn} password='{SECRET}",
        "not a url": f"postgres//u:{SECRET}@{host}/postgres",
        "nothing listens": f"postgresql://u:{SECRET}@127.0.0.1:{own_port()}/d",
    }


KINDS = list(urls(type("Nowhere", (), {"port": 1})))  # type: ignore[arg-type]
WAYS = ["initializationOptions", "client settings", "environment", "specql-lsp.toml"]


def given(way: str, url: str, folder: Path) -> dict[str, Any]:
    """The arguments of an editor that says the URL in one way."""
    table = {"registry": {"databaseUrl": url, "connectTimeoutSeconds": 1}}
    match way:
        case "initializationOptions":
            return {"options": table}
        case "client settings":
            return {"settings": table}
        case "environment":
            return {"environment": {"SPECQL_DB_URL": url}}
    (folder / "specql-lsp.toml").write_text(f"[registry]\ndatabaseUrl = {json.dumps(url)}\nconnectTimeoutSeconds = 1\n")
    return {}


def assert_silent(secret: str, editor: Editor, capfd: pytest.CaptureFixture[str], log: Path) -> None:
    assert editor.received
    heard = {"messages": "\n".join(editor.received), "stderr": capfd.readouterr().err, "log": log.read_text()}
    assert heard["log"]
    for where, text in heard.items():
        lines = [line for line in text.splitlines() if secret in line]
        assert not lines, f"{where}: {lines[0][:1500]}"


async def run_through(editor: Editor, source: str) -> None:
    """Asks for everything that could speak of the URL."""
    await editor.source(source)
    editor.open(CONTACT)
    shown = editor.client.diagnostics
    await editor.until(
        lambda: any(found.code == "table-code-taken" for found in shown.get(editor.uri(CONTACT), ())),
        "a finding that no registry is needed for",
    )
    for command in ("specql.registryStatus", "specql.refreshRegistry", "specql.performanceReport"):
        await editor.command(command)
    if source == "yaml":
        await refusal(editor, ALLOCATE, TICKET_REQUEST)
        await refusal(editor, "specql.checkConsistency", {})
    editor.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams(settings={"specql": editor.settings})
    )
    await editor.command("specql.refreshRegistry")


@pytest.mark.parametrize("way", WAYS)
async def test_the_right_password(
    way: str, workspace: Path, postgres_server: PostgresServer, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    admin = postgres_server.create_database()
    create_schema(admin)
    _grant(postgres_server, admin)
    url = postgres_server.url(admin.rsplit("/", 1)[1], user=PASSWORD_USER, password=PASSWORD)
    log = tmp_path / "log"
    arguments = ["serve", "--log-file", str(log), "--log-level", "debug"]
    async with Editor(workspace, arguments=arguments, **given(way, url, workspace)) as editor:
        await run_through(editor, "postgresql")
    assert_silent(PASSWORD, editor, capfd, log)


def _grant(server: PostgresServer, url: str) -> None:
    database = url.rsplit("/", 1)[1]
    for statement in (
        "GRANT ALL ON SCHEMA specql_registry TO guarded",
        "GRANT ALL ON ALL TABLES IN SCHEMA specql_registry TO guarded",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA specql_registry TO guarded",
    ):
        server.execute(sql.SQL(statement), database)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["client settings", "specql-lsp.toml"])
async def test_wrong_passwords(
    way: str, postgres_server: PostgresServer, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One process with a folder for each way of writing them."""
    folders = [tmp_path / f"folder-{number:02}" for number, _ in enumerate(KINDS)]
    log = tmp_path / "log"
    editor = Editor(*folders, arguments=["serve", "--log-file", str(log), "--log-level", "debug"])
    scopes: dict[str, Any] = {"": {}}
    for folder, url in zip(folders, urls(postgres_server).values(), strict=True):
        shutil.copytree(FIXTURE, folder)
        scopes[folder.as_uri()] = {"specql": given(way, url, folder).get("settings")}
    async with editor:
        if way == "client settings":
            editor.client._configuration = scopes
            editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))

        def fallen() -> bool:
            lost = {s["folder"] for s in editor.statuses if s["server"] or "not valid" in s["reason"]}
            return len(lost) == len(folders)

        await editor.until(fallen, "every folder without PostgreSQL")
        await editor.command("specql.refreshRegistry")
        for folder in folders:
            request = {**TICKET_REQUEST, "uri": (folder / TICKET).as_uri()}
            assert await refusal(editor, ALLOCATE, request)
        assert {s["source"] for s in editor.statuses} <= {"yaml", "none"}
    assert_silent(SECRET, editor, capfd, log)


@pytest.mark.parametrize(
    ("way", "kind"), [(WAYS[0], "unescaped"), (WAYS[0], "dsn, awkward"), (WAYS[2], "with a quote")]
)
async def test_wrong_passwords_at_the_start(
    way: str,
    kind: str,
    workspace: Path,
    postgres_server: PostgresServer,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    url = urls(postgres_server)[kind]
    log = tmp_path / "log"
    arguments = ["serve", "--log-file", str(log), "--log-level", "debug"]
    async with Editor(workspace, arguments=arguments, **given(way, url, workspace)) as editor:
        await run_through(editor, "yaml")
    assert_silent(SECRET, editor, capfd, log)


def test_handlers_that_fail_and_messages_that_are_wrong(workspace: Path) -> None:
    url = f"postgresql://u:{SECRET}@127.0.0.1:{own_port()}/d"
    registry = {"databaseUrl": url, "connectTimeoutSeconds": 1}
    with RawClient(arguments=["serve", "--log-level", "debug"]) as client:
        client.initialize(workspace, initializationOptions={"registry": registry})
        client.source("yaml")
        wrong: list[tuple[str, Any]] = [
            ("workspace/executeCommand", {"command": ALLOCATE, "arguments": [{"uri": url}]}),
            ("workspace/executeCommand", {"command": ALLOCATE, "arguments": [{"entity": 1, "domain": url}]}),
            ("workspace/executeCommand", {"command": url, "arguments": []}),
            ("textDocument/hover", {"textDocument": url}),
            ("textDocument/completion", {"textDocument": {"uri": url}, "position": {"line": 0, "character": 0}}),
        ]
        said = [client.answer(method, params) for method, params in wrong]
        assert sum("error" in answer for answer in said) == 4
        assert SECRET not in json.dumps(said)
        client.notify(
            "workspace/didChangeConfiguration", {"settings": {"specql": {"registry": {**registry, "x": url}}}}
        )
        client.notify("textDocument/didOpen", {"textDocument": url})
        client.leave()
    assert SECRET.encode() not in client.stderr
    assert client.stderr


def test_warnings_of_wrong_settings_say_no_value(workspace: Path) -> None:
    url = f"postgresql://u:{SECRET}@127.0.0.1/d"
    (workspace / "specql-lsp.toml").write_text(f'[registry]\nbackend = "{url}"\nlisten = "{url}"\n')
    with RawClient() as client:
        client.initialize(workspace, initializationOptions={"registry": {"databaseUrl": [url]}})
        client.source("yaml")
        client.leave()
        shown = [m["params"]["message"] for m in client.messages if m.get("method") == "window/showMessage"]
    assert len(shown) == 3
    assert SECRET not in json.dumps(client.messages)
    assert SECRET.encode() not in client.stderr
    assert (workspace / REGISTRY).exists()
