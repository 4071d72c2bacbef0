"""Both sides in step: many differences at once, and the registry YAML that follows what its user does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types

from tests.e2e.alerts_support import SETTLED_MS, refreshed, silence
from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import QUIET, REGISTRY, copy_workspace
from tests.e2e.editor import Editor, Question
from tests.e2e.editor_client import capabilities, window
from tests.e2e.failure_support import refusal
from tests.e2e.rename_support import AFTER, person, until_named
from tests.e2e.test_code_actions import UP_TO_DATE, codes_of, rows
from tests.support.patient import SETTLED_VARIABLE

RESOLVE = "specql.resolveDiscrepancies"
ALLOCATE = "specql.allocateEntityCode"
INFO, WARNING = types.MessageType.Info, types.MessageType.Warning
DRIFT = """
    UPDATE specql_registry.tb_domain SET description = 'Goods', aliases = ARRAY['shop'] WHERE domain_number = '3';
    UPDATE specql_registry.tb_entity_registration SET table_code = '012039' WHERE entity_name = 'Company';
    DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session';
    INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)
        SELECT pk_domain, '09', 'returns' FROM specql_registry.tb_domain WHERE domain_number = '3'
"""
LEGACY = "UPDATE specql_registry.tb_domain SET description = 'Old' WHERE domain_number = '4'"


def drift(url: str, statement: str = DRIFT) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


@asynccontextmanager
async def editor_on(
    folder: Path, url: str, *, buttons: bool = True, update: str | None = None, settled_ms: int = SETTLED_MS
) -> AsyncIterator[Editor]:
    """An editor on which PostgreSQL and the YAML were seen to agree."""
    registry = {**QUIET["registry"], **({"updateYaml": update} if update else {})}
    async with Editor(
        folder,
        environment={"SPECQL_DB_URL": url, SETTLED_VARIABLE: str(settled_ms)},
        settings={**QUIET, "registry": registry},
        client_capabilities=capabilities(window=window(buttons=buttons, documents=False)),
    ) as editor:
        await editor.source("postgresql", discrepancies=0)
        yield editor


async def differences(editor: Editor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await editor.command("specql.checkConsistency"))["discrepancies"]
    return found


async def question(editor: Editor) -> Question:
    await editor.until(lambda: editor.questions, "a question")
    (found,) = editor.questions
    return found


# Many at once


async def test_everything_is_brought_into_the_yaml_by_one_edit(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(REGISTRY)
    drift(workspace_url)
    found = await differences(editor)
    assert [(each["name"], each["detail"], each["side"]) for each in found] == [
        ("Session", "011012 · core / accounts · only in the YAML", "yaml"),
        ("Company", 'crm / customer · table_code "012039" in PostgreSQL, "012032" in the YAML', "both"),
        ("catalog", 'domain 3 · aliases "shop" in PostgreSQL, empty in the YAML', "both"),
        ("catalog", 'domain 3 · description "Goods" in PostgreSQL, "What we sell" in the YAML', "both"),
        ("returns", "subdomain 09 · catalog · only in PostgreSQL", "postgresql"),
    ]
    planned = await editor.command(RESOLVE, {"keep": "postgresql", "dryRun": True})
    assert (planned["resolved"], planned["refused"], planned["question"]) == (5, [], None)
    assert planned["changes"][0]["title"] == "Keep PostgreSQL: remove Session (011012) from the YAML"
    assert editor.applied == []
    assert await editor.command(RESOLVE, {"keep": "postgresql"}) == {"resolved": 5, "refused": []}
    (applied,) = editor.applied
    assert applied.label == "Keep PostgreSQL's side"
    assert await differences(editor) == []
    assert codes_of(workspace_url, "Company") == [("2", "03", "012039", 2)]


async def test_chosen_ones_are_kept_and_outdated_ones_are_named(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(REGISTRY)
    drift(workspace_url)
    found = await differences(editor)
    chosen = [found[0], found[2]]
    drift(workspace_url, "UPDATE specql_registry.tb_domain SET aliases = ARRAY['store'] WHERE domain_number = '3'")
    answer = await editor.command(RESOLVE, {"keep": "yaml", "discrepancies": chosen, "confirmed": True})
    assert answer["resolved"] == 1
    (refused,) = answer["refused"]
    assert (refused["kind"], refused["discrepancy"]["attribute"]) == ("conflict", "aliases")
    assert codes_of(workspace_url, "Session") == [("1", "01", "011012", 2)]
    assert len(await differences(editor)) == 4
    assert editor.text(REGISTRY) == editor.path(REGISTRY).read_text(encoding="utf-8")


async def test_the_database_gets_all_in_one_transaction_after_one_question(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url) as editor:
        drift(workspace_url)
        server = (await refreshed(editor))["server"]
        running = asyncio.ensure_future(editor.command(RESOLVE, {"keep": "yaml"}))
        asked = await question(editor)
        assert (asked.kind, asked.buttons) == (WARNING, ("Write to PostgreSQL", "Cancel"))
        assert asked.message == (
            f"Keep the YAML in 5 places? That adds 1, changes 3 and removes 1 in the shared registry at {server}: "
            "remove subdomain 09 (returns) of domain 3; "
            'table_code of Company of subdomain 03 of domain 2 from "012039" to "012032"; '
            'aliases of domain 3 from "shop" to empty; '
            'description of domain 3 from "Goods" to "What we sell".'
        )
        asked.press("Write to PostgreSQL")
        assert await running == {"resolved": 5, "refused": []}
        assert await differences(editor) == []
        again = asyncio.ensure_future(editor.command(RESOLVE, {"keep": "yaml"}))
        assert await again == {"resolved": 0, "refused": []}  # nothing differs, so nothing is asked


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "keep"),
    ({"keep": "both"}, "keep"),
    ({"keep": "yaml", "discrepancies": "all"}, "discrepancies must be a list."),
    ({"keep": "yaml", "discrepancies": [{}]}, "type"),
    ({"keep": "yaml", "dryRun": 1}, "dryRun must be true or false."),
]


async def test_wrong_arguments(editor_postgresql: Editor) -> None:
    for argument, said in WRONG:
        kind, message = await refusal(editor_postgresql, RESOLVE, argument)
        assert kind == "invalid-argument"
        assert said in message


async def test_the_file_is_brought_up_to_date_by_a_code_action(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    editor.open(REGISTRY)
    top = types.Range(types.Position(0, 0), types.Position(0, 0))
    assert [a.title for a in await editor.actions(REGISTRY, top, [])] == []
    drift(workspace_url)
    await editor.command("specql.refreshRegistry")
    actions = [a for a in await editor.actions(REGISTRY, top, []) if a.title == UP_TO_DATE]
    assert [a.kind for a in actions] == ["source.specql.upToDate"]
    assert await editor.run(actions[0]) == {"resolved": 5, "refused": []}
    assert await differences(editor) == []


# registry.updateYaml


async def allocated(editor: Editor, entity: str) -> str:
    answer = await editor.command(ALLOCATE, {"entity": entity, "domain": "crm", "subdomain": "support"})
    code: str = answer["tableCode"]
    return code


async def in_step(editor: Editor, *texts: str) -> None:
    await editor.until(lambda: all(each in editor.text(REGISTRY) for each in texts), f"{texts} in the YAML")
    await editor.source("postgresql", discrepancies=0)


async def test_always_keeps_the_yaml_in_step(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        editor.open(REGISTRY)
        codes = [await allocated(editor, f"Thing{number}") for number in range(3)]
        await in_step(editor, *(f"table_code: '{code}'" for code in codes), "next_entity_sequence: 5")
        await editor.command("specql.registerSubdomain", {"domain": "crm", "number": "0B", "name": "returns"})
        await in_step(editor, "'0B':\n", "name: returns")
        await editor.command("specql.registerDomain", {"number": "9", "name": "stock", "aliases": ["store"]})
        await in_step(editor, "'9':\n", "name: stock")
        await editor.command("specql.renameRegistration", {"domain": "crm", "entity": "Contact", "newName": "Person"})
        await in_step(editor, "          Person:\n            table_code: '012031'\n            entity_code: PRS")
        assert "Contact" not in editor.text(REGISTRY)
        assert "assigned_at: '2026-01-20T10:02:30'" in editor.text(REGISTRY)  # the entry stays what it was
        await silence(editor, questions=0)


async def test_a_file_that_is_not_open_is_edited_through_the_client(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        code = await allocated(editor, "Thing")
        path = editor.path(REGISTRY)
        await editor.until(lambda: f"'{code}'" in path.read_text(encoding="utf-8"), "the code in the file")
        await editor.source("postgresql", discrepancies=0)


async def test_a_file_is_edited_as_it_is_though_the_client_has_not_said_that_it_changed(
    workspace: Path, workspace_url: str
) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        await allocated(editor, "First")
        await in_step(editor, "First:")
        path = editor.path(REGISTRY)
        expected = "# of another branch\n" + path.read_text(encoding="utf-8")
        path.write_text(expected, encoding="utf-8")
        await allocated(editor, "Second")
        await in_step(editor, "Second:")
        edited = editor.text(REGISTRY)
        assert set(expected.splitlines()) <= set(edited.splitlines())


async def test_a_rename_that_edits_the_yaml_itself_is_not_followed_there(workspace: Path, workspace_url: str) -> None:
    """Its edit arrives in parts, of which the YAML's is the last."""
    async with editor_on(workspace, workspace_url, update="always") as editor:
        edit = await person(editor)
        assert edit.document_changes is not None
        *others, last = (each for each in edit.document_changes if isinstance(each, types.TextDocumentEdit))
        assert last.text_document.uri == editor.uri(REGISTRY)
        editor.apply(types.WorkspaceEdit(document_changes=others))
        await until_named(editor, workspace_url, AFTER)
        await differences(editor)
        await silence(editor, questions=0)
        editor.apply(types.WorkspaceEdit(document_changes=[last]))
        await editor.command("specql.refreshRegistry")
        await editor.source("postgresql", discrepancies=0)
        assert editor.applied == []


