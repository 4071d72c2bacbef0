"""The language: an entity file that SpecQL refuses, what is said of it, and what is offered while one is written."""

from __future__ import annotations

import asyncio
import sys

from tests.demo.editor import Editor, accepted, clean_environment
from tests.demo.scenario import Scenario, labels, rows
from tests.demo.screen import CURSOR, Style

FILE = "entities/crm/voucher.yaml"
TEXT = """\
entity: Voucher
schema: crm
fields:
  email: email!
  seen: timestamp
  owner: ref(Contakt)
  state: {type: 'enum(open, closed)', required: true}
actions:
  - name: close
    steps:
      - validate: sate = 'open'
"""
EXPECTED_CODES = ("unknown-type", "unknown-entity", "key-not-read", "unknown-field")
MOST_ROWS = 5


async def show_language(scenario: Scenario) -> None:
    """``specql-lsp check`` and ``rule`` on a file with mistakes; then types, a column and fields in an editor."""
    screen = scenario.screen
    screen.part("1 · The language: what SpecQL 0.9.2 refuses or drops is said before anything is generated")
    screen.step(f"A new file, {FILE}: what is wrong with it?")
    file = scenario.folder / FILE
    file.write_text(TEXT, encoding="utf-8")
    screen.source(TEXT)
    screen.shell(f"specql-lsp check {FILE}")
    lines, status = await scenario.run_check(FILE)
    screen.check_lines(lines)
    scenario.expect(status == 1, "what SpecQL refuses ends a check with status 1")
    for code in EXPECTED_CODES:
        scenario.expect(any(f"[{code}]" in line for line in lines), f"the check finds {code}")

    screen.step("What does unknown-type mean?")
    screen.shell("specql-lsp rule unknown-type")
    page = await _rule("unknown-type")
    for line in page[:3]:
        screen.say(line)
    screen.say("… and an example, and what to write.", Style.DIM)
    scenario.expect("TEXT" in " ".join(page[:3]), "the page says what becomes of such a field")

    async with Editor(scenario.folder) as editor:
        screen.step("An editor: which types are there for a field called work_email?")
        text = TEXT.replace("seen: timestamp", f"work_email: e{CURSOR}")
        screen.source(text.split("\n")[4], 5)
        screen.asks("textDocument/completion")
        items = await editor.complete(FILE, text)
        screen.answers(f"{len(items)} items, the first {MOST_ROWS}:")
        screen.table(rows(items)[:MOST_ROWS])
        scenario.expect(labels(items)[0] == "email", "the type that fits the field's name comes first")
        scenario.expect("work_email: email\n" in accepted(text, items[0]).replace(CURSOR, ""), "it is written")

        screen.step("What becomes of the field email?")
        text = TEXT.replace("  email:", f"  em{CURSOR}ail:")
        screen.source(text.split("\n")[3], 4)
        screen.asks("textDocument/hover")
        answer = await editor.hover(FILE, text)
        for number, row in enumerate(row for row in answer.split("\n") if row.strip()):
            (screen.answers if number == 0 else screen.hover_line)(row)
        scenario.expect("email TEXT NOT NULL" in answer, "hover shows the column")

        screen.step("Which fields may a condition name?")
        text = TEXT.replace("sate = 'open'", f"s{CURSOR}")
        screen.source(text.split("\n")[10], 11)
        screen.asks("textDocument/completion")
        items = await editor.complete(FILE, text)
        screen.answers(f"{len(items)} items, the first {MOST_ROWS}:")
        screen.table(rows(items)[:MOST_ROWS])
        scenario.expect({"state", "seen"} <= set(labels(items)[:MOST_ROWS]), "the fields of the entity come first")
    scenario.expect(editor.exit_status == 0, "the server ends with status 0")
    file.unlink()


async def _rule(code: str) -> list[str]:
    """The paragraphs of ``specql-lsp rule``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "specql_lsp",
        "rule",
        code,
        env=clean_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return [part.strip() for part in output.decode().split("\n\n") if part.strip()]
