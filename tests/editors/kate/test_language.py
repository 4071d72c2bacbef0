"""What Kate shows and does with what the server says: findings while typing, hover, code actions, other YAML."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.editors.kate.conftest import Start
from tests.editors.kate.kate import SETTINGS, Kate
from tests.support.workspaces import REGISTRY

TICKET = "entities/crm/ticket.yaml"
CODE = "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = %s"
DOCUMENTED = {
    *("command", "commandDebug", "documentLanguageId", "environment", "highlightingModeRegex", "initializationOptions"),
    *("path", "root", "rootIndicationFileNames", "rootIndicationFilePatterns", "settings", "trace", "url", "use"),
    *("useWorkspace", "completionTriggerCharacters", "signatureTriggerCharacters"),
}
"""What the plugin's handbook and its own settings say of a server."""


def test_the_settings_have_the_shape_that_kate_documents(workspace: Path) -> None:
    servers = json.loads(SETTINGS.read_text(encoding="utf-8"))["servers"]
    (name, server) = next(iter(servers.items()))
    assert set(server) <= DOCUMENTED
    # Of the servers whose pattern fits, Kate takes the first by name; its own for YAML is called yaml.
    assert list(servers) == [name] and name < "yaml"
    assert REGISTRY in server["rootIndicationFileNames"] and (workspace / REGISTRY).is_file()


def test_findings_follow_what_is_typed_behind_emoji(start: Start) -> None:
    kate = start(
        TICKET, text="description: '\U0001f600 \u00fcber' # \U0001f600\nentity: Ticket\nschema: crn\nfields: {}\n"
    )
    kate.until(lambda: "unknown-domain" in kate.diagnostics(), "finding")
    kate.keys("ctrl+Home", "Down", "Down", "End", "BackSpace")
    kate.type("m")
    kate.until(lambda: "schema: crm\n" in kate.text(), "typed text")
    kate.until(lambda: kate.diagnostics() == ["missing-table-code"], "end of the finding")
    assert kate.save().startswith("description: '\U0001f600 \u00fcber' # \U0001f600\nentity: Ticket\nschema: crm\n")


@pytest.mark.drives("hover")
def test_hover_is_shown(start: Start) -> None:
    kate = start(TICKET)
    kate.until(kate.diagnostics, "diagnostics")
    kate.keys("ctrl+Home", "Down", "End")
    kate.pops_up("alt+l")
    kate.keys("y")  # "Symbol Info" of the menu
    kate.until(lambda: any("domain `2`" in each["contents"]["value"] for each in hovers(kate)), "hover")
    kate.until(lambda: len(kate.windows_of_kate()) > 1, "what is shown of it")


@pytest.mark.drives("allocation")
def test_a_code_is_allocated_and_then_taken_into_the_file(start: Start, workspace_url: str) -> None:
    kate = start(TICKET, url=workspace_url)
    kate.until(lambda: "missing-table-code" in kate.diagnostics(), "hint")
    kate.keys("ctrl+Home", "End")
    assert act(kate, 0).startswith("Allocate a code in crm / support")
    kate.until(lambda: kate.answers("workspace/executeCommand"), "allocation")
    with psycopg.connect(workspace_url) as connection:
        assert connection.execute(CODE, ["Ticket"]).fetchone() == ("012042",)
    # Kate does not say that a server may edit, so the code comes into the file by the next action, which is an edit.
    kate.until(lambda: "table-code-differs" not in kate.diagnostics(), "findings after it")
    assert act(kate, 1) == "Take the registered code 012042"
    kate.until(lambda: "organization:\n  table_code: '012042'\n" in kate.text(), "code in the text")
    assert "table_code: '012042'" in kate.save()
    kate.until(lambda: kate.diagnostics() == [], "end of the hint")


@pytest.mark.drives("attach")
def test_of_other_yaml_nothing_is_said(start: Start) -> None:
    kate = start("deployment.yaml", text="kind: Deployment\nschema: nowhere\ntable_code: 012032\n")
    kate.until(lambda: kate.sent("textDocument/didOpen"), "file in the server")
    kate.keys("ctrl+Home", "Down", "End")
    kate.type("x")
    kate.until(lambda: "schema: nowherex" in kate.text(), "typed text")
    kate.keys("ctrl+space")
    kate.until(lambda: kate.answers("textDocument/completion"), "answer")
    assert not any((answer or {}).get("items") for answer in kate.answers("textDocument/completion"))
    assert kate.diagnostics() == []


def act(kate: Kate, before: int) -> str:
    """Takes the first code action at the cursor, and gives its title; ``before`` is how often there were any yet."""
    menu = kate.pops_up("alt+Return")
    kate.until(lambda: len(kate.answers("textDocument/codeAction")) > before, "code actions")
    # The menu's first entry; while Kate has not filled the menu, the keys do nothing. A list of completions that comes
    # after the edit is another window.
    kate.press_until(("Down", "Return"), lambda: not menu & kate.windows_of_kate(), "end of the menu")
    title: str = kate.answers("textDocument/codeAction")[-1][0]["title"]
    return title


def hovers(kate: Kate) -> list[dict[str, dict[str, str]]]:
    return [answer for answer in kate.answers("textDocument/hover") if answer]
