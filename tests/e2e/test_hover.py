"""Hover as an editor sees it: the real server, as VS Code and Neovim ask it.

What is hovered where is in ``tests/features/test_hover_in_workspace.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lsprotocol import types

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import NO_DATABASE, QUIET, REGISTRY
from tests.e2e.editor import Editor

NEW = "entities/crm/new.yaml"
BEFORE = "organization: {note: '😀é', table_code: "


@pytest.mark.parametrize(("client", "column"), [("vscode", len(BEFORE) + 1), ("neovim", len(BEFORE.encode()))])
async def test_what_a_client_shows(client: str, column: int, workspace: Path, workspace_url: str) -> None:
    """VS Code counts UTF-16 units, Neovim bytes."""
    environment = {"SPECQL_DB_URL": workspace_url}
    declared = capabilities_of(client)
    async with Editor(workspace, environment=environment, settings=QUIET, client_capabilities=declared) as editor:
        await editor.source("postgresql")
        editor.open(NEW, f"entity: Contact\nschema: crm\n{BEFORE}'012031'}}\n# A comment\n")
        place = types.Position(2, column + 3)
        answer = await editor.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(editor.uri(NEW)), place)
        )
        assert answer is not None
        assert isinstance(answer.contents, types.MarkupContent)
        assert answer.contents.kind == types.MarkupKind.Markdown
        assert answer.contents.value.startswith("**`012031`** · registered\n")
        assert re.fullmatch(r"PostgreSQL, \d+ s ago", answer.contents.value.splitlines()[-1])
        assert answer.contents.value.splitlines()[-2] == "---"
        assert answer.range == types.Range(types.Position(2, column), types.Position(2, column + len("'012031'")))
        assert await editor.hover(NEW, types.Position(3, 4)) is None
        # The registry's file need not be open; the comparison waits until it has been read.
        await editor.command("specql.checkConsistency", {})
        text = await editor.hover(REGISTRY, types.Position(28, 11))
        assert text is not None
        assert text.startswith("**crm** · domain `2`\n")


async def test_the_registry_in_yaml_is_named_with_the_reason(editor_yaml: Editor) -> None:
    position = editor_yaml.open(NEW, "entity: Voucher\nschema: cr$0m\n")
    assert position is not None
    text = await editor_yaml.hover(NEW, position)
    assert text is not None
    assert text.splitlines()[-2:] == ["---", f"YAML, read-only: {NO_DATABASE}"]
