"""Codes for the files that are marked in Dired, in a real Emacs."""

from __future__ import annotations

from pathlib import Path

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.test_commands import said
from tests.editors.emacs.test_corrections import asked, begin
from tests.editors.emacs.test_language import TICKET, code_of


def test_the_marked_files_get_codes(start: Start, workspace: Path, workspace_url: str) -> None:
    folder = workspace / "entities" / "crm"
    for name, entity in (("visit", "CustomerVisit"), ("call", "SupportCall"), ("trip", "CustomerTrip")):
        (folder / f"{name}.yaml").write_text(f"entity: {entity}\nschema: crm\n", encoding="utf-8")
    emacs = start(url=workspace_url)
    emacs.visit(workspace / TICKET)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    emacs.everything_read()
    emacs.here(f'(progn (dired "{folder}") t)')
    emacs.until(lambda: emacs.here("major-mode") == "dired-mode", "the folder")
    for name in ("visit", "call"):
        emacs.here(f'(progn (dired-goto-file "{folder}/{name}.yaml") (dired-mark 1) t)')
    begin(emacs, "specql-allocate-missing")
    asked(emacs, "Allocate 2 codes", "y")
    said(emacs, "2 allocated, 0 not")
    assert (code_of(workspace_url, "SupportCall"), code_of(workspace_url, "CustomerTrip")) == ("012012", None)
    emacs.until(lambda: "'012012'" in (folder / "call.yaml").read_text(encoding="utf-8"), "the code in the file")
