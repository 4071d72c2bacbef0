"""Lines end where LSP says, and nowhere else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.syntax.text import LineIndex, Position, Span

texts = st.text(alphabet=st.sampled_from("ab\n\r\u2028\u2029\u0085\f\v\x1c\x1d\x1e😀"), max_size=40)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("\n", ["", ""]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\rc\n", ["a", "b", "c", ""]),
        ("\r\r\n\n", ["", "", "", ""]),
        ("a\u2028b\u2029c\u0085d\fe\vf\x1cg", ["a\u2028b\u2029c\u0085d\fe\vf\x1cg"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    index = LineIndex(text)
    assert [index.line_text(n) for n in range(index.line_count)] == lines


@given(texts)
def test_lines_are_those_of_the_protocol(text: str) -> None:
    index = LineIndex(text)
    assert [index.line_text(n) for n in range(index.line_count)] == re.split("\r\n|\n|\r", text)


@given(texts)
def test_positions_come_back(text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        position = index.position(offset)
        assert index.line_start(position.line) + position.column == offset
        if text[offset - 1 : offset + 1] != "\r\n":
            assert index.offset(position) == offset


@given(texts, st.integers(-5, 50), st.integers(-5, 50))
def test_what_is_outside_is_cut(text: str, line: int, column: int) -> None:
    index = LineIndex(text)
    assert 0 <= index.offset(Position(line, column)) <= len(text)
    assert 0 <= index.position(line).line < index.line_count
    assert index.position(len(text) + 7) == index.position(len(text))
    assert index.line_start(index.line_count + 3) == len(text)


pieces = st.text(alphabet=st.sampled_from("ab\n\r"), max_size=6)


@given(texts, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10), pieces), max_size=8))
def test_an_edited_index_is_that_of_the_new_text(text: str, edits: list[tuple[int, int, str]]) -> None:
    index = LineIndex(text)
    for at, length, new in edits:
        start = min(at, len(index.text))
        end = min(start + length, len(index.text))
        expected = LineIndex(index.text[:start] + new + index.text[end:])
        index = index.edited(start, end, new)
        assert index.text == expected.text
        starts = [expected.line_start(n) for n in range(expected.line_count)]
        assert [index.line_start(n) for n in range(index.line_count)] == list(index.line_starts) == starts
        offsets = range(-1, len(index.text) + 2)
        assert [index.line_of(offset) for offset in offsets] == [expected.line_of(offset) for offset in offsets]


def test_spans() -> None:
    assert Span(2, 4).contains(4)
    assert not Span(2, 4).contains(5)
    assert Span(2, 4).overlaps(Span(4, 5))
    assert not Span(2, 4).overlaps(Span(5, 6))
    assert Span(2, 4).shifted(3) == Span(5, 7)
