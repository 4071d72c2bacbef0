"""The reference: a pygls server that does nothing but answer. ``python -m tests.benchmarks.empty_server [ANSWERS]``.

ANSWERS is a JSON file: the line of a request's position → the items or the hover's text to answer with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer


def main() -> None:
    """Serves on stdin and stdout."""
    server = LanguageServer("empty", "1", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
    told = json.loads(Path(sys.argv[1]).read_text()) if len(sys.argv) > 1 else {}
    lists = {
        int(line): types.CompletionList(is_incomplete=False, items=[_item(item) for item in items])
        for line, items in told.get("completion", {}).items()
    }
    hovers = {
        int(line): types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))
        for line, text in told.get("hover", {}).items()
    }

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[":", " "]))
    def completion(params: types.CompletionParams) -> types.CompletionList | None:
        return lists.get(params.position.line)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return hovers.get(params.position.line)

    server.start_io()


def _item(item: dict[str, str]) -> types.CompletionItem:
    place = types.Position(3, 14)
    edit = types.TextEdit(types.Range(place, place), item["newText"])
    return types.CompletionItem(label=item["label"], detail=item["detail"], text_edit=edit)


if __name__ == "__main__":
    main()
