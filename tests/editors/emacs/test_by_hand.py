"""What is done to files by hand: an entity renamed in its file, a merge conflict in the registry YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.test_commands import said
from tests.editors.emacs.test_language import TICKET, code_of, goto
from tests.editors.merging import CONFLICT, leave_conflict
from tests.support.workspaces import REGISTRY


@pytest.mark.drives("renamed-by-hand")
def test_a_renamed_entity_is_recognised(start: Start, workspace: Path, workspace_url: str) -> None:
    emacs = start(url=workspace_url)
    emacs.visit(workspace / "entities/crm/company.yaml")
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    goto(emacs, "entity: Company")
    emacs.type("\x1b\x7fFirm")
    emacs.until(lambda: emacs.text().startswith("entity: Firm\n"), "the new name")
    title = "Rename Company to Firm in the registry (keeps 012032)"
    titles = "(vconcat (mapcar (lambda (each) (plist-get each :title)) (eglot-code-actions (point) (point))))"
    emacs.until(lambda: emacs.here(titles)[:1] == [title], "the action, first of all")
    emacs.command("eglot-code-actions", (f"Pick an action (default {title})", ""))
    emacs.until(lambda: code_of(workspace_url, "Firm") == "012032", "the registration")
    assert code_of(workspace_url, "Company") is None


@pytest.mark.drives("conflicts")
def test_a_conflict_is_one_finding_and_withholds_the_codes_of_both_sides(
    start: Start, workspace: Path, workspace_url: str
) -> None:
    leave_conflict(workspace)
    emacs = start(url=workspace_url)
    emacs.visit(workspace / REGISTRY)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    emacs.until(lambda: any(CONFLICT in each for each in emacs.diagnostics()), "the conflict")
    assert len([each for each in emacs.diagnostics() if "conflict" in each]) == 1
    emacs.command("specql-check-consistency")
    said(emacs, "cannot be compared", "has an unresolved merge conflict (line 50): resolve it.")
    emacs.visit(workspace / TICKET)
    emacs.until(emacs.is_managed, "server")
    emacs.command("specql-allocate-code", ("Domain", "2\t"), ("Subdomain", "04\t"))
    said(emacs, "Ticket has the code 012044")
    assert code_of(workspace_url, "Ticket") == "012044"
