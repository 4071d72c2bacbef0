"""Merge conflicts in texts: which lines are whose, in git's styles, and what is not complete."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.syntax.merge_conflicts import conflicts_in, sides_of

PLAIN = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic x\nd\n"
BASED = "<<<<<<< HEAD\nb\n||||||| 1a2b3c\nz\n=======\nc\n>>>>>>> topic\n"


def lines(text: str) -> list[str]:
    """The lines that are not blank."""
    return [line for line in text.split() if line]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_sides_of_a_conflict(line_break: str) -> None:
    text = PLAIN.replace("\n", line_break)
    (conflict,) = conflicts_in(text)
    assert conflict.names == ("HEAD", "topic x")
    assert text[slice(*conflict.marker)] == "<<<<<<< HEAD"
    assert text[slice(*conflict.ours)] == "b" + line_break and text[slice(*conflict.theirs)] == "c" + line_break
    ours, theirs = sides_of(text, [conflict])
    assert (lines(ours), lines(theirs)) == (["a", "b", "d"], ["a", "c", "d"])
    assert len(ours) == len(theirs) == len(text)
    assert ours.count(line_break) == text.count(line_break)
    assert ours.index("d") == theirs.index("d") == text.index("d" + line_break)


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        (BASED, ["b"], ["c"]),
        (BASED.replace("z\n", "<<<<<<<<< A\nx\n=========\ny\n>>>>>>>>> B\n"), ["b"], ["c"]),  # a base in conflict
        (PLAIN + BASED, ["a", "b", "d", "b"], ["a", "c", "d", "c"]),
        ("<<<<<<< HEAD\n=======\nc\n>>>>>>> x\n", [], ["c"]),
        ("<<<<<<< HEAD\nb\n=======\n>>>>>>> x", ["b"], []),
        ("<<<<<<< HEAD\nb\n", ["b"], []),
        ("<<<<<<< HEAD\nb\n=======\nc\n", ["b"], ["c"]),
        ("<<<<<<< HEAD\nb\n>>>>>>> x\nd\n", ["b", "d"], ["d"]),
        ("<<<<<<< HEAD\nb\n=======\nc\n<<<<<<< HEAD\nd\n=======\ne\n>>>>>>> x\n", ["b", "d"], ["c", "e"]),
        ("<<<<<<<\nb\n=======\nc\n>>>>>>>\n", ["b"], ["c"]),
    ],
)
def test_other_forms(text: str, ours: list[str], theirs: list[str]) -> None:
    found = sides_of(text, conflicts_in(text))
    assert (lines(found[0]), lines(found[1])) == (ours, theirs)
    assert {len(side) for side in found} == {len(text)}


@pytest.mark.parametrize(
    "text",
    ["", "<<<<<<", "a: <<<<<<< b\n", " <<<<<<< HEAD\n", "<<<<<<<< HEAD\n", "<<<<<<<HEAD\n", "=======\n>>>>>>> x\n"],
)
def test_what_is_no_conflict(text: str) -> None:
    assert conflicts_in(text) == ()
    assert sides_of(text, ()) == (text, text)


@given(st.lists(st.sampled_from(["<<<<<<< a", "||||||| b", "=======", ">>>>>>> c", "x: 1", "", "🙂"]), max_size=12))
def test_spans_are_in_order_and_within_their_conflict(chosen: list[str]) -> None:
    text = random.Random(len(chosen)).choice(["\n", "\r\n"]).join(chosen)
    end = 0
    found = conflicts_in(text)
    for conflict in found:
        assert end <= conflict.span.start <= conflict.ours.start <= conflict.ours.end
        assert conflict.ours.end <= conflict.theirs.start <= conflict.theirs.end <= conflict.span.end <= len(text)
        end = conflict.span.end
    assert {len(side) for side in sides_of(text, found)} == {len(text)}
