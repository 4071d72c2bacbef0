"""``didChange``: which changes are applied, and which are recognised as ones that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.lsp.handlers.did_change import UnfitChangeError, changed
from specql_lsp.lsp.positions import Encoding
from specql_lsp.workspace.documents import Document

KNOWN = Document("file:///a.yaml", "one\ntwo\n", 5)


def at(start: tuple[float, float], end: tuple[float, float], text: str) -> dict[str, Any]:
    def position(place: tuple[float, float]) -> dict[str, float]:
        return {"line": place[0], "character": place[1]}

    return {"range": {"start": position(start), "end": position(end)}, "text": text}


def change(*changes: Any, version: int | None = 6, known: Document | None = KNOWN) -> str:
    return changed(known, version, list(changes), Encoding.UTF16).text


def test_changes_are_applied() -> None:
    assert change() == KNOWN.text
    assert change(at((0, 0), (0, 3), "1")) == "1\ntwo\n"
    assert change(at((0, 0), (0, 3), "1"), at((0, 1), (1, 0), "!\n")) == "1!\ntwo\n"
    assert change({"text": "new"}) == "new"
    assert change({"range": None, "text": "new"}) == "new"
    assert change(at((0, 0), (0, 1), "x"), {"text": "new"}, at((0, 3), (0, 3), "er")) == "newer"
    assert change(at((0, 0), (9, 0), "")) == "", "behind the end is the end"
    assert change(at((1, 2**40), (1, 2**40), "!")) == "one\ntwo!\n"


def test_a_whole_text_needs_nothing_before_it() -> None:
    assert change({"text": "new"}, known=None) == "new"
    assert change({"text": "new"}, version=1) == "new"
    assert change({"range": None, "text": "a"}, at((0, 1), (0, 1), "b"), known=None, version=None) == "ab"


@pytest.mark.parametrize("version", [5, 6, 900, None])
def test_versions_that_may_be(version: int | None) -> None:
    assert change(at((0, 0), (0, 3), "1"), version=version) == "1\ntwo\n"


@pytest.mark.parametrize(
    "wrong",
    [
        at((0, 3), (0, 0), "x"),
        at((1, 0), (0, 3), "x"),
        at((-1, 0), (0, 0), "x"),
        {"range": {"start": {"line": 0, "character": 0}}, "text": "x"},
        {"range": {"start": {"line": "0", "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"},
        {"range": [0, 1], "text": "x"},
        {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}},
        {"text": None},
        {},
        None,
        "x",
    ],
)
def test_changes_that_cannot_be_applied(wrong: Any) -> None:
    with pytest.raises(UnfitChangeError):
        change(wrong)
    with pytest.raises(UnfitChangeError):
        change(at((0, 0), (0, 0), "a"), wrong)


def test_changes_without_what_they_build_on() -> None:
    with pytest.raises(UnfitChangeError, match="version 4 is older than 5"):
        change(at((0, 0), (0, 0), "a"), version=4)
    with pytest.raises(UnfitChangeError, match="not known"):
        change(at((0, 0), (0, 0), "a"), known=None)
    for changes in (None, {}, "x", 5):
        with pytest.raises(UnfitChangeError):
            changed(KNOWN, 6, changes, Encoding.UTF8)
