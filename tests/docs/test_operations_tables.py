"""The tables of ``docs/operations.md`` say what the code says: events, messages, sentences, settings, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specql_lsp.config import Settings
from specql_lsp.lsp import user_messages
from specql_lsp.registry.sources.postgresql.errors import _CONNECTION_TEXTS
from tests.test_docs import rows, section, settings_in_code, ticked, written

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROGRAM = {path: path.read_text(encoding="utf-8") for path in (ROOT / "specql_lsp").rglob("*.py")}
WATCH, WRONG = "## What to watch", "## Something is wrong"


def table(heading: str, head: str) -> list[list[str]]:
    """The rows of the table under a heading whose first line begins with ``head``."""
    part = section(TEXT, heading).split(head, 1)
    assert len(part) == 2, f"no table {head} under {heading}"
    return rows(head + part[1].split("\n\n", 1)[0])


def is_said(sentence: str, source: str) -> bool:
    """Whether a source holds all fixed parts of a sentence in which ``…`` stands for what differs."""
    joined = re.sub(r'"\s*\n\s*f?"', "", source)  # a sentence over several lines of code
    return all(part.strip(" .") in joined for part in sentence.replace('"…"', "…").split("…") if part.strip(" ."))


def test_every_event_of_the_log_is_explained() -> None:
    logged = {event for source in PROGRAM.values() for event in re.findall(r'event="(\w+)"', source)}
    logged -= set(re.findall(r'event="(\w+)"', PROGRAM[ROOT / "specql_lsp" / "logs.py"]))  # its docstring's example
    logged.add("slow_query")
    explained = {ticked(row[0])[0] for row in table(WATCH, "| event |")}
    assert explained == logged


def test_every_message_to_people_is_one_of_ours() -> None:
    source = PROGRAM[ROOT / "specql_lsp" / "lsp" / "user_messages.py"]
    told = table(WATCH, "| message |")
    assert len(told) >= 6
    for message, button, *_ in told:
        assert is_said(ticked(message)[0], source), message
        add = f"{user_messages.ADD} · {user_messages.LEAVE}"
        assert button in {user_messages.RETRY, user_messages.SHOW_DIFFERENCES, add, "–"}
    assert {user_messages.RETRY, user_messages.SHOW_DIFFERENCES} <= {button for _, button, *_ in told}


def test_every_sentence_is_one_of_ours() -> None:
    source = "\n".join(text for path, text in PROGRAM.items() if "registry" in path.parts)
    sentences = [sentence for row in table(WRONG, "| the sentence |") for sentence in ticked(row[0])]
    assert len(sentences) > 20
    assert [sentence for sentence in sentences if not is_said(sentence, source)] == []


@pytest.mark.parametrize("reason", sorted({reason for _, reason, _ in _CONNECTION_TEXTS}))
def test_every_reason_why_there_is_no_connection_is_explained(reason: str) -> None:
    sentences = [sentence for row in table(WRONG, "| the sentence |") for sentence in ticked(row[0])]
    patterns = [".*".join(map(re.escape, sentence.split("…"))) for sentence in sentences]
    assert any(re.fullmatch(pattern, reason) for pattern in patterns)


def test_settings_have_the_values_that_are_named() -> None:
    code = settings_in_code()
    named = re.findall(r"`((?:registry|diagnostics)\.\w+)`(?: \((\d+)\))?", TEXT)
    assert len({key for key, _ in named}) >= 4
    for key, value in named:
        assert key in code, key
        assert not value or value == written(code[key]), key
    assert Settings().registry.connect_timeout_seconds == 3


def test_links_lead_somewhere() -> None:
    def anchor(heading: str) -> str:
        return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")

    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}
    targets = re.findall(r"\]\(([^)]+)\)", prose)
    assert len(targets) > 20
    for target in targets:
        assert target.removeprefix("#") in anchors if target.startswith("#") else (ROOT / "docs" / target).is_file()


def test_what_the_workflow_refers_to_is_there() -> None:
    workflow = (ROOT / "docs" / "github-workflow.yaml").read_text(encoding="utf-8")
    for heading in re.findall(r'docs/operations\.md, "([^"]+)"', workflow):
        assert f"## {heading}\n" in TEXT
