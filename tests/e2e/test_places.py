"""What clients need for views: where things are, which folder is meant, and the YAML as PostgreSQL would have it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import QUIET, REGISTRY, copy_workspace
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities
from tests.support.postgres import PostgresServer


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def at(editor: Editor, location: dict[str, Any]) -> tuple[str, str]:
    """The file of a Location, and the text of its range as the client counts it (UTF-16)."""
    path = next(
        f for folder in editor.folders for f in folder.rglob("*") if f.as_uri() == location["uri"] and f.is_file()
    )
    start, end = location["range"]["start"], location["range"]["end"]
    assert start["line"] == end["line"]
    line = editor.buffers.get(location["uri"], path.read_text(encoding="utf-8")).split("\n")[start["line"]]
    units = line.encode("utf-16-le")
    return path.name, units[2 * start["character"] : 2 * end["character"]].decode("utf-16-le")


async def test_every_thing_of_a_tree_has_its_place(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    await editor.codes("entities/crm/ticket.yaml", "missing-table-code")
    execute(workspace_url, "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Contact'")
    crm = await editor.command("specql.getDomain", {"name": "crm"})
    customer = next(s for s in crm["subdomains"] if s["name"] == "customer")
    contact, company = customer["entities"]
    assert at(editor, crm["registryLocation"]) == ("domain_registry.yaml", "'2'")
    assert at(editor, customer["registryLocation"]) == ("domain_registry.yaml", "'03'")
    assert at(editor, contact["registryLocation"]) == ("domain_registry.yaml", "Contact")
    assert at(editor, contact["fileLocation"]) == ("contact.yaml", "Contact")
    assert at(editor, company["fileLocation"]) == ("company.yaml", "Company")
    assert (await editor.command("specql.listDomains"))[1] == crm
    session = (await editor.command("specql.getDomain", {"number": "1"}))["subdomains"][0]["entities"][1]
    assert (session["name"], session["fileLocation"]) == ("Session", None)  # no file defines it


async def test_what_the_yaml_lacks_has_no_place_there(editor_postgresql: Editor) -> None:
    editor = editor_postgresql
    domain = await editor.command("specql.registerDomain", {"number": "7", "name": "billing"})
    assert domain["registryLocation"] is None
    subdomain = await editor.command("specql.registerSubdomain", {"domain": "7", "number": "01", "name": "core"})
    assert subdomain["registryLocation"] is None
    assert (subdomain["free"], subdomain["nextTableCode"]) == (15, "017011")


async def test_places_follow_the_buffer_in_the_client_s_units(editor_yaml: Editor) -> None:
    editor = editor_yaml
    text = editor.path(REGISTRY).read_text(encoding="utf-8").replace("  '2':", "  # 😀\n  '2':").replace(
        "          Contact:", "          Contact😀:"
    )  # fmt: skip
    editor.open(REGISTRY, text)
    await editor.codes(REGISTRY, "subdomain-mismatch")

    async def contact() -> dict[str, Any]:
        crm = await editor.command("specql.getDomain", {"number": "2"})
        found: dict[str, Any] = crm["subdomains"][1]["entities"][0]
        return found

    await editor.source("yaml", entities=8)
    for _ in range(200):
        if (await contact())["name"] == "Contact😀":
            break
        await editor.command("specql.refreshRegistry")
    assert at(editor, (await contact())["registryLocation"]) == ("domain_registry.yaml", "Contact😀")


async def test_the_comparison_as_it_stands_asks_nobody(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    assert (await editor.command("specql.checkConsistency", {"refresh": False}))["consistent"] is True
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    execute(workspace_url, "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session'")
    assert (await editor.command("specql.checkConsistency", {"refresh": False}))["consistent"] is True
    read = await editor.command("specql.checkConsistency")
    stands = await editor.command("specql.checkConsistency", {"refresh": False})
    assert stands["discrepancies"] == read["discrepancies"]
    session, goods = read["discrepancies"]
    assert at(editor, session["location"]) == ("domain_registry.yaml", "Session")
    assert at(editor, goods["location"]) == ("domain_registry.yaml", "What we sell")
    assert (session["keepPostgresql"], session["keepYaml"]) == (
        "Keep PostgreSQL: remove Session (011012) from the YAML",
        "Keep the YAML: add Session (011012) to PostgreSQL",
    )
    with pytest.raises(JsonRpcException, match=r"refresh must be true or false\."):
        await editor.command("specql.checkConsistency", {"refresh": "no"})


async def test_the_yaml_as_postgresql_would_have_it(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    answer = await editor.command("specql.registryAsYaml")
    assert answer == {"uri": editor.uri(REGISTRY), "text": text}
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    await editor.command("specql.refreshRegistry")
    answer = await editor.command("specql.registryAsYaml", {})
    assert answer["text"] == text.replace("What we sell", "Goods")
    assert editor.path(REGISTRY).read_text(encoding="utf-8") == text  # shown, not written
    edited = text.replace("# The numbers", "# All the numbers")
    editor.open(REGISTRY, edited)
    await editor.command("specql.refreshRegistry")
    assert (await editor.command("specql.registryAsYaml"))["text"] == edited.replace("What we sell", "Goods")


async def test_without_postgresql_there_is_no_such_yaml(editor_yaml: Editor) -> None:
    with pytest.raises(JsonRpcException, match=r"PostgreSQL does not answer\. No database URL is set") as caught:
        await editor_yaml.command("specql.registryAsYaml")
    assert caught.value.code == -32803


async def test_commands_are_about_the_folder_that_they_name(
    tmp_path: Path, postgres_server: PostgresServer, filled_template: str
) -> None:
    folders = [copy_workspace(tmp_path / name) for name in ("one", "two")]
    urls = [postgres_server.create_database(filled_template) for _ in folders]
    for folder, url in zip(folders, urls, strict=True):
        (folder / "specql-lsp.toml").write_text(f'[registry]\ndatabaseUrl = "{url}"\n', encoding="utf-8")
    execute(urls[1], "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    async with Editor(*folders, settings=QUIET, client_capabilities=capabilities()) as editor:
        await editor.source("postgresql", folder=folders[1].as_uri(), discrepancies=1)
        one, two = ({"folder": folder.as_uri()} for folder in folders)
        assert (await editor.command("specql.registryStatus", two))["discrepancies"] == 1
        assert (await editor.command("specql.registryStatus", one))["discrepancies"] == 0
        assert (await editor.command("specql.checkConsistency", one))["consistent"] is True
        (goods,) = (await editor.command("specql.checkConsistency", two))["discrepancies"]
        assert goods["location"]["uri"] == (folders[1] / REGISTRY).as_uri()
        await editor.command("specql.registerDomain", {**two, "number": "9", "name": "audit"})
        assert [d["name"] for d in await editor.command("specql.listDomains", two)][-1] == "audit"
        assert [d["name"] for d in await editor.command("specql.listDomains", one)][-1] == "projects"
        with pytest.raises(JsonRpcException, match="is not a folder of the workspace"):
            await editor.command("specql.listDomains", {"folder": tmp_path.as_uri()})
        # The light bulb in the second folder's registry is about the second folder, too.
        uri = (folders[1] / REGISTRY).as_uri()
        answers = await editor.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                types.Range(
                    types.Position(**goods["location"]["range"]["start"]),
                    types.Position(**goods["location"]["range"]["end"]),
                ),
                types.CodeActionContext(editor.client.diagnostics[uri]),
            )
        )
        command = next(
            a.command
            for a in answers or ()
            if a.title == 'Keep the YAML\'s description: write "What we sell" to PostgreSQL'
        )
        assert isinstance(command, types.Command) and command.arguments
        running = asyncio.ensure_future(editor.command(command.command, *command.arguments))
        await editor.until(lambda: editor.questions, "the question")
        editor.questions[0].press("Change PostgreSQL")
        assert await running == {"resolved": True}
        assert (await editor.command("specql.checkConsistency", two))["discrepancies"][0]["type"] == "missing_in_yaml"
    for url in urls:
        postgres_server.drop_database(url)
