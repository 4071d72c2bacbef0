"""The first half: a checkout with a registry YAML and no database."""

from __future__ import annotations

from tests.demo.editor import Editor, Refusal, accepted
from tests.demo.scenario import Scenario, labels, rows
from tests.demo.screen import CURSOR, Style

NEW_FILE = "entities/crm/lead.yaml"
CONTACT = "entities/crm/contact.yaml"
TICKET = "entities/crm/ticket.yaml"

EXPECTED_CODES = (
    "table-code-taken",
    "table-code-differs",
    "domain-mismatch",
    "unquoted-table-code",
    "unknown-domain",
    "unregistered-table-code",
    "missing-table-code",
)


async def show_check(scenario: Scenario) -> None:
    """``specql-lsp check``: the diagnostics of the workspace."""
    screen = scenario.screen
    screen.part("2 · Without a database: the registry is the YAML file of the checkout")
    screen.step("What is wrong in this workspace?")
    screen.shell("specql-lsp check")
    lines, status = await scenario.run_check()
    screen.check_lines(lines)
    screen.say(f"exit status {status}", Style.DIM)
    scenario.expect(status == 1, "errors end a check with status 1")
    for code in EXPECTED_CODES:
        scenario.expect(any(f"[{code}]" in line for line in lines), f"the check finds {code}")


async def show_editor(scenario: Scenario) -> None:
    """An editor asks the server while somebody writes a new entity."""
    screen = scenario.screen
    screen.part("3 · An editor speaks LSP to the server, still without a database")
    async with Editor(scenario.folder) as editor:
        await editor.until(lambda: [s for s in editor.statuses if s["source"] == "yaml"], "the registry's status")
        screen.say(f"{editor.server_name} serves on stdin and stdout; the workspace is open.", Style.DIM)

        screen.step(f"A new file, {NEW_FILE}: which schemas are there?")
        text = f"entity: Lead\nschema: {CURSOR}\n"
        screen.source(text)
        screen.asks("textDocument/completion")
        items = await editor.complete(NEW_FILE, text)
        screen.answers(f"{len(items)} items")
        screen.table(rows(items))
        scenario.expect({"core", "crm", "catalog", "projects"} <= set(labels(items)), "every domain is offered")
        scenario.expect("management" in labels(items), "aliases are offered")

        screen.step("crm is chosen. Which codes are free there?")
        chosen = scenario.find("an item crm", items, lambda item: item.label == "crm")
        text = accepted(text, chosen).replace(CURSOR, "") + f"organization:\n  table_code: {CURSOR}\n"
        screen.source(text)
        screen.asks("textDocument/completion")
        items = await editor.complete(NEW_FILE, text)
        screen.answers(f"{len(items)} items")
        screen.table(rows(items))
        scenario.expect(labels(items)[0] == "012012", "the next code of the inferred subdomain comes first")
        scenario.expect("012033" in labels(items), "the next code of customer is offered")
        scenario.expect("012041" not in labels(items), "a code that a file of the workspace uses is not offered")
        screen.say("012041 is registered to nobody, but campaign.yaml uses it: the next one is offered.", Style.DIM)
        text = accepted(text, items[0])
        screen.say("The first one is chosen; it is written in quotes, so that YAML does not read a number:")
        screen.source(text.split("\n")[3], 4)
        scenario.expect("'012012'" in text, "an accepted code is quoted")

        screen.step(f"What does the code in {CONTACT} say?")
        contact = editor.text(CONTACT)
        before, found, _ = contact.partition("'012031'")
        scenario.expect(found, "Contact has its code")
        line = before.count("\n") + 1
        asked = contact.replace("'012031'", f"'0120{CURSOR}31'", 1)
        screen.source(asked.split("\n")[line - 1], line)
        screen.asks("textDocument/hover")
        answer = await editor.hover(CONTACT, asked)
        for number, row in enumerate(row for row in answer.split("\n") if row.strip()):
            (screen.answers if number == 0 else screen.hover_line)(row)
        scenario.expect("Contact" in answer and "customer" in answer, "hover names the entity and its subdomain")
        scenario.expect("YAML" in answer, "hover says where the answer comes from")

        screen.step(f"Allocate a code for {TICKET}")
        screen.asks("workspace/executeCommand", "specql.allocateEntityCode")
        unchanged = editor.text(TICKET)
        try:
            await editor.execute("specql.allocateEntityCode", {"uri": editor.uri(TICKET)})
        except Refusal as refusal:
            screen.answers(f"refused ({refusal.kind}): {refusal.message}", Style.YELLOW)
            scenario.expect(refusal.kind == "registry-read-only", "the refusal says that the registry is read-only")
            scenario.expect("databaseUrl" in refusal.message, "the refusal says what to do")
        else:
            scenario.expect(False, "nothing is allocated from a YAML file")
        scenario.expect(editor.text(TICKET) == unchanged, "a refused allocation leaves the file alone")
    scenario.expect(editor.exit_status == 0, "the server ends with status 0")
