"""What eglot shows of a SpecQL file: diagnostics, completion, hover, code actions; text beyond ASCII included."""

from __future__ import annotations

import itertools
from pathlib import Path

import psycopg
import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs

TICKET = "entities/crm/ticket.yaml"
EMOJI = "entity: Party  # 🎉🎉 Ünïcödé 🎉\n{key}schema: crm\nnote: '🎉🎉'\nfields:\n  guest: ref(Contact)\n"


def code_of(url: str, entity: str) -> str | None:
    """The code that PostgreSQL has for an entity."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = %s", [entity]
        ).fetchone()
    return row[0] if row else None


def goto(emacs: Emacs, text: str) -> None:
    """Puts the cursor behind the first occurrence of a text, as incremental search does."""
    emacs.type(f"\x1b<\x13{text}\r")
    wanted = f'(equal (buffer-substring-no-properties (max 1 (- (point) {len(text)})) (point)) "{text}")'
    emacs.until(lambda: emacs.here(wanted) is True, f"cursor behind {text}")


def complete(emacs: Emacs, expected: str) -> None:
    """Presses C-M-i, which completes at the cursor, until the text is there."""
    emacs.type_until(itertools.repeat("\x1b\t"), lambda: expected in emacs.text(), f"completion to {expected}")


def hover(emacs: Emacs, expected: str) -> None:
    """Moves the cursor in a name until eldoc shows something of it: eldoc asks once a place."""
    shown = '(if (buffer-live-p eldoc--doc-buffer) (with-current-buffer eldoc--doc-buffer (buffer-string)) "")'
    emacs.type_until(itertools.cycle(("\x02", "\x06")), lambda: expected in emacs.lisp(shown), f"hover with {expected}")


@pytest.mark.drives("diagnostics")
def test_diagnostics_are_squiggled(start: Start, workspace: Path) -> None:
    emacs = start()
    emacs.visit(workspace / "entities/crm/campaign.yaml")
    emacs.until(lambda: any("Did you mean crm?" in each for each in emacs.diagnostics()), "diagnostics")
    marked = (
        "(vconcat (mapcar (lambda (d) (buffer-substring-no-properties (flymake-diagnostic-beg d)"
        " (flymake-diagnostic-end d))) (flymake-diagnostics)))"
    )
    emacs.until(lambda: sorted(emacs.here(marked)) == ["'012041'", "crn"], "what is marked")
    goto(emacs, "crn")
    emacs.type("\x7fm")
    emacs.until(lambda: not any("named crn" in each for each in emacs.diagnostics()), "mended diagnostics")


def test_completion_is_accepted_as_it_is_shown(start: Start, workspace: Path) -> None:
    emacs = start()
    emacs.visit(workspace / TICKET)
    emacs.until(emacs.is_managed, "server")
    goto(emacs, "reporter: ref(Contact")
    emacs.type("\x7f" * 3)
    complete(emacs, "reporter: ref(Contact)\n")


@pytest.mark.drives("completion")
def test_a_type_is_completed(start: Start, workspace: Path) -> None:
    emacs = start()
    emacs.visit(workspace / TICKET)
    emacs.until(emacs.is_managed, "server")
    goto(emacs, "title: text!")
    emacs.type("\x7f" * len("text!"))
    emacs.type("dateti")
    complete(emacs, "title: datetime")


def test_completion_behind_emoji(start: Start, workspace: Path) -> None:
    file = workspace / "entities" / "crm" / "party.yaml"
    file.write_text(
        "entity: Party\nschema: crm\nfields: {note: 'text' , 🎉: text, who: ref(Conta)}\n", encoding="utf-8"
    )
    emacs = start()
    emacs.visit(file)
    emacs.until(emacs.is_managed, "server")
    goto(emacs, "ref(Conta")
    complete(emacs, "🎉: text, who: ref(Contact)}")


@pytest.mark.drives("hover")
@pytest.mark.parametrize(
    ("place", "expected"), [("ref(Conta", "012031"), ("repor", "fk_reporter INTEGER")], ids=["entity", "column"]
)
def test_hover_is_shown_by_eldoc(start: Start, workspace: Path, place: str, expected: str) -> None:
    emacs = start()
    emacs.visit(workspace / TICKET)
    emacs.until(emacs.is_managed, "server")
    goto(emacs, place)
    hover(emacs, expected)


@pytest.mark.drives("allocation")
def test_a_code_action_allocates_into_file_and_database(start: Start, workspace: Path, workspace_url: str) -> None:
    file = workspace / "entities" / "crm" / "party.yaml"
    file.write_text(EMOJI.format(key=""), encoding="utf-8")
    emacs = start(url=workspace_url)
    emacs.visit(file)
    emacs.until(lambda: "[PostgreSQL" in emacs.mode_line(), "PostgreSQL")
    emacs.until(lambda: any("missing-table-code" in each for each in emacs.diagnostics()), "hint")
    goto(emacs, "Party")
    emacs.command("eglot-code-actions", ("Pick an action", "Allocate a code in crm / support\t"))
    emacs.until(lambda: "table_code: '012042'" in emacs.text(), "code in the file")
    assert emacs.text().startswith("entity: Party  # 🎉🎉 Ünïcödé 🎉\n")
    assert "note: '🎉🎉'" in emacs.text()
    assert code_of(workspace_url, "Party") == "012042"
    emacs.type("\x18\x13")
    emacs.until(lambda: file.read_text(encoding="utf-8") == emacs.text(), "saved file")
