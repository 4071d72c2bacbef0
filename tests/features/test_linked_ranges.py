"""The names of an anchor and of its aliases, which an editor changes together."""

from __future__ import annotations

import pytest

from specql_lsp.features.linked_ranges import linked_ranges
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

TEXT = """\
entity: A
fields:
  a: &one {type: text}
  b: *one
  c: &two text
  d: {<<: *one, description: "&one *one"}
  e: &one integer
  f: *one
"""


def linked(text: str, offset: int) -> list[int]:
    """The lines of the names."""
    document = Document("file:///workspace/a.yaml", text, 1)
    spans = linked_ranges(document, offset)
    assert len({text[start:end] for start, end in spans}) <= 1
    assert all(text[start - 1] in "&*" for start, _ in spans)
    return [document.lines.line_of(span.start) for span in spans]


@pytest.mark.parametrize("mark", ["&one {", "*one\n  c", "*one, "])
@pytest.mark.parametrize("inside", [1, 2, 4])
def test_an_anchor_and_its_aliases(mark: str, inside: int) -> None:
    assert linked(TEXT, TEXT.index(mark) + inside) == [2, 3, 5]


def test_an_anchor_of_the_same_name_further_down_is_another() -> None:
    assert linked(TEXT, TEXT.index("&one integer") + 2) == [6, 7]
    assert linked(TEXT, TEXT.rindex("*one") + 2) == [6, 7]


@pytest.mark.parametrize("text", ["&two", "entity", "text}", '&one *one"', '*one"}'])
def test_what_is_linked_to_nothing(text: str) -> None:
    assert linked(TEXT, TEXT.index(text) + 2) == []


def test_a_document_has_its_own_anchors() -> None:
    text = "entity: A\nx: &a 1\ny: *a\n---\nentity: B\nx: &a 1\ny: *a\n"
    assert linked(text, text.index("*a") + 1) == [1, 2]
    assert linked(text, text.rindex("*a") + 1) == [5, 6]


def test_text_that_is_broken_further_down() -> None:
    text = "entity: A\nx: &a 1\ny: *a\nz: {\n"
    assert linked(text, text.index("*a") + 1) == [1, 2]


def test_text_that_is_broken_between_an_anchor_and_its_aliases() -> None:
    text = "entity: A\nfields:\n  x: &a {type: text}\n  new_na\n  y: *a\nlater: *a\n"
    assert linked(text, text.index("&a") + 1) == [2, 4, 5]
    assert linked(text, text.rindex("*a") + 1) == [2, 4, 5]
    block = "entity: A\nfields:\n  x: &a {type: text}\n  new_na\n  y: *a\ndescription: |\n  *a\n"
    assert linked(block, block.index("&a") + 1) == [2, 4]


def test_while_a_name_is_typed_it_is_linked_to_nothing() -> None:
    assert linked_ranges(Document("file:///a.yaml", "entity: A\nx: & 1\n", 1), 14) == ()


def test_the_registry_has_them_and_files_of_others_have_none() -> None:
    text = "domains: {'1': &a {name: b}, '2': *a}\n"
    registry = Document("file:///r.yaml", text, 1, is_registry=True)
    assert linked_ranges(registry, 16) == (Span(16, 17), Span(35, 36))
    assert linked_ranges(Document("file:///a.yaml", text, 1), 16) == ()
