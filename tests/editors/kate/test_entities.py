"""The language of entity files in a real Kate: the column of a field is shown, a type that is none is changed."""

from __future__ import annotations

import pytest

from tests.editors.kate.conftest import Start
from tests.editors.kate.test_language import act, hovers

VOUCHER = "entities/crm/voucher.yaml"
TEXT = "entity: Voucher\nschema: crm\nfields:\n  email: email!\n  seen: timestamp\n"


@pytest.mark.drives("hover", "fixes")
def test_a_field_shows_its_column_and_an_unknown_type_is_changed(start: Start) -> None:
    kate = start(VOUCHER, text=TEXT)
    kate.until(lambda: "unknown-type" in kate.diagnostics(), "warning")
    kate.keys("ctrl+Home", "Down", "Down", "Down", "Home", "Right")
    kate.pops_up("alt+l")
    kate.keys("y")  # "Symbol Info" of the menu
    kate.until(lambda: any("email TEXT NOT NULL" in each["contents"]["value"] for each in hovers(kate)), "the column")
    kate.keys("Escape", "ctrl+Home", "Down", "Down", "Down", "Down", "End")
    assert act(kate, 0) == "Change to datetime"
    kate.until(lambda: "  seen: datetime\n" in kate.text(), "the type that was meant")
    assert kate.save() == TEXT.replace("timestamp", "datetime")
    kate.until(lambda: "unknown-type" not in kate.diagnostics(), "the end of the warning")
