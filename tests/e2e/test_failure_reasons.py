"""Registries that are there and of no use: wrong URLs, missing schemas, missing rights, missing and broken YAML."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from psycopg import sql

from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    CAMPAIGN,
    CONTACT,
    FIXTURE,
    INFO,
    REGISTRY,
    TICKET,
    TICKET_REQUEST,
    TYPING,
    WARNING,
    messages_shown,
    refusal,
    registry_settings,
)
from tests.support.ports import own_port
from tests.support.postgres import PASSWORD_USER, PostgresServer

pytestmark = pytest.mark.sql

PRODUCT = "entities/catalog/product.yaml"
BROKEN = "domains:\n\t- : {[\n  'x\n"
NEEDS_A_REGISTRY = {
    "unknown-entity",
    "unknown-domain",
    "unknown-subdomain",
    "unregistered-table-code",
    "missing-table-code",
    "table-code-differs",
    "unknown-domain-number",
    "domain-mismatch",
}


def reader_url(server: PostgresServer, url: str, name: str, rights: str) -> str:
    """The URL of a new role with some rights on the registry's tables."""
    database = url.rsplit("/", 1)[1]
    role = sql.Identifier(f"{name}_{database}")
    server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    server.execute(sql.SQL("GRANT USAGE ON SCHEMA specql_registry TO {}").format(role), database)
    if rights:
        statement = sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA specql_registry TO {}")
        server.execute(statement.format(sql.SQL(rights), role), database)  # type: ignore[arg-type]
    return server.url(database, user=f"{name}_{database}")


async def falls_back_to_yaml(workspace: Path, url: str, reason: str) -> None:
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        status = await editor.source("yaml", writable=False, stale=False)
        await editor.until(lambda: reason in editor.statuses[-1]["reason"], f"the reason {reason}")
        assert status["entities"] == 8
        await messages_shown(editor, WARNING)
        assert any(item.label.startswith("01204") for item in await editor.complete(TICKET, TYPING))
        kind, sentence = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert kind == "registry-read-only"
        assert reason in sentence
        await messages_shown(editor, WARNING)


WRONG_URLS = {
    "this is no url": "The database URL is not valid.",
    "postgresql://[": "The database URL is not valid.",
    "postgresql://u@127.0.0.1:notaport/d": "The database URL is not valid.",
    "service=no_such_service": "service",
    "postgresql://u@host.invalid/d": "The host name of the PostgreSQL server could not be resolved.",
}


async def test_wrong_urls(tmp_path: Path) -> None:
    """One process with a folder for each."""
    folders = [tmp_path / f"folder-{number}" for number, _ in enumerate(WRONG_URLS)]
    for folder, url in zip(folders, WRONG_URLS, strict=True):
        shutil.copytree(FIXTURE, folder)
        (folder / "specql-lsp.toml").write_text(f'[registry]\ndatabaseUrl = "{url}"\n')
    async with Editor(*folders) as editor:
        for folder, reason in zip(folders, WRONG_URLS.values(), strict=True):
            await editor.until(
                lambda folder=folder, reason=reason: any(
                    s["folder"] == folder.as_uri() and s["source"] == "yaml" and reason in s["reason"]
                    for s in editor.statuses
                ),
                f"{reason} of {folder.name}",
            )
            kind, _ = await refusal(editor, ALLOCATE, {**TICKET_REQUEST, "uri": (folder / TICKET).as_uri()})
            assert kind == "registry-read-only"
        await messages_shown(editor, *[WARNING] * len(folders))


async def test_unknown_database(workspace: Path, postgres_server: PostgresServer) -> None:
    await falls_back_to_yaml(workspace, postgres_server.url("nowhere"), 'The database "nowhere" does not exist.')


async def test_wrong_password(workspace: Path, postgres_server: PostgresServer) -> None:
    url = postgres_server.url(user=PASSWORD_USER, password="not-the-one")
    await falls_back_to_yaml(workspace, url, "password authentication failed")


async def test_schema_missing(workspace: Path, empty_database_url: str) -> None:
    await falls_back_to_yaml(workspace, empty_database_url, "The schema specql_registry does not exist")


async def test_no_right_to_read(workspace: Path, workspace_url: str, postgres_server: PostgresServer) -> None:
    url = reader_url(postgres_server, workspace_url, "blind", "")
    await falls_back_to_yaml(workspace, url, "lacks the right SELECT on specql_registry.tb_domain")


async def test_a_right_to_read_only(workspace: Path, workspace_url: str, postgres_server: PostgresServer) -> None:
    url = reader_url(postgres_server, workspace_url, "reader", "SELECT")
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        status = await editor.source("postgresql", writable=False, stale=False)
        assert "lacks the right INSERT on specql_registry" in status["reason"]
        kind, sentence = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert kind == "registry-read-only"
        assert "lacks the right" in sentence
        assert editor.messages == []


