"""Snippets over the protocol: as snippets for clients that expand them, as plain text for all others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from lsprotocol import types

from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities

STEPS = "entity: Note\nfields:\n  status: text\nactions:\n  - name: close\n    steps:\n      - va$0\n"


def declaring(**item: Any) -> types.ClientCapabilities:
    """What an editor declares, with these capabilities for completion items."""
    declared = capabilities(item_defaults=item.pop("item_defaults", None))
    assert declared.text_document is not None
    assert declared.text_document.completion is not None
    assert declared.text_document.completion.completion_item is not None
    for name, value in item.items():
        setattr(declared.text_document.completion.completion_item, name, value)
    return declared


async def snippets(editor: Editor, path: str, text: str) -> list[types.CompletionItem]:
    """The snippets that the server offers at the cursor of a new file."""
    before = text.partition("$0")[0]
    editor.open(path, text.replace("$0", ""))
    position = types.Position(before.count("\n"), len(before.rpartition("\n")[2]))
    answer = await editor.client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(editor.uri(path)), position)
    )
    assert isinstance(answer, types.CompletionList)
    return [item for item in answer.items if item.kind == types.CompletionItemKind.Snippet]


async def test_a_client_that_expands_snippets_gets_one(workspace: Path) -> None:
    async with Editor(workspace, client_capabilities=declaring(snippet_support=True)) as editor:
        (item,) = await snippets(editor, "entities/crm/note.yaml", STEPS)
        assert (item.label, item.insert_text_format) == ("validate", types.InsertTextFormat.Snippet)
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.range == types.Range(types.Position(6, 8), types.Position(6, 10))
        # The editor adds the line's own indentation, six blanks.
        assert item.text_edit.new_text == "validate: ${1:status is not null}\n  error: ${2:not_allowed}$0"


async def test_any_other_client_gets_text(workspace: Path) -> None:
    async with Editor(workspace, client_capabilities=declaring(snippet_support=False)) as editor:
        (item,) = await snippets(editor, "entities/crm/note.yaml", STEPS)
        assert item.insert_text_format is None
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.new_text == "validate: status is not null\n        error: not_allowed"
        assert yaml.safe_load(STEPS.replace("va$0", item.text_edit.new_text))["actions"][0]["steps"] == [
            {"validate": "status is not null", "error": "not_allowed"}
        ]


async def test_one_range_for_all_items_where_the_client_takes_it(workspace: Path) -> None:
    declared = declaring(snippet_support=True, item_defaults=["editRange"])
    async with Editor(workspace, client_capabilities=declared) as editor:
        items = await snippets(editor, "entities/crm/note.yaml", STEPS.replace("va$0", "$0"))
        assert {item.text_edit_text for item in items} >= {"call: ${1:recalculate}()$0", "reject: ${1:not_allowed}$0"}
        assert all(item.insert_text_format is types.InsertTextFormat.Snippet for item in items)


async def test_an_empty_file_beside_entity_files_begins_with_an_entity(workspace: Path) -> None:
    async with Editor(workspace, client_capabilities=declaring(snippet_support=True)) as editor:
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")  # the files have been read
        (item,) = await snippets(editor, "entities/crm/sales_order.yaml", "e$0\n")
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.new_text.startswith("entity: ${1:SalesOrder}\nschema: ${2:crm}\n")
        assert await snippets(editor, "docker-compose.yaml", "e$0\n") == []
