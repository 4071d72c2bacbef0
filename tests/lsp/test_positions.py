"""Offsets ↔ positions in UTF-8, UTF-16 and UTF-32."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from specql_lsp.index.symbols import place
from specql_lsp.lsp.positions import Encoding, Positions, place_range
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.workspace.documents import Document

texts = st.text(alphabet=st.sampled_from("ab ü数😀é\n\r\t\u2028\u0085\f\ud83d"), max_size=40)
encodings = st.sampled_from(list(Encoding))


@given(texts, encodings)
def test_every_offset_comes_back(text: str, encoding: Encoding) -> None:
    lines = LineIndex(text)
    positions = Positions(lines, encoding)
    for offset in range(len(text) + 1):
        in_break = text[offset - 1 : offset + 1] == "\r\n"
        expected = lines.line_span(lines.line_of(offset)).end if in_break else offset
        assert positions.offset(positions.position(offset)) == expected


@given(texts, encodings, st.integers(0, 60), st.integers(0, 60))
def test_any_position_is_in_the_text(text: str, encoding: Encoding, line: int, character: int) -> None:
    positions = Positions(LineIndex(text), encoding)
    offset = positions.offset(types.Position(line, character))
    assert 0 <= offset <= len(text)
    span = positions.span(types.Range(types.Position(line, character), types.Position(0, 0)))
    assert span.start <= span.end


@given(texts, encodings)
def test_units_are_those_of_the_encoding(text: str, encoding: Encoding) -> None:
    codec, width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding.value]
    assert encoding.units(text) == len(text.encode(codec, errors="surrogatepass")) // width


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [
        (Encoding.UTF16, 2, 1),  # inside the pair: its start
        (Encoding.UTF16, 3, 2),
        (Encoding.UTF8, 3, 1),
        (Encoding.UTF8, 5, 2),
        (Encoding.UTF32, 2, 2),
        (Encoding.UTF16, 99, 3),
    ],
)
def test_inside_a_character(encoding: Encoding, character: int, offset: int) -> None:
    assert Positions(LineIndex("a😀b"), encoding).offset(types.Position(0, character)) == offset


@given(texts, encodings, st.integers(0, 40), st.integers(0, 40))
def test_a_place_is_where_its_span_is(text: str, encoding: Encoding, start: int, end: int) -> None:
    document = Document("file:///a.yaml", text)
    span = Span(min(start, end, len(text)), min(max(start, end), len(text)))
    expected = Positions(document.lines, encoding).range(span)
    assert place_range(place(document, span), encoding) == expected