async def test_moves_and_released_codes_are_followed(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        editor.open(REGISTRY)
        await allocated(editor, "Thing")
        await in_step(editor, "Thing:")
        moved = await editor.command(
            "specql.moveRegistration", {"domain": "crm", "entity": "Thing", "subdomain": "customer"}
        )
        await in_step(editor, f"table_code: '{moved['tableCode']}'")
        await editor.command("specql.releaseCode", {"domain": "crm", "entity": "Thing"})
        await editor.until(lambda: "Thing" not in editor.text(REGISTRY), "the entity gone")
        await editor.source("postgresql", discrepancies=0)
        await silence(editor, questions=0)


@pytest.mark.parametrize("unfit", ["<<<<<<< HEAD\n", "half: [\n"])
async def test_a_yaml_that_is_no_yaml_is_followed_once_it_is_one(
    workspace: Path, workspace_url: str, unfit: str
) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        editor.open(REGISTRY)
        text = editor.text(REGISTRY)
        editor.change(REGISTRY, unfit + text)
        await editor.source("postgresql", discrepancies=None)
        await allocated(editor, "Thing")
        await silence(editor, questions=0)
        assert editor.text(REGISTRY) == unfit + text
        editor.change(REGISTRY, text)
        await in_step(editor, "Thing:")
        await silence(editor, questions=0)


@pytest.mark.parametrize("update", ["always", "never"])
async def test_a_counter_that_ones_own_release_leaves_behind_is_ones_own(
    workspace: Path, workspace_url: str, update: str
) -> None:
    async with editor_on(workspace, workspace_url, update=update) as editor:
        thing = {"domain": "crm", "entity": "Thing"}
        await editor.command(ALLOCATE, {**thing, "subdomain": "support"})
        await editor.command("specql.releaseCode", thing)
        if update == "always":
            counter = "they are about\n        next_entity_sequence: 3\n        entities: {}"
            await editor.until(lambda: counter in editor.text(REGISTRY), "the counter alone in the YAML")
        await silence(editor, questions=0)
        assert [each["attribute"] for each in await differences(editor)] == [
            *(["next_entity_sequence"] if update == "never" else [])
        ]


async def test_another_folder_of_the_same_database_is_followed(workspace: Path, workspace_url: str) -> None:
    other = copy_workspace(workspace.parent / "other")
    async with Editor(
        workspace,
        other,
        environment={"SPECQL_DB_URL": workspace_url, SETTLED_VARIABLE: str(SETTLED_MS)},
        settings={"registry": {**QUIET["registry"], "updateYaml": "always"}},
        client_capabilities=capabilities(window=window(buttons=True, documents=False)),
    ) as editor:
        for folder in (workspace, other):
            await editor.source("postgresql", folder=folder.as_uri(), discrepancies=0)
            editor.open(str(folder / REGISTRY))
        await allocated(editor, "Thing")
        paths = [str(folder / REGISTRY) for folder in (workspace, other)]
        await editor.until(lambda: all("Thing:" in editor.text(path) for path in paths), "the code in both YAMLs")
        for folder in (workspace, other):
            await editor.command("specql.refreshRegistry", {"folder": folder.as_uri()})
        await silence(editor, questions=0)


async def test_ask_asks_once_and_the_answer_holds(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url) as editor:
        editor.open(REGISTRY)
        await asyncio.gather(*(allocated(editor, f"Thing{number}") for number in range(3)))
        asked = await question(editor)
        assert (asked.kind, asked.buttons) == (INFO, ("Add", "Not in this session"))
        assert asked.message in {
            f"{codes} not in the YAML yet. Add puts them into it, and what follows in this session, too."
            for codes in ("1 code is", "2 codes are", "3 codes are")
        }
        asked.press("Add")
        await in_step(editor, "Thing0:", "Thing1:", "Thing2:")
        await allocated(editor, "Late")
        await in_step(editor, "Late:")
        await silence(editor, questions=1)


@pytest.mark.parametrize("button", ["Not in this session", None])
async def test_who_does_not_want_it_is_not_asked_again(workspace: Path, workspace_url: str, button: str | None) -> None:
    async with editor_on(workspace, workspace_url) as editor:
        editor.open(REGISTRY)
        await allocated(editor, "Thing")
        (await question(editor)).press(button)
        await allocated(editor, "Other")
        await silence(editor, questions=1)
        assert "Thing" not in editor.text(REGISTRY)
        assert editor.statuses[-1]["discrepancies"] == 2


async def test_never_changes_nothing_and_warns_nobody(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, update="never") as editor:
        editor.open(REGISTRY)
        await allocated(editor, "Thing")
        await silence(editor, questions=0)
        assert "Thing" not in editor.text(REGISTRY)
        await editor.codes(REGISTRY, "subdomain-mismatch", "missing-entity-in-yaml")


async def test_a_client_without_buttons_is_informed_once(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, buttons=False) as editor:
        await allocated(editor, "Thing")
        await silence(editor, questions=0, messages=1)
        (message,) = editor.messages
        assert message.type is INFO
        assert message.message == (
            "1 code is not in the YAML yet. With registry.updateYaml always the editor puts them into it."
        )
        await allocated(editor, "Other")
        await silence(editor, questions=0, messages=1)


@pytest.mark.parametrize("settled_ms", [0, SETTLED_MS])
async def test_what_others_do_is_still_told_beside_ones_own(
    workspace: Path, workspace_url: str, settled_ms: int
) -> None:
    """With no pause at all, the user's own change counts as settled before it is known to be theirs."""
    async with editor_on(workspace, workspace_url, update="never", settled_ms=settled_ms) as editor:
        await allocated(editor, "Thing")
        drift(workspace_url, LEGACY)
        await refreshed(editor)
        await silence(editor, questions=0, messages=1)
        (message,) = editor.messages
        assert message.type is WARNING
        assert message.message.startswith("PostgreSQL and the registry YAML differ in 1 place: Domain 4 (projects)")


@pytest.mark.parametrize("update", ["always", None])
async def test_an_editor_that_makes_no_edits_is_informed_once(
    workspace: Path, workspace_url: str, update: str | None
) -> None:
    registry = {**QUIET["registry"], **({"updateYaml": update} if update else {})}
    async with Editor(
        workspace,
        environment={"SPECQL_DB_URL": workspace_url, SETTLED_VARIABLE: str(SETTLED_MS)},
        options={"registry": registry},
        client_capabilities=capabilities_of("kate"),
    ) as editor:
        await editor.source("postgresql", discrepancies=0)
        for number in range(2):
            await allocated(editor, f"Thing{number}")
            await silence(editor, questions=0, messages=1)
        assert editor.messages[0].message == (
            "1 code is not in the YAML yet. This editor makes no edits for the server: specql-lsp registry export puts "
            "them into it."
        )


async def test_an_edit_that_the_client_refuses_is_no_loop(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        editor.open(REGISTRY)
        editor.refuse_edits = True
        await allocated(editor, "Thing")
        await editor.until(lambda: editor.messages, "a message")
        (message,) = editor.messages
        assert (message.type, message.message) == (
            INFO,
            "The editor did not put your changes of the registry into domain_registry.yaml.",
        )
        assert rows(workspace_url, "SELECT count(*) FROM specql_registry.tb_entity_registration") == [(9,)]
