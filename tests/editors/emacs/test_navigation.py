"""Going anywhere, renaming and formatting by eglot: xref, eglot-rename, imenu, eglot-format."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_language import goto

CONTACT = "entities/crm/contact.yaml"


def opened(start: Start, workspace: Path) -> Emacs:
    """Emacs with a file open, once every other file is known, too."""
    emacs = start()
    emacs.visit(workspace / CONTACT)
    emacs.until(lambda: any("012031" in each for each in emacs.diagnostics()), "what other files say")
    return emacs


@pytest.mark.drives("definition")
def test_xref_leads_to_the_entity(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "ref(Comp")
    emacs.type("\x1b.")
    emacs.until(lambda: str(emacs.here("(buffer-file-name)")).endswith("company.yaml"), "the entity's file")


@pytest.mark.drives("references")
def test_xref_lists_the_references(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "entity: Cont")
    emacs.type("\x1b?")
    emacs.until(lambda: "ticket.yaml" in str(emacs.lisp(XREF)), "the list of references")


XREF = '(let ((found (get-buffer "*xref*"))) (if found (with-current-buffer found (buffer-string)) ""))'


@pytest.mark.drives("rename")
def test_rename_of_a_field_with_its_uses(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "  status")
    emacs.here('(eglot-rename "stage")')
    emacs.until(lambda: "  stage: enum(lead, customer, former) = lead" in emacs.text(), "the field's new name")
    assert "validate: stage = 'lead'" in emacs.text()
    assert "SET stage = 'customer'" in emacs.text()


@pytest.mark.drives("outline")
def test_imenu_has_the_fields(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    index = str(emacs.here('(format "%S" (funcall imenu-create-index-function))'))
    assert "first_name" in index
    assert "make_customer" in index


@pytest.mark.drives("format")
def test_formatting(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "first_name: text")
    emacs.type("   ")
    emacs.until(lambda: "first_name: text   \n" in emacs.text(), "blanks at the end of a line")
    emacs.here("(eglot-format-buffer)")
    emacs.until(lambda: "first_name: text\n" in emacs.text(), "the line without them")


@pytest.mark.drives("type-definition")
def test_the_entity_that_a_field_refers_to(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "company: ref")
    emacs.type("\x1bb\x1bb")
    emacs.command("eglot-find-typeDefinition")
    emacs.until(lambda: "company.yaml" in str(emacs.lisp(XREF)), "the entity's place")


@pytest.mark.drives("workspace-symbols")
def test_xref_finds_the_symbols_of_all_files(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    emacs.command("xref-find-apropos", ("pattern", "Tick"))
    emacs.until(
        lambda: "ticket.yaml" in str(emacs.here("(or (buffer-file-name) (buffer-string))")), "the entity or its place"
    )


@pytest.mark.drives("highlights")
def test_the_uses_of_a_name_are_highlighted(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "  status")
    emacs.type("\x02")

    looks = itertools.count()

    def highlighted() -> bool:
        """eglot asks with eldoc, once at a place, when nothing is typed: the cursor moves in the name now and then."""
        if next(looks) % MOVED == 0:
            emacs.type("\x02\x06")
        return list(emacs.here(HIGHLIGHTS)) == ["status", "status", "status"]

    emacs.until(highlighted, "the highlights")


MOVED = 40
"""After so many looks without highlights the cursor moves again."""
HIGHLIGHTS = (
    "(vconcat (mapcar (lambda (o) (buffer-substring-no-properties (overlay-start o) (overlay-end o)))"
    " (seq-filter (lambda (o) (eq (overlay-get o 'face) 'eglot-highlight-symbol-face))"
    " (overlays-in (point-min) (point-max)))))"
)


@pytest.mark.drives("format-selection", "format-on-type")
def test_lines_and_what_is_typed_are_formatted(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "first_name: text")
    emacs.type("   ")
    goto(emacs, "last_name: text!")
    emacs.type("   ")
    emacs.until(lambda: "last_name: text!   \n" in emacs.text(), "blanks at the ends of lines")
    emacs.here("(eglot-format (line-beginning-position) (line-end-position))")
    emacs.until(lambda: "last_name: text!\n" in emacs.text(), "the line without them")
    assert "first_name: text   \n" in emacs.text()
    goto(emacs, "- validate: status = 'lead'")
    emacs.type("\r")
    emacs.until(lambda: "'lead'\n        \n" in emacs.text(), "the indentation of the line")
