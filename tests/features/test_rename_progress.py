"""How far the edits of a rename have come in a text, and their inverse: for texts of any kind."""

from __future__ import annotations

import random

import pytest

from specql_lsp.features.rename.model import ChangeGroup, FileEdits, FileMove, RenamePlan
from specql_lsp.features.rename.progress import Progress, progress
from specql_lsp.features.rename.undo import undone
from specql_lsp.syntax.editing.text_edit import TextEdit, apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document
from tests.support.effort import SEED, times

URI, MOVED = "file:///w/contact.yaml", "file:///w/person.yaml"


def file_of(text: str, *edits: TextEdit) -> FileEdits:
    return FileEdits(Document(URI, text, 3), edits, ChangeGroup.OWN_FILE)


def any_file(chosen: random.Random) -> FileEdits:
    """A file of few letters, so that texts are alike in many ways; its edits change the text, as those of a plan do."""
    while True:
        file = any_edits(chosen)
        if file.new_text != file.document.text:
            return file


def any_edits(chosen: random.Random) -> FileEdits:
    text = "".join(chosen.choice("ab\n") for _ in range(chosen.randrange(4, 40)))
    bounds = sorted(chosen.sample(range(len(text) + 1), 2 * chosen.randrange(1, min(4, len(text) // 2))))
    spans = (Span(start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True))
    return file_of(text, *(TextEdit(span, "".join(chosen.choice("ab") for _ in range(3))) for span in spans))


@pytest.mark.parametrize("number", range(times(200)))
def test_any_of_the_edits(number: int) -> None:
    chosen = random.Random(SEED + number)
    file = any_file(chosen)
    some = [edit for edit in file.edits if chosen.random() < 0.5]
    text = apply(file.document.text, some)
    known = {file.document.text: Progress.NONE, file.new_text: Progress.ALL}
    assert progress(file, text) is known.get(text, Progress.SOME)
    assert progress(file, text + "c") is Progress.OTHER
    assert progress(file, "c" + text) is Progress.OTHER


@pytest.mark.parametrize("number", range(times(100)))
def test_the_inverse_gives_the_text_of_before(number: int) -> None:
    file = any_file(random.Random(SEED + number))
    plan = RenamePlan("Old", "New", (file,))
    now = Document(URI, file.new_text, 4)
    back, changed = undone(plan, {URI: now}.get)
    assert (back.old, back.new, changed) == ("New", "Old", [])
    (inverse,) = back.files
    assert inverse.document is now
    assert inverse.new_text == file.document.text


def test_what_has_been_changed_since_is_left_alone() -> None:
    file = file_of("entity: Contact\n", TextEdit(Span(8, 15), "Person"))
    plan = RenamePlan("Contact", "Person", (file,), FileMove(URI, MOVED))
    moved = Document(MOVED, "entity: Person\n", 1)
    back, changed = undone(plan, {MOVED: moved}.get)
    assert (back.move, changed) == (FileMove(MOVED, URI), [])
    assert back.files[0].document is moved
    typed = Document(MOVED, "entity: Person\n# more\n", 2)
    back, changed = undone(plan, {MOVED: typed}.get)
    assert (back.files, changed) == ((), ["contact.yaml"])
    back, changed = undone(plan, {URI: Document(URI, "entity: Contact\n")}.get)
    assert (back.files, back.move, changed) == ((), None, [])


def test_a_long_text_is_compared_once() -> None:
    text = "ref(Contact) " * 20_000
    edits = (TextEdit(Span(at * 13 + 4, at * 13 + 11), "Person") for at in range(20_000))
    file = file_of(text, *edits)
    half = apply(text, file.edits[:10_000])
    assert progress(file, half) is Progress.SOME
    assert progress(file, half + "x") is Progress.OTHER
