"""The language of entity files in a real Emacs: types complete, a field shows its column, what is wrong is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_language import complete, goto, hover

TEXT = """\
entity: Voucher
schema: crm
fields:
  email: email!
  seen: timestamp
  page: markd
  state:
    type: enum(open, closed)
    required: true
actions:
  - name: close
    steps:
      - validate: stat
"""


@pytest.fixture
def voucher(workspace: Path) -> Path:
    """An entity with a wrong type, a key that SpecQL does not read, and names that are not written to their end."""
    file = workspace / "entities" / "crm" / "voucher.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def managed(start: Start, file: Path) -> Emacs:
    """An Emacs that shows a file, with its server."""
    emacs = start()
    emacs.visit(file)
    emacs.until(emacs.is_managed, "server")
    return emacs


def test_a_field_of_an_expression_is_completed(start: Start, voucher: Path) -> None:
    emacs = managed(start, voucher)
    goto(emacs, "validate: stat")
    complete(emacs, "      - validate: state\n")


@pytest.mark.drives("completion")
def test_types_are_completed(start: Start, voucher: Path) -> None:
    emacs = managed(start, voucher)
    goto(emacs, "page: markd")
    complete(emacs, "  page: markdown\n")
    assert emacs.text() == TEXT.replace("page: markd\n", "page: markdown\n")


@pytest.mark.drives("hover")
def test_a_field_shows_its_column(start: Start, voucher: Path) -> None:
    emacs = managed(start, voucher)
    goto(emacs, "  ema")
    hover(emacs, "email TEXT NOT NULL")


@pytest.mark.drives("fixes")
def test_an_unknown_type_is_changed_by_a_code_action(start: Start, voucher: Path) -> None:
    emacs = managed(start, voucher)
    emacs.until(lambda: any("[unknown-type]: timestamp is no type" in each for each in emacs.diagnostics()), "warning")
    goto(emacs, "seen: time")
    emacs.command("eglot-code-actions", ("Pick an action", "Change to datetime\t"))
    emacs.until(lambda: "  seen: datetime\n" in emacs.text(), "the type that was meant")
    assert emacs.text() == TEXT.replace("timestamp", "datetime")
    emacs.until(lambda: not any("timestamp" in each for each in emacs.diagnostics()), "the end of the warning")
