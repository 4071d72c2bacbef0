"""Fixes through the process: by what real editors can do, resolved lazily where they can, and for a whole file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from tests.e2e.conftest import QUIET
from tests.e2e.editor import ROOT, Editor

PATH = "entities/crm/voucher.yaml"
TEXT = "entity: Voucher\nschema: crn\n"
LAZY = {"helix", "neovim", "vscode"}
"""The editors that ask for an action's edit when it is chosen."""


def editor_like(name: str, workspace: Path, **options: Any) -> Editor:
    """An editor that can do what a real one says that it can do."""
    written = json.loads((ROOT / "tests" / "lsp" / "clients" / f"{name}.json").read_text())["capabilities"]
    capabilities = default_converter().structure(written, types.ClientCapabilities)
    return Editor(workspace, client_capabilities=capabilities, **options)


@pytest.mark.parametrize("name", ["emacs", "helix", "kate", "neovim", "vscode"])
async def test_a_fix_by_what_the_editor_can_do(name: str, workspace: Path) -> None:
    async with editor_like(name, workspace) as editor:
        await editor.source("yaml")
        editor.open(PATH, TEXT)
        (wrong,) = await editor.codes(PATH, "unknown-domain")
        linked = wrong.code_description.href if wrong.code_description else None
        assert linked == (DIAGNOSTICS_URI if name == "vscode" else None)
        (action,) = await editor.actions(PATH, wrong.range, [wrong])
        assert (action.title, action.kind, action.is_preferred) == ("Change to crm", "quickfix", True)
        if name in LAZY:
            assert action.edit is None
            action = await editor.client.code_action_resolve_async(action)
        await editor.run(action)
        assert editor.text(PATH) == TEXT.replace("crn", "crm")


async def test_an_action_of_an_older_text_is_not_resolved(workspace: Path) -> None:
    async with editor_like("vscode", workspace) as editor:
        await editor.source("yaml")
        editor.open(PATH, TEXT)
        (wrong,) = await editor.codes(PATH, "unknown-domain")
        (action,) = await editor.actions(PATH, wrong.range)
        editor.change(PATH, f"# A comment\n{TEXT}")
        with pytest.raises(JsonRpcException) as refused:
            await editor.client.code_action_resolve_async(action)
        assert refused.value.code == -32801


async def test_only_the_kinds_that_are_asked_for(editor_yaml: Editor) -> None:
    editor_yaml.open(PATH, TEXT)
    await editor_yaml.codes(PATH, "unknown-domain")

    async def asked(kind: str) -> list[str]:
        context = types.CodeActionContext(diagnostics=[], only=[types.CodeActionKind(kind)])
        range_ = types.Range(types.Position(0, 0), types.Position(2, 0))
        params = types.CodeActionParams(types.TextDocumentIdentifier(editor_yaml.uri(PATH)), range_, context)
        answer = await editor_yaml.client.text_document_code_action_async(params)
        return [str(action.kind) for action in answer or [] if isinstance(action, types.CodeAction)]

    assert set(await asked("quickfix")) == {"quickfix"}
    assert await asked("source.organizeImports") == []
    assert set(await asked("source")) <= {"source.fixAll.specql"}


LEAD = "entity: Lead\nschema: crm\nfields:\n  order: ref(SalesOrder)\n"
CREATE = "Create the entity SalesOrder in the file sales_order.yaml"
CREATED = "entities/crm/sales_order.yaml"


async def chosen(editor: Editor, title: str) -> types.CodeAction:
    """The action of that title for the missing entity, resolved."""
    editor.open(PATH, LEAD)
    diagnostics = await editor.codes(PATH, "unknown-entity", "missing-table-code")
    wrong = next(d for d in diagnostics if d.code == "unknown-entity")
    actions = {action.title: action for action in await editor.actions(PATH, wrong.range)}
    action = actions[title]
    return action if action.command else await editor.client.code_action_resolve_async(action)


@pytest.mark.parametrize("name", ["neovim", "vscode"])
async def test_the_entity_that_a_reference_misses_is_created(name: str, workspace: Path) -> None:
    async with editor_like(name, workspace) as editor:
        await editor.source("yaml")
        await editor.run(await chosen(editor, CREATE))
        assert editor.text(CREATED) == "entity: SalesOrder\nschema: crm\nfields:\n  name: text\n"
        editor.tell(CREATED, types.FileChangeType.Created)
        await editor.codes(PATH, "missing-table-code")


async def test_it_is_created_with_a_code_where_the_registry_gives_one(workspace: Path, workspace_url: str) -> None:
    environment: dict[str, str | None] = {"SPECQL_DB_URL": workspace_url}
    async with editor_like("vscode", workspace, environment=environment, settings=QUIET) as editor:
        await editor.source("postgresql")
        answer = await editor.run(await chosen(editor, f"{CREATE}, with a code"))
        code = answer["tableCode"]
        assert answer["created"]
        assert editor.text(CREATED) == (
            f"entity: SalesOrder\nschema: crm\norganization:\n  table_code: '{code}'\nfields:\n  name: text\n"
        )
        editor.tell(CREATED, types.FileChangeType.Created)
        await editor.codes(PATH, "missing-table-code")
        await editor.codes(CREATED)
        argument = {"uri": editor.uri(CREATED), "entity": "SalesOrder", "schema": "crm", "domain": "crm"}
        with pytest.raises(JsonRpcException, match="exists already"):
            await editor.command("specql.createEntityFile", argument)


async def test_an_editor_that_creates_no_files_is_offered_none(editor_yaml: Editor) -> None:
    editor_yaml.open(PATH, LEAD)
    diagnostics = await editor_yaml.codes(PATH, "unknown-entity", "missing-table-code")
    wrong = next(d for d in diagnostics if d.code == "unknown-entity")
    actions = {action.title: action for action in await editor_yaml.actions(PATH, wrong.range)}
    assert actions[CREATE].disabled is not None
    assert actions[CREATE].edit is None


async def test_what_changes_no_meaning_is_fixed_when_the_file_is_saved(workspace: Path) -> None:
    async with editor_like("vscode", workspace) as editor:
        await editor.source("yaml")
        editor.open(PATH, "entity: Voucher\nfields:\n  name: string\n  since: timestamp\n")
        await editor.codes(PATH, "unknown-type", "unknown-type")
        context = types.CodeActionContext(diagnostics=[], only=[types.CodeActionKind("source.fixAll")])
        range_ = types.Range(types.Position(0, 0), types.Position(4, 0))
        params = types.CodeActionParams(types.TextDocumentIdentifier(editor.uri(PATH)), range_, context)
        (action,) = await editor.client.text_document_code_action_async(params) or ()
        assert isinstance(action, types.CodeAction)
        await editor.run(await editor.client.code_action_resolve_async(action))
        assert editor.text(PATH) == "entity: Voucher\nfields:\n  name: text\n  since: timestamp\n"
