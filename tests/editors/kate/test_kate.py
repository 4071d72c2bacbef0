"""Kate with editors/kate/settings.json: the server is started, and what it says reaches the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.editors.kate.conftest import Start


@pytest.mark.drives("completion", "diagnostics")
def test_diagnostics_completion_and_saving(start: Start, workspace: Path) -> None:
    kate = start("entities/crm/campaign.yaml")
    kate.until(lambda: kate.diagnostics() == ["unknown-domain", "unregistered-table-code"], "diagnostics")
    assert kate.sent("initialize")[0]["params"]["rootUri"] == workspace.as_uri()

    kate.keys("ctrl+End")
    kate.type("  who: ref(Conta")
    kate.until(lambda: "who: ref(Conta" in kate.text(), "typed text")  # what is typed is on its way for a while
    kate.until(
        lambda: any("Contact" in _labels(each) for each in kate.answers("textDocument/completion")), "completion"
    )

    def accepts() -> bool:
        """Presses Return on the list; where that was not shown yet, takes the new line back."""
        kate.keys("Return")
        kate.until(lambda: "ref(Contact)" in kate.text() or "ref(Conta\n" in kate.text(), "text after Return")
        if "ref(Contact)" in kate.text():
            return True
        kate.keys("ctrl+z")
        kate.until(lambda: "ref(Conta\n" not in kate.text(), "text before Return")
        kate.keys("ctrl+space")
        return False

    kate.until(accepts, "accepted completion")
    assert kate.save().splitlines()[-2:] == ["  name: text!", "  who: ref(Contact)"]


def test_settings_reach_the_server(start: Start) -> None:
    kate = start(
        "entities/crm/campaign.yaml",
        changes={"initializationOptions": {"diagnostics": {"severity": {"unknown-domain": "off"}}}},
    )
    kate.until(lambda: kate.diagnostics() == ["unregistered-table-code"], "diagnostics without unknown-domain")


def _labels(answer: Any) -> list[str]:
    items = answer["items"] if isinstance(answer, dict) else answer or []
    return [item["label"] for item in items]


def test_kate_asks_before_it_starts_the_server(start: Start) -> None:
    kate = start("entities/crm/campaign.yaml", allowed=False)
    kate.until(lambda: any("LSP" in name for name in kate.windows()), "question")
    assert not kate.sent("initialize")

    def allowed() -> bool:
        """Presses Return on the question, once that has the keyboard."""
        if "LSP" in kate.active_window():
            kate.keys("Return")
        return bool(kate.sent("initialize"))

    kate.until(allowed, "start of the server")
    kate.until(lambda: "unknown-domain" in kate.diagnostics(), "diagnostics")
