"""A completion's items as the text of their JSON, by what the client can do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specql_lsp.features.model import CommandCall, CompletionItem, CompletionKind, CompletionList, DocumentationKey
from specql_lsp.lsp.convert.completion import ItemSupport, completion_list
from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.syntax.text import LineIndex, Span

TEXT = "a: 😀 b\nc: d\n"
PLAIN = CompletionItem("b", CompletionKind.VALUE, Span(5, 6), "b")
ALL = ItemSupport(label_details=True, snippets=True, deprecated=True, opens_lists=True)


def converted(
    *items: CompletionItem,
    support: ItemSupport = ALL,
    item_defaults: bool = True,
    incomplete: bool = False,
    folder: int | None = 3,
) -> dict[str, Any]:
    positions = Positions(LineIndex(TEXT), Encoding.UTF16)
    answer = CompletionList(items, incomplete)
    text = completion_list(answer, positions, support, item_defaults=item_defaults, folder=folder).text
    assert text.isascii()
    found: dict[str, Any] = json.loads(text)
    return found


def item(support: ItemSupport = ALL, **fields: Any) -> dict[str, Any]:
    """What is written of an item beside its label and kind."""
    (found,) = converted(PLAIN._replace(**fields), support=support)["items"]
    assert (found.pop("label"), found.pop("kind")) == (fields.get("label", "b"), fields.get("kind", PLAIN.kind).value)
    return dict(found)


def test_no_items() -> None:
    assert converted() == {"isIncomplete": False, "items": []}
    assert converted(incomplete=True) == {"isIncomplete": True, "items": []}


def test_a_range_that_all_items_share() -> None:
    shared = {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 7}}
    found = converted(PLAIN, PLAIN._replace(new_text="'b'"))
    assert found["itemDefaults"] == {"editRange": shared}
    assert [each.get("textEditText") for each in found["items"]] == [None, "'b'"]
    assert not any("textEdit" in each for each in found["items"])


def test_ranges_of_their_own() -> None:
    other = PLAIN._replace(replace=Span(11, 12))
    for found in (converted(PLAIN, other), converted(PLAIN, other, item_defaults=False)):
        assert "itemDefaults" not in found
        assert [each["textEdit"]["range"]["start"]["line"] for each in found["items"]] == [0, 1]
        assert found["items"][0]["textEdit"]["newText"] == "b"


@pytest.mark.parametrize("text", ['"', "\\", "a\nb", "\x00", "é", "😀", "\ud800", "</script>", "\u2028"])
def test_any_text_anywhere(text: str) -> None:
    found = item(
        label=f"l{text}",
        new_text=f"n{text}",
        detail=f"d{text}",
        description=f"r{text}",
        signature=f"s{text}",
        filter_text=f"f{text}",
        sort_text=f"o{text}",
        documentation=DocumentationKey("entity", {"name": text}),
    )
    assert found == {
        "textEditText": f"n{text}",
        "detail": f"d{text}",
        "labelDetails": {"detail": f"s{text}", "description": f"r{text}"},
        "filterText": f"f{text}",
        "sortText": f"o{text}",
        "data": [3, "entity", ["name", text]],
    }


def test_nothing_that_says_nothing() -> None:
    assert item(filter_text="b") == {}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (CompletionKind.VALUE, {"detail": "d"}, {"detail": "d"}),
        (CompletionKind.TYPE, {"detail": "d"}, {"detail": "d", "labelDetails": {"description": "d"}}),
        (
            CompletionKind.FIELD,
            {"detail": "d", "description": "r"},
            {"detail": "d", "labelDetails": {"description": "r"}},
        ),
        (CompletionKind.FUNCTION, {"signature": "(x)"}, {"labelDetails": {"detail": "(x)"}}),
    ],
)
def test_label_details(kind: CompletionKind, fields: dict[str, str], expected: dict[str, Any]) -> None:
    assert item(kind=kind, **fields) == expected


def test_a_client_without_label_details() -> None:
    none = ItemSupport()
    assert item(none, detail="d", description="r", signature="(x)") == {"detail": "d · r"}
    assert item(none, description="r") == {"detail": "r"}


def test_snippets() -> None:
    assert item(snippet="${1:x}", new_text="x") == {"insertTextFormat": 2, "textEditText": "${1:x}"}
    assert item(ItemSupport(), snippet="${1:x}", new_text="x") == {"textEditText": "x"}


def test_marks_and_commands() -> None:
    call = CommandCall("specql.do", {"uri": 'file:///"'})
    assert item(not_read=True, preselect=True) == {"tags": [1], "preselect": True}
    assert item(asks_again=True)["command"]["command"] == "editor.action.triggerSuggest"
    expected = {"title": "b", "command": "specql.do", "arguments": [{"uri": 'file:///"'}]}
    assert item(asks_again=True, command=call) == {"command": expected}
    assert item(ItemSupport(), not_read=True, asks_again=True) == {}


def test_a_file_of_no_folder() -> None:
    key = DocumentationKey("type", {})
    (found,) = converted(PLAIN._replace(documentation=key), folder=None)["items"]
    assert found["data"] == [None, "type"]