async def test_a_reader_is_not_told_that_it_can_write_again(
    workspace: Path, workspace_url: str, postgres_server: PostgresServer
) -> None:
    url = reader_url(postgres_server, workspace_url, "later", "")
    database = workspace_url.rsplit("/", 1)[1]
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await editor.source("yaml")
        await messages_shown(editor, WARNING)
        role = sql.Identifier(f"later_{database}")
        postgres_server.execute(
            sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry TO {}").format(role), database
        )
        await editor.source("postgresql", writable=False)
        await messages_shown(editor, WARNING, INFO)
        assert "can be written" not in editor.messages[1].message


async def test_postgresql_alone(workspace: Path, workspace_url: str) -> None:
    (workspace / REGISTRY).unlink()
    async with Editor(workspace, settings=registry_settings(workspace_url)) as editor:
        status = await editor.source("postgresql", writable=True, discrepancies=None)
        assert status["entities"] == 8
        kind, sentence = await refusal(editor, "specql.checkConsistency", {})
        assert kind == "registry-unavailable"
        assert "registry/domain_registry.yaml" in sentence
        await editor.codes(CAMPAIGN, "unknown-domain", "unregistered-table-code")
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]
        assert editor.messages == []


async def test_broken_yaml_beside_postgresql(workspace: Path, workspace_url: str) -> None:
    (workspace / REGISTRY).write_text(BROKEN)
    async with Editor(workspace, settings=registry_settings(workspace_url)) as editor:
        await editor.source("postgresql", writable=True, discrepancies=None)
        found = await editor.until(lambda: editor.client.diagnostics.get(editor.uri(REGISTRY)), "diagnostics")
        assert {str(d.code) for d in found} == {"yaml-syntax"}
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]


@pytest.mark.parametrize("yaml", [None, BROKEN, ""])
async def test_nothing_can_be_read(workspace: Path, yaml: str | None) -> None:
    """Unavailable is not empty: no diagnostic that needs a registry, no proposal, and not the end of the list."""
    if yaml is None:
        (workspace / REGISTRY).unlink()
    else:
        (workspace / REGISTRY).write_text(yaml)
    url = f"postgresql://u@127.0.0.1:{own_port()}/d"
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        status = await editor.source("none", writable=False, domains=None, entities=None, discrepancies=None)
        assert status["reason"]
        await messages_shown(editor, WARNING)
        position = editor.open(TICKET, TYPING)
        assert position is not None
        answer = await editor.complete_at(TICKET, position)
        assert (list(answer.items), answer.is_incomplete) == ([], True)
        await editor.codes("entities/crm/company.yaml", "unquoted-table-code")  # what needs no registry is there
        await editor.codes(TICKET)
        for path, found in ((CAMPAIGN, ()), (CONTACT, ("table-code-taken",)), (PRODUCT, ("table-code-taken",))):
            editor.open(path)
            await editor.codes(path, *found)  # two files with one code need no registry to be told
        published = {str(d.code) for params in editor.published for d in params.diagnostics}
        assert not published & NEEDS_A_REGISTRY
        for command, argument in (
            (ALLOCATE, TICKET_REQUEST),
            ("specql.listDomains", {}),
            ("specql.getDomain", {"name": "crm"}),
            ("specql.checkConsistency", {}),
        ):
            kind, sentence = await refusal(editor, command, argument)
            assert (command, kind) == (command, "registry-unavailable")
            assert sentence
        await messages_shown(editor, WARNING)


async def test_the_yaml_comes_back(workspace: Path) -> None:
    text = (workspace / REGISTRY).read_text()
    (workspace / REGISTRY).unlink()
    async with Editor(workspace) as editor:
        await editor.source("none")
        await editor.codes(CAMPAIGN)
        editor.write(REGISTRY, text)
        await editor.source("yaml", domains=4)
        await editor.codes(CAMPAIGN, "unknown-domain", "unregistered-table-code")
        editor.delete(REGISTRY)
        await editor.source("none")
        await editor.codes(CAMPAIGN)
        assert editor.messages == []


async def test_while_the_registry_is_being_typed_the_last_good_one_answers(workspace: Path) -> None:
    async with Editor(workspace) as editor:
        await editor.source("yaml", domains=4)
        editor.open(REGISTRY, BROKEN)
        await editor.codes(REGISTRY, *["yaml-syntax"] * len(await _problems(editor)))
        assert any(item.label.startswith("01204") for item in await editor.complete(TICKET, TYPING))
        assert editor.statuses[-1]["source"] == "yaml"


async def _problems(editor: Editor) -> list[str]:
    uri = editor.uri(REGISTRY)
    found = await editor.until(lambda: editor.client.diagnostics.get(uri), "diagnostics of the registry")
    return [str(d.code) for d in found]
