"""Inlay hints and code lenses through the process, with what is resolved later."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.editor import Editor

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
