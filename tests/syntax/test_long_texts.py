"""Long texts parsed in pieces: the same tree as the whole text's, wherever they are cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specql_lsp.syntax.nodes import Mapping
from specql_lsp.syntax.parsing import long_texts
from specql_lsp.syntax.parsing.long_texts import Pieces
from specql_lsp.syntax.parsing.parse_piece import parse_piece
from specql_lsp.syntax.parsing.piece import Piece
from specql_lsp.syntax.text import LineIndex

REGISTRY = Path(__file__).parents[2] / "fixtures" / "workspace" / "registry" / "domain_registry.yaml"
BLOCKS = """\
größe:
  'ü😀': [1,
    2]
  x: &a  # a comment
    - y
    - {z: 'ü'}
  folded: >
    one
    two


  literal: |+
    a: b

list:
- a: 1
  b: 2
- c: *a
open: "a
  b: c
  d"
lone:

  # only a comment here
bare:
  deep:
    deeper:
      deepest: "ü"
    k: &a v
  ? complex
  : entry
last: !tag 'it''s'
"""

lines_of_yaml = st.lists(
    st.sampled_from(
        [
            "a:\n",
            "b: c\n",
            "  d: e\n",
            "  f:\n",
            "    g: h\n",
            "    - i\n",
            "- j: k\n",
            "  l: |\n",
            "    m: n\n",
            "\n",
            "# o\n",
            "  # p\n",
            'q: "r\n',
            '  s"\n',
            "t: [u,\n",
            "  v]\n",
            "w: &x y\n",
            "z: *x\n",
            "---\n",
            "...\n",
            "\x00\n",
            "a: b\r",
            "  c: d\r",
            "ü: 😀\r\n",
            "? e\n",
            ": f\n",
            " g: h\n",
            "   \n",
            "\t\n",
            "i: >-\n",
            "  j\n",
            "k: l",
        ]
    ),
    max_size=25,
).map("".join)


def same_in_pieces(text: str) -> tuple[Pieces, Piece]:
    """Cuts ``text`` at as many places as may be, and compares what that gives with the whole."""
    lines = LineIndex(text)
    cut = Pieces(text, lines)
    root = cut.mapping(0, lines.line_count)
    whole = parse_piece(text, 0)
    if not whole.problems and isinstance(whole.root, Mapping) and whole.document_count == 1:
        assert root == whole.root
        assert tuple(cut.anchored) == whole.anchored
        assert not cut.problems
    return cut, whole


@pytest.mark.parametrize("rows", [1, 3, 7, 20])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_small_pieces_equal_the_whole(rows: int, line_break: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_texts, "PIECE_ROWS", rows)
    text = (REGISTRY.read_text(encoding="utf-8") + BLOCKS).replace("\n", line_break)
    cut, whole = same_in_pieces(text)
    assert not cut.problems
    assert not whole.problems
    assert isinstance(whole.root, Mapping)
    assert whole.root.scalar("last") is not None


@pytest.mark.parametrize("end", ["x: [\n", "x: 'open\n", "\tx: 1\n", "  y: 1\n x: 2\n"])
def test_problems_are_those_of_the_whole(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_texts, "PIECE_ROWS", 2)
    text = BLOCKS + end
    cut, whole = Pieces(text, LineIndex(text)), parse_piece(text, 0)
    cut.mapping(0, cut.lines.line_count)
    assert tuple(cut.problems) == whole.problems


@given(lines_of_yaml, st.integers(1, 6))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_is_cut_equals_the_whole(text: str, rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_texts, "PIECE_ROWS", rows)
        in_pieces = _mapping(text)
        patch.setattr(long_texts, "PIECE_ROWS", long_texts.MAX_ROWS)
        assert in_pieces == _mapping(text)


def _mapping(text: str) -> tuple[object, ...]:
    cut = Pieces(text, LineIndex(text))
    return cut.mapping(0, cut.lines.line_count), cut.problems, cut.anchored


def test_equal_texts_share_a_string() -> None:
    root = parse_piece("a: {name: x}\nb: {name: x}\n", 0).root
    assert isinstance(root, Mapping)
    first, second = root.mapping("a"), root.mapping("b")
    assert first is not None
    assert second is not None
    assert first.entries[0].name is second.entries[0].name
