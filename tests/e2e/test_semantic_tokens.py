"""Semantic tokens through the process: all, what an edit changes, a range; by the capabilities of a real editor."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "entities/crm/ticket.yaml"
TEXT = "entity: Ticket\nschema: crm\nfields:\n  reporter: ref(Contact)\n  status: enum(open, closed)\n"


async def test_all_then_what_an_edit_changes_then_a_range(shared_yaml: Editor) -> None:
    editor = shared_yaml
    provider = editor.initialized.capabilities.semantic_tokens_provider
    assert isinstance(provider, types.SemanticTokensOptions)
    assert provider.full == types.SemanticTokensFullDelta(delta=True)
    assert provider.range is True
    legend = provider.legend.token_types
    editor.open(PATH, TEXT)
    document = types.TextDocumentIdentifier(editor.uri(PATH))
    client = editor.client
    try:
        first = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
        assert first is not None
        kinds = [legend[kind] for kind in first.data[3::5]]
        assert kinds[:2] == ["keyword", "class"]
        assert first.result_id is not None

        editor.change(PATH, TEXT.replace("ref(Contact)", "text"))
        changed = await client.text_document_semantic_tokens_full_delta_async(
            types.SemanticTokensDeltaParams(document, first.result_id)
        )
        assert isinstance(changed, types.SemanticTokensDelta)
        data = list(first.data)
        for edit in changed.edits:
            data[edit.start : edit.start + edit.delete_count] = edit.data or []
        again = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
        assert again is not None
        assert data == list(again.data) != list(first.data)

        # The answer before the last one is not known any more: all tokens come.
        late = await client.text_document_semantic_tokens_full_delta_async(
            types.SemanticTokensDeltaParams(document, first.result_id)
        )
        assert isinstance(late, types.SemanticTokens)
        lines = types.Range(types.Position(3, 0), types.Position(3, 5))
        part = await client.text_document_semantic_tokens_range_async(types.SemanticTokensRangeParams(document, lines))
        assert part is not None
        assert [legend[kind] for kind in part.data[3::5]] == ["property", "type"]
        assert part.data[0] == 3
    finally:
        editor.close(PATH)
