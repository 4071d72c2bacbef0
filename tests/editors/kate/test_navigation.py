"""Going anywhere, renaming and formatting in a real Kate, by the keys and the menu of its LSP client."""

from __future__ import annotations

import pytest

from tests.editors.kate.conftest import Start

CONTACT = "entities/crm/contact.yaml"
TO_COMPANY = ("Escape", "ctrl+Home", *["Down"] * 12, "End", "Left")
"""Keys to the end of the name in ``ref(Company)``."""
TO_STATUS = ("Escape", "ctrl+Home", *["Down"] * 13, "Home", "Right")
"""Keys into the name of the field below it."""


@pytest.mark.drives("selection", "rename", "format", "references", "highlights", "definition")
def test_a_name_is_selected_renamed_formatted_and_followed(start: Start) -> None:
    kate = start(CONTACT)
    kate.until(lambda: "table-code-taken" in kate.diagnostics(), "what other files say")

    kate.keys(*TO_COMPANY, "ctrl+2")
    kate.until(lambda: kate.answers("textDocument/selectionRange"), "what a selection grows to")

    def replaced() -> bool:
        """Types over the selection; while Kate has not made it, the text is put behind the name and taken back."""
        kate.type("Ticket")
        kate.until(lambda: "Ticket" in kate.text(), "what was typed")
        if "company: ref(Ticket)" in kate.text():
            return True
        kate.keys(*["BackSpace"] * len("Ticket"))
        kate.until(lambda: "Ticket" not in kate.text(), "the text before")
        kate.keys(*TO_COMPANY, "ctrl+2")
        return False

    kate.until(replaced, "the selected name")
    kate.keys(*["BackSpace"] * len("Ticket"))
    kate.type("Company")
    kate.until(lambda: "company: ref(Company)" in kate.text(), "the text before")

    kate.keys(*TO_STATUS)
    main = kate.active_window()
    kate.pops_up("F2")
    kate.until(lambda: kate.active_window() not in {"", main}, "keyboard of the question")
    kate.keys("ctrl+a")
    kate.type("stage")
    kate.keys("Return")
    kate.until(lambda: "  stage: enum(lead, customer, former) = lead\n" in kate.text(), "the field's new name")
    assert "validate: stage = 'lead'" in kate.text()
    assert "SET stage = 'customer'" in kate.text()

    kate.keys("End")
    kate.type("   ")
    kate.until(lambda: "= lead   \n" in kate.text(), "blanks at the end of a line")
    kate.keys("ctrl+t", "f")
    kate.until(lambda: "= lead\n" in kate.text(), "the line without them")

    kate.keys(*TO_COMPANY, "ctrl+alt+l")
    [found] = kate.until(lambda: kate.answers("textDocument/references"), "references")
    assert {each["uri"].rsplit("/", 1)[1] for each in found} >= {"contact.yaml", "company.yaml"}

    kate.keys(*TO_COMPANY)
    kate.pops_up("alt+l")
    kate.keys("h")  # "Highlight" of the menu
    kate.until(lambda: any(kate.answers("textDocument/documentHighlight")), "highlights")

    kate.keys(*TO_COMPANY)
    kate.pops_up("alt+l")
    kate.keys("g")  # "Go to Definition" of the menu
    kate.until(lambda: any("company.yaml" in name for name in kate.windows()), "the entity's file")
