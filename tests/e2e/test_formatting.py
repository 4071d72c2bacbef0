"""Formatting as editors ask for it, through the process: with the options and the encodings that they send."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from lsprotocol import types

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import copy_workspace
from tests.e2e.editor import Editor

PATH = "entities/crm/ticket.yaml"
BEFORE = "entity:   Ticket\r\ndescription:  \"😀 it\"  # 😀  \r\nfields:\r\n    a: {type: '😀',default:   b}\r\n"
AFTER = "entity: Ticket\r\ndescription: 😀 it  # 😀\r\nfields:\r\n    a: {type: 😀, default: b}\r\n"


async def edits(editor: Editor, text: str, method: str, **asked: object) -> str | None:
    """The text after the edits that a request is answered with; None where there is no answer."""
    editor.open(PATH, text)
    try:
        document = types.TextDocumentIdentifier(editor.uri(PATH))
        made: Sequence[types.TextEdit] | None
        if method == "formatting":
            options = asked.get("options", types.FormattingOptions(tab_size=2, insert_spaces=True))
            assert isinstance(options, types.FormattingOptions)
            made = await editor.client.text_document_formatting_async(types.DocumentFormattingParams(document, options))
        elif method == "range":
            range_ = asked["range"]
            assert isinstance(range_, types.Range)
            options = types.FormattingOptions(tab_size=2, insert_spaces=True)
            made = await editor.client.text_document_range_formatting_async(
                types.DocumentRangeFormattingParams(document, range_, options)
            )
        else:
            position = asked["position"]
            assert isinstance(position, types.Position)
            options = types.FormattingOptions(tab_size=2, insert_spaces=True)
            made = await editor.client.text_document_on_type_formatting_async(
                types.DocumentOnTypeFormattingParams(document, position, str(asked["character"]), options)
            )
        if made is None:
            return None
        edit = types.WorkspaceEdit(changes={editor.uri(PATH): list(made)})
        editor.apply(edit)
        return editor.text(PATH)
    finally:
        editor.close(PATH)


@pytest.mark.parametrize("client", ["vscode", "neovim", "emacs"])
async def test_formatting(client: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = copy_workspace(tmp_path_factory.mktemp("formatting") / "workspace")
    async with Editor(folder, client_capabilities=capabilities_of(client)) as editor:
        await editor.source("yaml")
        offered = editor.initialized.capabilities
        assert offered.document_formatting_provider
        assert offered.document_range_formatting_provider
        on_type = offered.document_on_type_formatting_provider
        assert on_type is not None
        assert [on_type.first_trigger_character, *(on_type.more_trigger_character or ())] == ["\n", "-"]
        assert await edits(editor, BEFORE, "formatting") == AFTER
        assert await edits(editor, AFTER, "formatting") == AFTER
        kept = types.FormattingOptions(tab_size=8, insert_spaces=False, insert_final_newline=False)
        assert await edits(editor, "entity:  A", "formatting", options=kept) == "entity: A"
        part = types.Range(types.Position(1, 3), types.Position(2, 0))
        expected = BEFORE.split("\r\n")[:1] + AFTER.split("\r\n")[1:2] + BEFORE.split("\r\n")[2:]
        assert await edits(editor, BEFORE, "range", range=part) == "\r\n".join(expected)
        typed = "entity: '😀'\nfields:\n\n"
        position = types.Position(2, 0)
        assert await edits(editor, typed, "type", position=position, character="\n") == "entity: '😀'\nfields:\n  \n"


async def test_it_can_be_turned_off(editor_yaml: Editor) -> None:
    (editor_yaml.folders[0] / "specql-lsp.toml").write_text("[format]\nenabled = false\n", encoding="utf-8")
    editor_yaml.tell("specql-lsp.toml", types.FileChangeType.Created)
    await editor_yaml.codes(PATH, "missing-table-code")
    for method, asked in (
        ("formatting", {}),
        ("range", {"range": types.Range(types.Position(0, 0), types.Position(3, 0))}),
        ("type", {"position": types.Position(2, 0), "character": "\n"}),
    ):
        assert await edits(editor_yaml, BEFORE, method, **asked) is None


async def test_a_registry_that_is_not_open_is_not_formatted(editor_yaml: Editor) -> None:
    path = "registry/domain_registry.yaml"
    text = editor_yaml.text(path).replace("name: crm", "name:   crm")
    editor_yaml.write(path, text)
    await editor_yaml.command("specql.refreshRegistry")
    parameters = types.DocumentFormattingParams(
        types.TextDocumentIdentifier(editor_yaml.uri(path)), types.FormattingOptions(tab_size=2, insert_spaces=True)
    )
    assert await editor_yaml.client.text_document_formatting_async(parameters) is None
    editor_yaml.open(path)
    made = await editor_yaml.client.text_document_formatting_async(parameters)
    assert made is not None
    assert [edit.new_text for edit in made] == [" "]
