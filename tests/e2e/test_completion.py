"""Completion as an editor sees it: the real server, as VS Code and Neovim ask it.

What is proposed where is in ``tests/features/test_completion_in_workspace.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.support.patience import until_answered

NEW = "entities/crm/new.yaml"
SCHEMA = "entity: Voucher\nschema: $0\n"
CODE = "entity: Voucher\nschema: crm\norganization: {note: '😀é', table_code: '0120$0'}\n"
BEFORE = "organization: {note: '😀é', table_code: "
"""What the last line of ``CODE`` has before the range that is replaced."""


async def completed(editor: Editor, text: str, path: str = NEW) -> types.CompletionList:
    """Opens a text, completes at ``$0``, and closes it again."""
    position = editor.open(path, text)
    assert position is not None
    try:
        return await editor.complete_at(path, position)
    finally:
        editor.close(path)


def by_label(answer: types.CompletionList, label: str) -> types.CompletionItem:
    return next(i for i in answer.items if i.label == label)


async def documentation(editor: Editor, item: types.CompletionItem) -> str:
    resolved = await editor.client.completion_item_resolve_async(item)
    assert isinstance(resolved.documentation, types.MarkupContent)
    assert resolved.documentation.kind == types.MarkupKind.Markdown
    return resolved.documentation.value


@pytest.mark.parametrize(
    ("client", "details", "column", "description"),
    [
        ("Visual Studio Code", "1 · Accounts, sessions and everything every team needs", len(BEFORE) + 1, "2 entities"),
        ("Neovim", "1 · Accounts, sessions and everything every team needs · 2 entities", len(BEFORE.encode()), None),
    ],
)
async def test_what_a_client_shows_and_writes(
    client: str, details: str, column: int, description: str | None, workspace: Path, workspace_url: str
) -> None:
    """VS Code counts UTF-16 units and shows label details; Neovim counts bytes; both take one range for all items."""
    environment = {"SPECQL_DB_URL": workspace_url}
    declared = capabilities_of("neovim" if client == "Neovim" else "vscode")
    editing = Editor(
        workspace, environment=environment, settings=QUIET, client_capabilities=declared, client_name=client
    )
    async with editing as editor:
        await editor.source("postgresql")
        await editor.codes("entities/crm/ticket.yaml", "missing-table-code")  # the workspace is read
        schemas = await completed(editor, SCHEMA)
        first = schemas.items[0]
        assert (first.label, first.kind, first.detail) == ("core", types.CompletionItemKind.Module, details)
        assert (first.label_details.description if first.label_details else None) == description
        assert [i.sort_text for i in schemas.items] == sorted(i.sort_text or "" for i in schemas.items)
        assert schemas.is_incomplete is False

        codes = await completed(editor, CODE)
        assert codes.is_incomplete is True
        assert [i.label for i in codes.items][:4] == ["012012", "012012 taken now", "012033", "012042"]
        assert codes.items[1].command is not None
        assert codes.items[1].command.command == "specql.allocateEntityCode"
        assert [i.label for i in codes.items if i.preselect] == ["012012"]
        assert codes.item_defaults is not None
        assert codes.item_defaults.edit_range == types.Range(types.Position(2, column), types.Position(2, column + 6))
        assert (codes.items[0].text_edit, codes.items[0].text_edit_text) == (None, "'012012'")

        await a_key_and_a_type(editor, opens_lists=client == "Visual Studio Code")
        await the_arguments_of_what_is_open(editor)
        await parameters_in_utf16(editor)

        # Other requests came in between: an item says all that its documentation needs.
        assert all(i.documentation is None for i in (*schemas.items, *codes.items))
        domain = await documentation(editor, by_label(schemas, "sales"))
        assert domain.startswith("**crm** · domain `2`\n")
        assert "\n---\nPostgreSQL, " in domain
        assert (await documentation(editor, codes.items[0])).startswith("**`012012`** · free\n")


async def a_key_and_a_type(editor: Editor, *, opens_lists: bool) -> None:
    """A key whose value has a list opens it in VS Code alone; a type says its column and its arguments."""
    keys = await completed(editor, "entity: Voucher\norganization:\n  $0\n")
    command = by_label(keys, "table_code").command
    assert (command.command if command is not None else None) == (
        "editor.action.triggerSuggest" if opens_lists else None
    )
    assert by_label(keys, "table_code").tags is None
    assert by_label(keys, "subdomain").tags == (types.CompletionItemTag.Deprecated,)
    fields = await completed(editor, "entity: Voucher\nfields:\n  email: $0\n")
    assert [item.label for item in fields.items][:2] == ["email", "email!"]
    assert (fields.items[0].detail or "").startswith("TEXT")
    assert "user@example.com" in await documentation(editor, fields.items[0])
    reference = by_label(fields, "ref")
    assert reference.insert_text_format is types.InsertTextFormat.Snippet
    assert reference.text_edit_text == "ref($1)$0"
    assert (reference.label_details.detail if reference.label_details else None) == (
        "(Entity)" if opens_lists else None
    )


async def the_arguments_of_what_is_open(editor: Editor) -> None:
    position = editor.open(NEW, "entity: Voucher\nfields:\n  note: '😀'\n  status: enum(open, $0\n")
    assert position is not None
    answer = await editor.client.text_document_signature_help_async(
        types.SignatureHelpParams(types.TextDocumentIdentifier(editor.uri(NEW)), position)
    )
    editor.close(NEW)
    assert answer is not None
    (signature,) = answer.signatures
    assert (signature.label, answer.active_parameter) == ("enum(value, …)", 1)
    assert signature.parameters is not None
    assert signature.parameters[1].label == (12, 13)
    assert isinstance(signature.documentation, types.MarkupContent)
    assert "enum(lead, customer)" in signature.documentation.value


async def parameters_in_utf16(editor: Editor) -> None:
    """The spans of a label's parameters are counted in UTF-16's units, also where positions are not."""
    steps = "entity: Voucher\nactions:\n  - name: a\n    steps:\n      - call: 𝐚(b = 1)\n      - call: 𝐚($0"
    position = editor.open(NEW, steps)
    assert position is not None
    answer = await editor.client.text_document_signature_help_async(
        types.SignatureHelpParams(types.TextDocumentIdentifier(editor.uri(NEW)), position)
    )
    editor.close(NEW)
    assert answer is not None
    (signature,) = answer.signatures
    assert signature.label == "𝐚(b = value)"
    assert [parameter.label for parameter in signature.parameters or []] == [(3, 12)]


async def test_a_client_that_takes_a_range_with_each_item(editor_yaml: Editor) -> None:
    position = editor_yaml.open(NEW, CODE)
    assert position is not None and position.character == len(BEFORE) + 1 + len("'0120")  # the emoji counts two units
    item = by_label(await editor_yaml.complete_at(NEW, position), "012012")
    assert editor_yaml.accept(NEW, item).splitlines()[2] == BEFORE + "'012012'}"
    editor_yaml.close(NEW)
    assert "\n---\nYAML, read-only" in await documentation(
        editor_yaml, by_label(await completed(editor_yaml, SCHEMA), "crm")
    )


async def test_a_buffer_counts_like_a_file_until_it_is_closed(editor_yaml: Editor) -> None:
    """What is in a buffer is taken after a pause in the typing."""

    def code_in(text: str, entity: str) -> str:
        return f"entity: {entity}\nschema: projects\norganization:\n  table_code: {text}\n"

    async def is_first(expected: str) -> bool:
        return (await completed(editor_yaml, code_in("'01401$0'", "Milestone"))).items[0].label == expected

    editor_yaml.open("entities/projects/other.yaml", code_in("'014013'", "Other"))
    await until_answered(lambda: is_first("014014"), "the buffer's code is used")
    editor_yaml.close("entities/projects/other.yaml")
    await until_answered(lambda: is_first("014013"), "the buffer's code is free")


async def test_the_registry_file(editor_yaml: Editor) -> None:
    await editor_yaml.codes("entities/crm/ticket.yaml", "missing-table-code")
    editor_yaml.open(REGISTRY)
    text = editor_yaml.text(REGISTRY)
    assert text.count("reserved_codes:\n") == 1
    position = editor_yaml.change(REGISTRY, text.replace("reserved_codes:\n", "  $0\nreserved_codes:\n"))
    assert position is not None
    domains = await editor_yaml.complete_at(REGISTRY, position)
    assert [i.label for i in domains.items] == list("56789ABCDEF0")
    assert editor_yaml.accept(REGISTRY, domains.items[0]).count("\n  '5':\n") == 1
