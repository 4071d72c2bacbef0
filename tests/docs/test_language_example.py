"""README's example of the language: what the command prints is what it says, and each finding has a fix."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.cli.support import run
from tests.e2e.editor import Editor
from tests.test_docs import README, section

LANGUAGE = section(README, "## The language")
PATH = "entities/crm/voucher.yaml"
NEEDS_POSTGRESQL = "missing-table-code"


def blocks() -> list[str]:
    """The indented blocks of the section: the file, then what is printed."""
    found: list[list[str]] = [[]]
    for line in LANGUAGE.split("\n"):
        if line.startswith("    "):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [textwrap.dedent("\n".join(lines)) + "\n" for lines in found if lines]


def written(folder: Path) -> str:
    """Writes the example into a workspace, and gives its text."""
    head, text = blocks()[0].split("\n", 1)
    assert head == f"# {PATH}"
    (folder / PATH).write_text(text, encoding="utf-8")
    return text


def test_the_command_prints_what_the_example_says(workspace: Path) -> None:
    written(workspace)
    command, expected = blocks()[1].split("\n", 1)
    assert command == f"$ specql-lsp check {PATH}"
    assert run(workspace, "check", PATH).stdout == expected


async def test_each_finding_of_the_example_has_a_fix(workspace: Path) -> None:
    text = written(workspace)
    codes = re.findall(r"\[([a-z-]+)\]", blocks()[1])
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        editor.open(PATH, text)
        for finding in await editor.codes(PATH, *codes):
            actions = await editor.actions(PATH, finding.range, [finding])
            of_it = [action for action in actions if finding in (action.diagnostics or [])]
            is_ready = any(action.disabled is None for action in of_it)
            assert of_it, finding.code
            assert is_ready is (finding.code != NEEDS_POSTGRESQL), finding.code
