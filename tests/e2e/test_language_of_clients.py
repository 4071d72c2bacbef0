"""The language through the process, as VS Code and Neovim ask for it: one case for each thing that a client can do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from tests.e2e.clients import capabilities_of
from tests.e2e.editor import Editor

PATH = "entities/crm/voucher.yaml"
TEXT = """\
entity: Voucher
schema: crm
fields:
  seen: timestamp
  email: email!
  state: {note: '🙂', type: 'enum(open, closed)', required: true}
actions:
  - name: close
    steps:
      - validate: state = 'open'
"""
FINDINGS = ("missing-table-code", "unknown-type", "key-not-read")
SEEN, EMAIL, STATE = 3, 4, 5


@pytest.fixture(params=["vscode", "neovim"])
def client(request: pytest.FixtureRequest) -> str:
    """Whose capabilities are declared."""
    return str(request.param)


@pytest_asyncio.fixture
async def editor(client: str, workspace: Path) -> AsyncIterator[Editor]:
    """An editor on the workspace that can do what a real one says that it can do."""
    names = {"vscode": "Visual Studio Code", "neovim": "Neovim"}
    declared = capabilities_of(client)
    async with Editor(workspace, client_capabilities=declared, client_name=names[client]) as editor:
        await editor.source("yaml")
        yield editor


async def finding(editor: Editor, code: str) -> types.Diagnostic:
    """The finding with a code, once the file has all of them."""
    found = await editor.codes(PATH, *FINDINGS)
    return next(each for each in found if each.code == code)


async def signature(editor: Editor, position: types.Position) -> types.SignatureHelp:
    """The signature at a position; there is one."""
    where = types.TextDocumentIdentifier(editor.uri(PATH))
    answer = await editor.client.text_document_signature_help_async(types.SignatureHelpParams(where, position))
    assert answer is not None
    return answer


async def first_accepted(editor: Editor, position: types.Position) -> types.CompletionItem:
    """Accepts the first item, whose range is that of the whole list, into the buffer, and gives it."""
    answer = await editor.complete_at(PATH, position)
    item = answer.items[0]
    assert answer.item_defaults is not None and isinstance(answer.item_defaults.edit_range, types.Range)
    edit = types.TextEdit(answer.item_defaults.edit_range, item.text_edit_text or item.label)
    editor.apply(types.WorkspaceEdit(changes={editor.uri(PATH): [edit]}))
    return item


async def test_completion_of_a_type(editor: Editor, client: str) -> None:
    position = editor.open(PATH, TEXT.replace("email: email!", "email: em$0"))
    assert position is not None
    item = await first_accepted(editor, position)
    in_row = item.label_details.description if item.label_details else None
    assert (item.label, item.detail) == ("email", "TEXT with CHECK")
    assert in_row == ("TEXT with CHECK" if client == "vscode" else None)
    assert editor.text(PATH) == TEXT.replace("email: email!", "email: email")


async def test_completion_of_a_field_in_an_expression(editor: Editor) -> None:
    position = editor.open(PATH, TEXT.replace("validate: state", "validate: sta$0"))
    assert position is not None
    item = await first_accepted(editor, position)
    assert (item.label, item.detail) == ("state", "enum(open, closed)")
    assert editor.text(PATH) == TEXT


async def test_hover_of_a_field_begins_with_its_column(editor: Editor) -> None:
    editor.open(PATH, TEXT)
    shown = await editor.hover(PATH, types.Position(EMAIL, 3))
    assert shown is not None
    assert "```sql\nemail TEXT NOT NULL\nCHECK (" in shown


async def test_signature_help_marks_the_argument(editor: Editor) -> None:
    position = editor.open(PATH, TEXT.replace("email: email!", "kind: enum(a, $0)"))
    assert position is not None
    answer = await signature(editor, position)
    (shown,) = answer.signatures
    assert shown.label == "enum(value, …)"
    assert shown.active_parameter == 1
    assert [parameter.label for parameter in shown.parameters or []] == [(5, 10), (12, 13)]


async def test_a_fix_is_resolved_when_it_is_chosen(editor: Editor) -> None:
    editor.open(PATH, TEXT)
    wrong = await finding(editor, "unknown-type")
    action = next(a for a in await editor.actions(PATH, wrong.range, [wrong]) if a.title == "Change to datetime")
    assert (action.edit, action.is_preferred, action.diagnostics) == (None, True, (wrong,))
    await editor.run(await editor.client.code_action_resolve_async(action))
    assert editor.text(PATH) == TEXT.replace("timestamp", "datetime")


async def test_a_code_links_to_its_page_where_the_client_shows_it(editor: Editor, client: str) -> None:
    editor.open(PATH, TEXT)
    wrong = await finding(editor, "unknown-type")
    linked = wrong.code_description.href if wrong.code_description else None
    assert linked == (DIAGNOSTICS_URI if client == "vscode" else None)
    assert wrong.range == types.Range(types.Position(SEEN, 8), types.Position(SEEN, 17))


async def test_what_is_not_read_is_unnecessary(editor: Editor) -> None:
    editor.open(PATH, TEXT)
    hint = await finding(editor, "key-not-read")
    before = TEXT.split("\n")[STATE].split("required")[0]
    width = len(before.encode("utf-8" if editor.encoding == "utf-8" else "utf-16-le"))
    start = width if editor.encoding == "utf-8" else width // 2
    assert hint.tags == (types.DiagnosticTag.Unnecessary,)
    assert hint.severity is types.DiagnosticSeverity.Hint
    assert hint.range == types.Range(types.Position(STATE, start), types.Position(STATE, start + len("required")))
