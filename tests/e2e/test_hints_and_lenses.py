"""Inlay hints and code lenses through the process, with what is resolved later."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
from lsprotocol import types

from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "entities/crm/contact.yaml"
EVERYTHING = types.Range(types.Position(0, 0), types.Position(1000, 0))


async def test_a_hint_gets_its_text_when_it_is_looked_at(shared_yaml: Editor) -> None:
    editor, client = shared_yaml, shared_yaml.client
    editor.open(PATH)
    document = types.TextDocumentIdentifier(editor.uri(PATH))
    try:
        hints = await client.text_document_inlay_hint_async(types.InlayHintParams(document, EVERYTHING))
        assert hints
        assert all(hint.tooltip is None for hint in hints)
        [code] = [hint for hint in hints if " · " in str(hint.label)]
        resolved = await client.inlay_hint_resolve_async(code)
        assert isinstance(resolved.tooltip, types.MarkupContent)
        assert "customer" in resolved.tooltip.value
        editor.change(PATH, "entity: Contact\n")
        outdated = await client.inlay_hint_resolve_async(code)
        assert outdated.tooltip is None
    finally:
        editor.close(PATH)


async def test_a_lens_has_its_code(shared_yaml: Editor) -> None:
    editor, client = shared_yaml, shared_yaml.client
    editor.open(PATH)
    document = types.TextDocumentIdentifier(editor.uri(PATH))
    try:
        lenses = await client.text_document_code_lens_async(types.CodeLensParams(document))
        assert lenses
        assert [lens.command.title for lens in lenses if lens.command] == ["012031 · crm · customer"]
    finally:
        editor.close(PATH)


async def test_a_lens_counts_references_until_its_entity_is_gone(shared_yaml: Editor) -> None:
    editor, client = shared_yaml, shared_yaml.client
    editor.open(PATH)
    data = {"uri": editor.uri(PATH), "version": -1, "offset": 0, "entity": "Contact"}
    lens = types.CodeLens(types.Range(types.Position(0, 0), types.Position(0, 0)), data=data)
    try:
        resolved = await client.code_lens_resolve_async(lens)
        assert resolved.command is not None
        assert re.fullmatch(r"\d references", resolved.command.title)
        editor.change(PATH, "entity: Person\n")
        gone = await client.code_lens_resolve_async(lens)
        assert gone.command == types.Command("references", "")
    finally:
        editor.close(PATH)


async def test_the_client_asks_again_when_another_file_has_changed(workspace: Path) -> None:
    async with Editor(workspace, client_capabilities=refreshing()) as editor:
        asked: list[str] = []

        @editor.client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
        def refresh(_params: None) -> None:
            asked.append("hints")

        async def labels() -> list[str]:
            document = types.TextDocumentIdentifier(editor.uri(ticket))
            hints = await editor.client.text_document_inlay_hint_async(types.InlayHintParams(document, EVERYTHING))
            return [str(hint.label) for hint in hints or ()]

        ticket, other = "entities/crm/ticket.yaml", "entities/projects/task.yaml"
        await editor.source("yaml")
        editor.open(ticket, "entity: Ticket\nschema: crm\nfields: {task: ref(Task)}\n")
        await editor.codes(ticket, "missing-table-code")
        while "tenant." not in await labels():  # the other file is not read yet
            await editor.until(lambda: asked, "a refresh when the other file is read")
            asked.clear()
        asked.clear()
        editor.write(other, "entity: Task\nschema: crm\n")
        editor.tell(other, types.FileChangeType.Changed)
        while "tenant." in await labels():
            await editor.until(lambda: asked, "a refresh when another file has changed")
            asked.clear()


def refreshing() -> types.ClientCapabilities:
    """An editor that refreshes hints."""
    able = capabilities()
    assert able.workspace is not None
    hints = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)
    return attrs.evolve(able, workspace=attrs.evolve(able.workspace, inlay_hint=hints))
