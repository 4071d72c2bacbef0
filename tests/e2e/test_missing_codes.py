"""``specql.allocateMissingCodes`` on the real server: previewed, written in one edit, refused ones listed."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio

COMMAND = "specql.allocateMissingCodes"
CALL = "entities/crm/deep/call.yaml"
FILES = {
    "entities/crm/visit.yaml": "entity: CustomerVisit\nschema: crm\n",
    CALL: "entity: SupportCall\r\nschema: crm\r\n# \N{PARTY POPPER}\r\n",
    "entities/unclear.yaml": "entity: Xyzzy\nschema: catalog\n",
    "entities/nowhere.yaml": "entity: Lost\nschema: nowhere\n",
    "entities/crm/twice_a.yaml": "entity: CustomerTwice\nschema: crm\n",
    "entities/crm/twice_b.yaml": "entity: CustomerTwice\nschema: management\n",
}


def registered(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT entity_name, table_code FROM specql_registry.tb_entity_registration")
        return dict(rows.fetchall())


async def written(editor: Editor) -> None:
    for path, text in FILES.items():
        editor.write(path, text)
    editor.open(CALL, FILES[CALL])
    await editor.codes("entities/nowhere.yaml", "unknown-domain")


def by_entity(answer: dict[str, Any], key: str = "allocated") -> dict[str, Any]:
    return {each["entity"]: each for each in answer[key]}


async def test_all_files_get_their_codes_in_one_edit(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    await written(editor)
    before = registered(workspace_url)
    preview = await editor.command(COMMAND, {"dryRun": True})
    assert registered(workspace_url) == before and not editor.applied
    answer = await editor.command(COMMAND, {})
    assert answer == preview
    allocated, refused = by_entity(answer), by_entity(answer, "refused")
    assert {"CustomerVisit", "SupportCall", "Ticket"} <= allocated.keys()
    assert allocated["CustomerVisit"]["subdomain"] == {"number": "03", "name": "customer"}
    assert {name: each["kind"] for name, each in refused.items() if name in {"Xyzzy", "Lost", "CustomerTwice"}} == {
        "Xyzzy": "unknown-subdomain",
        "Lost": "unknown-domain",
        "CustomerTwice": "conflict",
    }
    assert sum(each["entity"] == "CustomerTwice" for each in answer["refused"]) == 2
    now = registered(workspace_url)
    for entity, each in allocated.items():
        assert now[entity] == each["tableCode"]
    assert len(editor.applied) == 1
    code = allocated["SupportCall"]["tableCode"]
    assert editor.text(CALL) == FILES[CALL].replace(
        "schema: crm\r\n", f"schema: crm\r\norganization:\r\n  table_code: '{code}'\r\n"
    )
    again = await editor.command(COMMAND, {})
    assert again["allocated"] == [] and len(again["refused"]) == len(answer["refused"])


async def test_a_folder_or_a_selection_alone(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    await written(editor)
    beneath = await editor.command(COMMAND, {"folder": editor.uri("entities/crm/deep"), "dryRun": True})
    assert by_entity(beneath).keys() == {"SupportCall"} and not beneath["refused"]
    uris = [editor.uri("entities/crm/visit.yaml"), editor.uri("entities/nowhere.yaml")]
    chosen = await editor.command(COMMAND, {"uris": uris})
    assert by_entity(chosen).keys() == {"CustomerVisit"} and by_entity(chosen, "refused").keys() == {"Lost"}
    assert "SupportCall" not in registered(workspace_url)


async def test_what_is_typed_counts_and_an_edit_that_is_refused_is_said(
    editor_postgresql: Editor, workspace_url: str
) -> None:
    editor = editor_postgresql
    await written(editor)
    path = "entities/crm/visit.yaml"
    editor.open(path, "entity: CustomerTrip\nschema: crm\n")
    editor.refuse_edits = True
    answer = await editor.command(COMMAND, {"uris": [editor.uri(path)]})
    assert by_entity(answer).keys() == {"CustomerTrip"}
    assert editor.messages[-1].message == (
        "The codes are registered, but the editor did not write them into visit.yaml. Allocate missing codes again: "
        "each file gets the code that it has."
    )
    editor.refuse_edits = False
    again = await editor.command(COMMAND, {"uris": [editor.uri(path)]})
    assert again["allocated"][0] == {**answer["allocated"][0], "created": False}
    assert answer["allocated"][0]["tableCode"] in editor.text(path)


async def test_a_registry_that_is_only_read_refuses_all(editor_yaml: Editor) -> None:
    await written(editor_yaml)
    with pytest.raises(Exception, match="No database URL is set"):
        await editor_yaml.command(COMMAND, {})
    assert not editor_yaml.applied


@pytest.mark.parametrize("argument", [{"uris": "x"}, {"folder": 1}, {"dryRun": "yes"}])
async def test_wrong_arguments_are_refused(editor_postgresql: Editor, argument: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="must be"):
        await editor_postgresql.command(COMMAND, argument)
