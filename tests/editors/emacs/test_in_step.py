"""PostgreSQL and the registry YAML in step, in a real Emacs: an allocated code, many differences at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.differing import differ
from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_language import TICKET
from tests.support.workspaces import REGISTRY

ALWAYS = """(setq-default eglot-workspace-configuration '(:specql (:registry (:updateYaml "always"))))"""


def opened(start: Start, workspace: Path, url: str, **more: str) -> Emacs:
    """An Emacs on the ticket's file, with PostgreSQL."""
    emacs = start(url=url, **more)
    emacs.visit(workspace / TICKET)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    return emacs


def allocate(emacs: Emacs) -> None:
    emacs.command("specql-allocate-code", ("Domain", ""), ("Subdomain", "04\t"))
    emacs.until(lambda: "Ticket has the code 012042" in emacs.messages(), "the code")


def test_what_is_allocated_is_informed_of_once(start: Start, workspace: Path, workspace_url: str) -> None:
    emacs = opened(start, workspace, workspace_url)
    allocate(emacs)
    said = "1 code is not in the YAML yet. With registry.updateYaml always the editor puts them into it."
    emacs.until(lambda: said in emacs.messages(), "the message")
    assert "differ in" not in emacs.messages()


@pytest.mark.drives("in-step")
def test_what_is_allocated_is_always_added(start: Start, workspace: Path, workspace_url: str) -> None:
    emacs = opened(start, workspace, workspace_url, init=ALWAYS)
    allocate(emacs)
    # No buffer visits the registry: it is edited without a question, and saved.
    emacs.until(lambda: "          Ticket:" in (workspace / REGISTRY).read_text(encoding="utf-8"), "the YAML")
    emacs.visit(workspace / REGISTRY)
    emacs.command("specql-register-subdomain", ("Domain", "4\t"), ("Number", "0B"), ("Name", "plans"), ("Descr", ""))
    emacs.until(lambda: "name: plans" in emacs.text(), "the subdomain in the buffer")
    assert "differ in" not in emacs.messages() and "not in the YAML" not in emacs.messages()


@pytest.mark.drives("in-step")
def test_the_file_is_brought_up_to_date_by_a_code_action(start: Start, workspace: Path, workspace_url: str) -> None:
    emacs = opened(start, workspace, workspace_url)
    differ(workspace_url)
    emacs.visit(workspace / REGISTRY)
    emacs.command("specql-refresh")
    emacs.until(lambda: "16" in emacs.mode_line(), "the differences")
    emacs.command("eglot-code-actions", ("Pick an action", "Bring the file up to date with PostgreSQL\t"))
    emacs.until(lambda: "area_9" in emacs.text() and "Thing3:" in emacs.text(), "what PostgreSQL holds")


@pytest.mark.drives("drift")
def test_many_changes_are_listed_in_full_before_they_are_made(
    start: Start, workspace: Path, workspace_url: str
) -> None:
    emacs = opened(start, workspace, workspace_url)
    differ(workspace_url)
    emacs.command("specql-keep-all", ("Keep all of", "Only in PostgreSQL\t"), ("Which side", "Keep PostgreSQL\t"))
    emacs.until(lambda: "… and 1 more, in *SpecQL changes*" in emacs.prompt(), "the question")
    shown = emacs.lisp('(with-current-buffer "*SpecQL changes*" (buffer-string))').splitlines()
    assert (len(shown), shown[0], shown[-1]) == (
        16,
        "Thing3  011013 · core / accounts · added",
        "area_9  subdomain 29 · crm · added",
    )
    emacs.answer("Write 16 to the registry YAML", "yes")
    emacs.until(lambda: "Thing3:" in (workspace / REGISTRY).read_text(encoding="utf-8"), "the saved YAML")
