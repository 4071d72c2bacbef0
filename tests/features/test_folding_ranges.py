"""What can be folded: blocks, comments, regions."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from specql_lsp.features.folding_ranges import FoldingKind, folding_ranges
from specql_lsp.workspace.documents import Document
from tests.support.corpus import ENTITIES, KINDS, ODD, REGISTRIES


def folds(text: str, most: int | None = None) -> list[tuple[int, int, str]]:
    document = Document("file:///workspace/a.yaml", textwrap.dedent(text), 1)
    found = folding_ranges(document, most)
    return [(each.first, each.last, each.kind.value if each.kind else "") for each in found]


FILE = """\
    # about
    # it
    entity: A

    organization:
      table_code: '012031'

    fields:
      a: text
      # commented
      #   b: text

      c: {type: text,
          nullable: false}
      d: text
      # below
    description: |
      one

      two

    # region actions
    actions:
      - name: a   # x
        steps:
          - if: x
            then:
              - reject: y
      - name: b
    # endregion
"""


def test_blocks_comments_and_regions() -> None:
    assert folds(FILE) == [
        (0, 1, "comment"),
        (4, 5, ""),
        (7, 14, ""),
        (9, 10, "comment"),
        (12, 13, ""),
        (16, 19, ""),
        (21, 29, "region"),
        (22, 28, ""),
        (23, 27, ""),
        (24, 27, ""),
        (25, 27, ""),
        (26, 27, ""),
    ]


def test_carriage_returns_change_nothing() -> None:
    document = Document("file:///a.yaml", textwrap.dedent(FILE).replace("\n", "\r\n"), 1)
    found = [(each.first, each.last, each.kind.value if each.kind else "") for each in folding_ranges(document)]
    assert found == folds(FILE)


def test_a_client_that_takes_few_gets_the_outer_ones() -> None:
    assert folds(FILE, 4) == [(0, 1, "comment"), (4, 5, ""), (9, 10, "comment"), (21, 29, "region")]
    assert folds(FILE, 0) == []


def test_regions_in_regions_and_without_an_end() -> None:
    text = "entity: A\n#region a\n#region b\nschema: s\n#endregion b\n#endregion a\n#endregion\n#region c\n"
    assert folds(text) == [(1, 5, "region"), (2, 4, "region")]


def test_half_typed_text_keeps_what_is_around() -> None:
    text = "entity: A\nfields:\n  a: text\n  b\nactions:\n  - name: a\n    steps: [\n"
    assert folds(text) == [(1, 3, ""), (4, 6, ""), (5, 6, "")]


def test_several_documents() -> None:
    assert folds("entity: A\nfields:\n  a: text\n---\nentity: B\nfields:\n  b: text\n") == [(1, 2, ""), (5, 6, "")]


def test_files_of_others_have_none() -> None:
    assert folds("a:\n  b: c\n") == []


@pytest.mark.parametrize("path", [*ENTITIES, *KINDS, *ODD, *REGISTRIES], ids=lambda path: path.stem)
def test_ranges_of_real_files_are_in_the_file_and_in_each_other(path: Path) -> None:
    document = Document("file:///a.yaml", path.read_text(encoding="utf-8"), 1)
    ranges = folding_ranges(document)
    assert list(ranges) == sorted(ranges)
    assert len({each.first for each in ranges}) == len(ranges)
    blocks = [each for each in ranges if each.kind is not FoldingKind.REGION]
    for one in blocks:
        assert 0 <= one.first < one.last < document.lines.line_count
        for other in blocks:
            assert (
                other.last < one.first or other.first > one.last or one.last >= other.last or one.first >= other.first
            )
