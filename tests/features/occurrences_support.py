"""What tests of occurrences share: from each place of a name the others are found, in every file.

Marks: ``def`` the definition, ``ref`` what reads, ``set`` what writes.
"""

from __future__ import annotations

from specql_lsp.features.document_highlight import document_highlight
from specql_lsp.features.occurrences import Access, occurrences
from specql_lsp.semantics.classify import classify
from specql_lsp.workspace.documents import Document
from tests.features.workspace_snippets import FOLDER, Workspace, at, spot, workspace

MARKS = {"def": Access.DEFINITION, "ref": Access.READ, "set": Access.WRITE}


def check_occurrences(snippet: str) -> None:
    """From each of the marked places, all of them are found, with and without reading every file."""
    it = workspace(snippet)
    expected = {mark.place: MARKS[mark.name] for mark in it.marks if mark.name in MARKS}
    assert expected
    for mark in it.marks:
        if mark.name not in MARKS:
            continue
        document = it.document(mark.path)
        offset = document.lines.line_starts[mark.line] + mark.start
        symbol = classify(document, offset)
        assert symbol is not None, mark
        for whole in (False, True):
            found = list(occurrences(it.analysis(), document, symbol, read=it.read, whole=whole))
            assert {spot(each.place): each.access for each in found} == expected, (mark, whole)
            assert len(found) == len(expected)
            if whole:
                for each in found:
                    assert each.document is not None
                    assert each.symbol is not None
                    assert (each.document.uri, each.symbol.span) == (each.place.uri, each.place.span)
                    assert each.written == each.document.text[slice(*each.place.span)]
        _check_highlights(it, document, offset, expected)


def _check_highlights(
    it: Workspace, document: Document, offset: int, expected: dict[tuple[str, int, int, int], Access]
) -> None:
    path = document.uri.removeprefix(FOLDER)
    found = document_highlight(it.analysis(), document, offset)
    assert [((path, *at(document, *each.span)), each.writes) for each in found] == sorted(
        (place, access is not Access.READ) for place, access in expected.items() if place[0] == path
    )
