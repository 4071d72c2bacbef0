"""JSON that lsprotocol would refuse as a whole, and what we make of it."""

from __future__ import annotations

import pytest
from cattrs.errors import BaseValidationError
from lsprotocol import types

from specql_lsp.lsp.structuring import LARGEST_INTEGER, read_position, tolerant_converter

CONVERTER = tolerant_converter()


def test_unknown_values_are_kept_as_they_came() -> None:
    item = CONVERTER.structure({"label": "a", "kind": 27, "tags": [1, 9]}, types.CompletionItem)
    assert item.kind == 27
    assert list(item.tags or ()) == [types.CompletionItemTag.Deprecated, 9]
    assert CONVERTER.structure({"value": "compact"}, types.SetTraceParams).value == "compact"


def test_positions() -> None:
    assert read_position({"line": 3, "character": 2**40}) == types.Position(3, LARGEST_INTEGER)
    assert read_position({"line": 3.0, "character": 1.9}) == types.Position(3, 1)
    assert read_position({"line": float("inf"), "character": 0}) == types.Position(LARGEST_INTEGER, 0)
    for wrong in (None, [], {}, {"line": 1}, {"line": -1, "character": 0}, {"line": True, "character": 0}):
        with pytest.raises(ValueError, match="position"):
            read_position(wrong)
    with pytest.raises(ValueError, match="position"):
        read_position({"line": float("nan"), "character": 0})


def test_a_text_is_a_text() -> None:
    """cattrs would make the text "None" of null, and the document would hold it."""
    for text in (None, 5, ["a"]):
        item = {"uri": "file:///a", "languageId": "yaml", "version": 1, "text": text}
        with pytest.raises(BaseValidationError):
            CONVERTER.structure({"textDocument": item}, types.DidOpenTextDocumentParams)
