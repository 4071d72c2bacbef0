"""Many codes at once, and corrections of registrations, typed with M-x, against a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_commands import said
from tests.editors.emacs.test_language import TICKET, code_of

VISIT = "entities/crm/visit.yaml"


@pytest.fixture
def emacs(start: Start, workspace: Path, workspace_url: str) -> Emacs:
    """An Emacs on the ticket's file, with PostgreSQL, where another file has no code either."""
    (workspace / VISIT).write_text("entity: CustomerVisit\nschema: crm\n", encoding="utf-8")
    found = start(url=workspace_url)
    found.visit(workspace / TICKET)
    found.until(lambda: "[PostgreSQL]" in found.mode_line(), "PostgreSQL")
    found.everything_read()
    return found


def asked(emacs: Emacs, question: str, key: str) -> None:
    """Answers a question of one key."""
    emacs.until(lambda: question in emacs.prompt(), f"question {question!r}")
    emacs.type(key)
    emacs.until(lambda: question not in emacs.prompt(), f"end of the question {question!r}")


def begin(emacs: Emacs, command: str) -> None:
    emacs.until(lambda: emacs.lisp("(minibuffer-depth)") == 0, "the minibuffer to be free")
    emacs.type("\x1bx")
    emacs.answer("M-x", command)


@pytest.mark.drives("missing-codes", "corrections")
def test_missing_codes_and_corrections(emacs: Emacs, workspace: Path, workspace_url: str) -> None:
    visit = workspace / VISIT
    begin(emacs, "specql-allocate-missing")
    emacs.until(lambda: "Allocate" in emacs.prompt(), "the question")
    shown = '(with-current-buffer "*SpecQL missing codes*" (buffer-string))'
    assert "CustomerVisit  crm / customer" in emacs.lisp(shown)
    assert code_of(workspace_url, "CustomerVisit") is None
    asked(emacs, "Allocate", "y")
    said(emacs, "allocated, ")
    code = code_of(workspace_url, "CustomerVisit")
    assert code is not None and code.startswith("01203")
    emacs.until(lambda: f"'{code}'" in visit.read_text(encoding="utf-8"), "the code in the file")

    begin(emacs, "specql-move-registration")
    emacs.answer("Entity", "Contact\t")
    emacs.answer("Subdomain", "01\t")
    asked(emacs, "Move Contact to core: 012012 instead of 012031, in 1 file, too", "y")
    said(emacs, "Contact has the code 012012 now")
    assert code_of(workspace_url, "Contact") == "012012"
    contact = workspace / "entities/crm/contact.yaml"
    emacs.until(lambda: "'012012'" in contact.read_text(encoding="utf-8"), "the code in the file")

    begin(emacs, "specql-rename-registration")
    emacs.answer("Entity", "Organization\t")
    emacs.answer("New name", "Firm")
    asked(emacs, "Rename Organization to Firm in the registry; it keeps 012011", "y")
    said(emacs, "Organization is Firm now")
    begin(emacs, "specql-release-code")
    emacs.answer("Entity", "Firm\t")
    asked(emacs, "Take the registration of Firm back, so that 012011 is free again", "n")
    assert code_of(workspace_url, "Firm") == "012011"
    begin(emacs, "specql-release-code")
    emacs.answer("Entity", "Firm\t")
    asked(emacs, "Take the registration of Firm back", "y")
    # The question says that it is free again, too.
    emacs.until(lambda: code_of(workspace_url, "Firm") is None, "the release")
    said(emacs, "012011 is free again")


@pytest.mark.drives("browse")
def test_finding_an_entity_by_its_code(emacs: Emacs, workspace: Path) -> None:
    emacs.command("specql-find-entity", ("Entity", "012032\t"))
    emacs.until(lambda: emacs.here("buffer-file-name") == str(workspace / "entities/crm/company.yaml"), "its file")
