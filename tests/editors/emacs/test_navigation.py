"""Going anywhere, renaming and formatting by eglot: xref, eglot-rename, imenu, eglot-format."""

from __future__ import annotations

from pathlib import Path

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


def test_xref_leads_to_the_entity(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "ref(Comp")
    emacs.type("\x1b.")
    emacs.until(lambda: str(emacs.here("(buffer-file-name)")).endswith("company.yaml"), "the entity's file")


def test_xref_lists_the_references(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "entity: Cont")
    emacs.type("\x1b?")
    emacs.until(lambda: "ticket.yaml" in str(emacs.lisp(XREF)), "the list of references")


XREF = '(let ((found (get-buffer "*xref*"))) (if found (with-current-buffer found (buffer-string)) ""))'


def test_rename_of_a_field_with_its_uses(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "  status")
    emacs.here('(eglot-rename "stage")')
    emacs.until(lambda: "  stage: enum(lead, customer, former) = lead" in emacs.text(), "the field's new name")
    assert "validate: stage = 'lead'" in emacs.text()
    assert "SET stage = 'customer'" in emacs.text()


def test_imenu_has_the_fields(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    index = str(emacs.here('(format "%S" (funcall imenu-create-index-function))'))
    assert "first_name" in index
    assert "make_customer" in index


def test_formatting(start: Start, workspace: Path) -> None:
    emacs = opened(start, workspace)
    goto(emacs, "first_name: text")
    emacs.type("   ")
    emacs.until(lambda: "first_name: text   \n" in emacs.text(), "blanks at the end of a line")
    emacs.here("(eglot-format-buffer)")
    emacs.until(lambda: "first_name: text\n" in emacs.text(), "the line without them")
