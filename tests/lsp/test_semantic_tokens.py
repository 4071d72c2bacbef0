"""Semantic tokens as integers: whatever is edited, in every encoding, as a whole, as a delta and of a range."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable
from typing import Any

import pytest

from specql_lsp.features.semantic_tokens.pieces import EnumValues, token_pieces
from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.lsp.convert.semantic_tokens import edits as token_edits
from specql_lsp.lsp.convert.semantic_tokens import encoded, within_lines
from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.semantic_token_results import SemanticTokenResults
from specql_lsp.syntax.text import LineIndex, Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.corpus import ENTITIES, KINDS, ODD, REGISTRIES
from tests.support.effort import SEED, times
from tests.syntax.random_edits import edits

pytestmark = pytest.mark.sweep

TEXTS = [path.read_text(encoding="utf-8") for path in (*ENTITIES, *KINDS, *ODD, *REGISTRIES)]
SHORT = [text for text in TEXTS if len(text) < 20_000]


def tokens(document: Document, encoding: Encoding = Encoding.UTF16, within: Span | None = None) -> Any:
    summary = summarize(document)
    found: Iterable[FileSummary] = [summary] if summary is not None else []
    values = EnumValues(Analysis(index=WorkspaceIndex(found)), document)
    return encoded(token_pieces(document, within), document.text, values, encoding, says_deprecated=True)


def placed(data: Any) -> list[tuple[int, int, int, int, int]]:
    """Tokens with their line and character: line, character, length, type, modifiers."""
    found: list[tuple[int, int, int, int, int]] = []
    line = column = 0
    for index in range(0, len(data), 5):
        down, right, length, kind, modifiers = data[index : index + 5]
        line, column = line + down, right if down else column + right
        found.append((line, column, length, kind, modifiers))
    return found


@pytest.mark.parametrize("text", SHORT[: times(60)], ids=lambda text: str(len(text)))
def test_tokens_are_in_order_in_their_lines_and_apart(text: str) -> None:
    document = Document("file:///a.yaml", text)
    for encoding in Encoding:
        end: tuple[int, int] = (0, 0)
        for line, column, length, _, _ in placed(tokens(document, encoding)):
            assert length > 0
            assert (line, column) >= end
            end = (line, column + length)
            assert end[1] <= encoding.units(document.lines.line_text(line))


def test_an_edited_document_has_the_tokens_of_its_text() -> None:
    chance = random.Random(SEED)
    for _ in range(times(25)):
        before = Document("file:///a.yaml", chance.choice(SHORT))
        data = tokens(before)
        for text in edits(before.text, 8, chance, SHORT):
            after = before.edited(LineIndex(text), None, is_registry=False)
            fresh = tokens(Document("file:///a.yaml", text))
            assert placed(tokens(after)) == placed(fresh), repr((before.text, text))
            applied = array("I", data)
            for edit in token_edits(data, fresh):
                applied[edit["start"] : edit["start"] + edit["deleteCount"]] = array("I", edit["data"])
            assert applied == fresh
            before, data = after, fresh


def test_a_range_has_the_tokens_on_its_lines() -> None:
    chance = random.Random(SEED)
    for _ in range(times(60)):
        document = Document("file:///a.yaml", chance.choice(SHORT))
        first, last = sorted(chance.randrange(document.lines.line_count) for _ in range(2))
        within = Span(document.lines.line_start(first), document.lines.line_span(last).end)
        found = placed(within_lines(tokens(document, within=within), first, last))
        assert found == [token for token in placed(tokens(document)) if first <= token[0] <= last]


def test_an_edit_has_its_section_and_the_heads_around_it_converted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from specql_lsp.lsp.convert import semantic_tokens

    fields = "".join(f"  field_{number}: text\n" for number in range(1000))
    before = Document("file:///a.yaml", f"entity: A\nfields:\n{fields}")
    data = tokens(before)
    worked_out: list[str] = []
    convert = semantic_tokens._chunk
    monkeypatch.setattr(
        semantic_tokens, "_chunk", lambda text, *rest, **named: worked_out.append(text) or convert(text, *rest, **named)
    )
    text = before.text.replace("field_500: text", "field_500: ref(A)")
    after = before.edited(LineIndex(text), None, is_registry=False)
    changed = tokens(after)
    assert worked_out == ["fields:\n", "  field_500: ref(A)\n"]
    [edit] = token_edits(data, changed)
    assert len(edit["data"]) <= 15


def test_the_results_that_the_client_has() -> None:
    results = SemanticTokenResults()
    first = results.put("a", array("I", [1]))
    assert results.get("a", first.id) == first
    second = results.put("a", array("I", [2]))
    assert results.get("a", first.id) is None
    results.forget("a")
    assert results.get("a", second.id) is None
