"""``eglot-rename`` in Emacs: the edit of several files, and the registration that follows."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.editors.emacs.conftest import Start

CONTACT = "entities/crm/contact.yaml"


def registered(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT entity_name FROM specql_registry.tb_entity_registration WHERE table_code = '012031'"
        )
        return [name for (name,) in rows]


@pytest.mark.drives("rename")
def test_an_entity_and_its_registration(start: Start, workspace: Path, workspace_url: str) -> None:
    emacs = start(url=workspace_url)
    emacs.visit(workspace / CONTACT)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    emacs.lisp("(set-window-point (frame-selected-window) 10)")
    emacs.type("\x1bx")
    emacs.answer("M-x", "eglot-rename")
    emacs.answer("Rename", "Person")
    emacs.until(lambda: "wants to edit" in emacs.prompt(), "the question whether other files may be edited")
    assert registered(workspace_url) == ["Contact"]
    emacs.type("y")
    emacs.until(lambda: emacs.text().startswith("entity: Person\n"), "the edit")
    emacs.until(lambda: registered(workspace_url) == ["Person"], "the registration")
    emacs.here("(save-some-buffers t)")
    emacs.until(lambda: "ref(Person)" in (workspace / "entities/crm/ticket.yaml").read_text(), "the other file")
    assert "Person:" in (workspace / "registry/domain_registry.yaml").read_text()
