"""Patterns in a real Emacs: found by a command, and their own files checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.test_language import TICKET
from tests.registry.pattern_library import create_library

PATTERN = "stdlib/actions/crm/close.yaml"


@pytest.mark.drives("catalogs")
def test_patterns_are_found(start: Start, workspace: Path, workspace_url: str) -> None:
    create_library(workspace_url)
    (workspace / PATTERN).parent.mkdir(parents=True)
    (workspace / PATTERN).write_text("pattern: crm/close\ndescription: Closes it\ntemplate: 'steps: []'\n")
    emacs = start(url=workspace_url)
    emacs.visit(workspace / TICKET)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    emacs.command("specql-find-pattern", ("Entry", "old_app\t"))
    shown = '(if (get-buffer "*SpecQL catalog*") (with-current-buffer "*SpecQL catalog*" (buffer-string)) "")'
    emacs.until(lambda: "Deprecated, use approval_workflow: has one level only" in emacs.lisp(shown), "what it is")
    emacs.command("specql-find-pattern", ("Entry", "crm/clo\t"))
    emacs.until(lambda: emacs.here("buffer-file-name") == str(workspace / PATTERN), "the pattern's file")
    emacs.until(lambda: any("no version" in each for each in emacs.diagnostics()), "its finding")
    emacs.visit(workspace / TICKET)
    emacs.command("specql-find-in-catalog", ("Catalog", "Patt\t"), ("Entry", "crm/clo\t"))
    emacs.until(lambda: emacs.here("buffer-file-name") == str(workspace / PATTERN), "the pattern's file again")
