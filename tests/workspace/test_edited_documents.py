"""Documents made of the ones before an edit: what is parsed again, and what requests are answered from meanwhile."""

from __future__ import annotations

import pytest

from specql_lsp.syntax.nodes import path_at
from specql_lsp.workspace import documents
from specql_lsp.workspace.documents import Document

URI = "file:///workspace/entities/contact.yaml"
FIELDS = "".join(f"  field_{n}:\n    type: text\n" for n in range(50))
TEXT = f"entity: Contact\nschema: crm\nfields:\n{FIELDS}organization:\n  table_code: '012031'\n"


@pytest.fixture
def _every_text_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGE_LINES", 1)


def edited(document: Document, before: str, after: str) -> Document:
    """The document after one change."""
    start = document.text.index(before)
    lines = document.lines.edited(start, start + len(before), after)
    return document.edited(lines, None, is_registry=False)


def leaves(document: Document) -> set[int]:
    return {id(placed.section) for placed in document.tree.placed.leaves()}


def opened() -> Document:
    document = Document(URI, TEXT)
    assert not document.tree.has_problems
    return document


def test_a_text_that_was_broken_is_parsed_by_what_was_known_before() -> None:
    first = opened()
    known = leaves(first)
    broken = edited(first, "field_7:", "field_7")
    assert broken.tree.has_problems
    mended = edited(broken, "field_7\n", "field_seven:\n")
    assert mended.tree.is_edited
    assert len(leaves(mended) - known) == 1
    assert mended.tree.root == Document(URI, mended.text).tree.root


@pytest.mark.usefixtures("_every_text_is_large")
def test_a_large_text_is_ready_once_it_is_parsed_or_a_small_change_away() -> None:
    unread = Document(URI, TEXT)
    assert not unread.is_ready
    assert not unread.for_requests.is_specql
    first = opened()
    assert first.is_ready
    assert first.for_requests is first
    second = edited(first, "field_7:", "field_seven:")
    assert second.is_ready
    assert second.for_requests is second


@pytest.mark.usefixtures("_every_text_is_large")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("field_7:", "field_7"),
        ("  field_7:\n    type: text\n", '  field_7: "text\n'),
        ("  field_7:\n", "  field_7: [\n"),
        ("  field_7:\n", " field_7:\n"),
        ("  field_7:\n", "\tfield_7:\n"),
        ("entity: Contact", "entity: Contact\nplain"),
    ],
)
def test_requests_are_answered_from_the_last_tree_while_a_broken_text_waits(before: str, after: str) -> None:
    document = edited(opened(), before, after)
    assert not document.is_ready
    shown = document.for_requests
    assert "tree" not in document.__dict__
    assert shown is not document
    assert shown is document.for_requests
    assert shown.text == document.text
    assert shown.tree.has_problems
    entity = shown.entity
    assert entity is not None
    assert entity.code == "012031"
    code = entity.table_code
    assert code is not None
    assert document.text[code.span.start : code.span.end] == "'012031'"
    at = document.text.index("field_30")
    assert path_at(shown.tree.root, at).names == ("fields", "field_30")


@pytest.mark.usefixtures("_every_text_is_large")
def test_a_document_answers_for_itself_as_soon_as_it_is_parsed() -> None:
    document = edited(opened(), "field_7:", "field_7")
    assert document.for_requests is not document
    assert document.tree.has_problems
    assert document.is_ready
    assert document.for_requests is document


@pytest.mark.parametrize(
    ("before", "after"),
    [("entity: ", "# A comment\nentity: "), ("fields:", "fields: # é"), ("schema: crm\n", "")],
)
def test_what_other_files_may_know_of_an_edited_text(before: str, after: str) -> None:
    document = edited(opened(), before, after)
    for _ in range(2):
        fresh = Document(URI, document.text)
        assert list(document.lines.line_starts) == list(fresh.lines.line_starts)
        assert document.summary == fresh.summary
        document = edited(document, "  field_9:", "  # Two\n  # lines\n  field_9:")
