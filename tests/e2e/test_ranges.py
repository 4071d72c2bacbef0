"""Folding, selection and linked editing as editors ask for them, through the process."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.clients import capabilities_of
from tests.e2e.conftest import copy_workspace
from tests.e2e.editor import Editor

PATH = "entities/crm/ticket.yaml"
TEXT = """\
# 😀
# two
entity: Ticket
fields:
  title: &title {type: text, description: "😀"}
  name: *title
actions:
  - name: close
    steps:
      - validate: "😀 = 1 AND title = 'a'"
"""


@pytest.mark.parametrize("client", ["vscode", "helix"])
async def test_ranges(client: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = copy_workspace(tmp_path_factory.mktemp("ranges") / "workspace")
    async with Editor(folder, client_capabilities=capabilities_of(client)) as editor:
        await editor.source("yaml")
        offered = editor.initialized.capabilities
        assert offered.folding_range_provider
        assert offered.selection_range_provider
        assert offered.linked_editing_range_provider
        position = editor.open(PATH, TEXT.replace("title = 'a'", "tit$0le = 'a'"))
        assert position is not None
        document = types.TextDocumentIdentifier(editor.uri(PATH))
        folds = await editor.client.text_document_folding_range_async(types.FoldingRangeParams(document))
        assert [(fold.start_line, fold.end_line, fold.kind) for fold in folds or ()] == [
            (0, 1, types.FoldingRangeKind.Comment),
            (3, 5, None),
            (6, 9, None),
            (7, 9, None),
            (8, 9, None),
        ]
        start = types.Position(0, 0)
        selections = await editor.client.text_document_selection_range_async(
            types.SelectionRangeParams(document, [position, start])
        )
        assert selections is not None
        [first, second] = selections
        line = TEXT.split("\n")[9]
        assert line[_units(editor, line, first.range.start) : _units(editor, line, first.range.end)] == "title"
        assert first.parent is not None
        outer = first.parent.range
        assert line[_units(editor, line, outer.start) : _units(editor, line, outer.end)] == "title = 'a'"
        assert second.range.start == start
        anchor = types.Position(4, 10)
        linked = await editor.client.text_document_linked_editing_range_async(
            types.LinkedEditingRangeParams(document, anchor)
        )
        assert linked is not None
        assert [(each.start.line, each.start.character, each.end.character) for each in linked.ranges] == [
            (4, 10, 15),
            (5, 9, 14),
        ]
        assert linked.word_pattern
        nowhere = types.LinkedEditingRangeParams(document, start)
        assert await editor.client.text_document_linked_editing_range_async(nowhere) is None
        editor.close(PATH)


def _units(editor: Editor, line: str, position: types.Position) -> int:
    """The column of a position in code points."""
    assert position.line == 9
    encoding = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[editor.encoding]
    return len(line.encode(encoding[0])[: position.character * encoding[1]].decode(encoding[0]))
