"""Completion and hover, ours and the empty server's in turns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.client import EMPTY, OURS, Client
from tests.benchmarks.data import ENTITY_TEXT, LARGE, SMALL
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both, median, p95

FILES = 1_000
COMPLETION_RATIO = 2.0
COMPLETION_P95 = 0.010
HOVER_RATIO = 1.5
NAME = "entities/domain_2/benchmarked.yaml"


class _Question(NamedTuple):
    """What is asked, in a text in which ``$0`` marks the place.

    Attributes:
        what: its name in the table.
        line: the line in which it is asked.
        typed: whether a letter is typed before each request.
        instead_of: how the line begins that it replaces; empty: as itself up to its colon.
    """

    what: str
    line: str
    typed: bool = False
    instead_of: str = ""


_QUESTIONS = (
    _Question("schema:", "schema: $0"),
    _Question("table_code:", "  table_code: $0"),
    _Question("table_code: '012…'", "  table_code: '012$0'"),
    _Question("ref(", "  company: ref($0"),
    _Question("ref(Ent…", "  company: ref(Ent$0"),
    _Question("ref(, after a keystroke", "  company: ref($0", typed=True),
    _Question("a key", "$0", instead_of="description:"),
    _Question("a type", "  schema_here: $0"),
    _Question("a step", "      - $0", instead_of="      - validate:"),
    _Question("a condition", "      - validate: $0"),
    _Question("a SET list", "      - update: Benchmarked SET $0"),
)


def _document(question: _Question) -> tuple[str, int, int]:
    """The entity file with the question's line in its place, and where the question is asked."""
    key = question.instead_of or question.line.split(":")[0] + ":"
    lines = ENTITY_TEXT.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith(key))
    lines[number] = question.line.replace("$0", "")
    return "\n".join(lines) + "\n", number, question.line.index("$0")


class _Pair:
    """Ours and the empty server with one document open in both."""

    def __init__(self, setup: Setup, ours: Client, folder: Path, text: str, name: str) -> None:
        self._setup = setup
        self._ours = ours
        self._folder = folder
        self._text = text
        self._name = name
        self.size = (0, 0)

    def measure(
        self, method: str, line: int, character: int, answers: dict[str, Any], *, typed: bool = False
    ) -> tuple[list[float], list[float]]:
        """The empty server's times and ours."""
        told = self._setup.file("answers.json", json.dumps(answers))
        uri = self._ours.open(self._name, self._text)
        with self._setup.client((*EMPTY, str(told)), self._folder) as empty:
            empty.initialize()
            empty.initialized()
            empty.open(self._name, self._text)
            times: tuple[list[float], list[float]] = ([], [])
            sizes = [0, 0]
            version = 1
            for repetition in range(self._setup.times(150, 60) + 10):
                version += 1
                order = ((0, empty), (1, self._ours)) if repetition % 2 else ((1, self._ours), (0, empty))
                for which, client in order:
                    if typed:
                        client.insert(uri, version, 5, 13, "x")
                    result, seconds, sizes[which] = client.ask_at(method, uri, line, character)
                    if result is None:
                        raise RuntimeError(f"{method} at {line}:{character} was answered with nothing")
                    if repetition >= 10:
                        times[which].append(seconds)
        self.size = (sizes[0], sizes[1])
        self._ours.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self._ours.wait_idle(0.2)
        return times


def _served(setup: Setup, entities: int, stack: ExitStack) -> tuple[Client, Path]:
    folder = setup.workspace(entities, FILES)
    ours = stack.enter_context(setup.client(OURS, folder))
    ours.initialize()
    ours.initialized()
    ours.wait_for_registry(entities)
    return ours, folder


def completion(setup: Setup) -> Iterator[Row]:
    """Every kind of completion that an entity file has, with both registries, among a thousand other files."""
    for entities in (SMALL, LARGE):
        with ExitStack() as stack:
            ours, folder = _served(setup, entities, stack)
            for question in _QUESTIONS:
                yield _completion(setup, ours, folder, entities, question)


def _completion(setup: Setup, ours: Client, folder: Path, entities: int, question: _Question) -> Row:
    text, line, character = _document(question)
    uri = ours.open(NAME, text)
    items = ours.ask_at("textDocument/completion", uri, line, character)[0]["items"]
    ours.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    if not items:
        raise RuntimeError(f"nothing is offered at {question.what}")
    alike = [{"label": item["label"], "detail": item.get("detail", ""), "newText": _new_text(item)} for item in items]
    pair = _Pair(setup, ours, folder, text, NAME)
    answers = {"completion": {line: alike}}
    empty_times, our_times = pair.measure("textDocument/completion", line, character, answers, typed=question.typed)
    ratio = median(our_times) / median(empty_times)
    kilobytes = " and ".join(f"{size / 1024:.1f}" for size in pair.size)
    return Row(
        f"completion {question.what}, {entities:,} entities",
        both(empty_times),
        both(our_times),
        ratio,
        f"<= {COMPLETION_RATIO:.0f} x empty, p95 <= 10 ms",
        ratio <= COMPLETION_RATIO and p95(our_times) <= COMPLETION_P95,
        f"{len(items)} items ({kilobytes} kB)",
    )


_HOVERED = (("table_code", "012031"), ("a field", "status:"), ("a reference", "Entity2x1x1"))
"""What is hovered over: its name in the table, and the text that it begins with."""


def hover(setup: Setup) -> Iterator[Row]:
    """Hover on a table code, on a field and on a reference."""
    for entities in (SMALL, LARGE):
        for what, beginning in _HOVERED:
            with ExitStack() as stack:
                yield _hover(setup, stack, entities, what, beginning)


def _hover(setup: Setup, stack: ExitStack, entities: int, what: str, beginning: str) -> Row:
    lines = ENTITY_TEXT.splitlines()
    line = next(n for n, text in enumerate(lines) if beginning in text)
    character = lines[line].index(beginning) + 2
    ours, folder = _served(setup, entities, stack)
    uri = ours.open(NAME, ENTITY_TEXT)
    text = ours.ask_at("textDocument/hover", uri, line, character)[0]["contents"]["value"]
    ours.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    pair = _Pair(setup, ours, folder, ENTITY_TEXT, NAME)
    empty_times, our_times = pair.measure("textDocument/hover", line, character, {"hover": {line: text}})
    ratio = median(our_times) / median(empty_times)
    return Row(
        f"hover on {what}, {entities:,} entities",
        both(empty_times),
        both(our_times),
        ratio,
        f"<= {HOVER_RATIO} x empty server",
        ratio <= HOVER_RATIO,
    )


def _new_text(item: dict[str, Any]) -> str:
    """What accepting an item writes, whether its range stands in the item or in the list's defaults."""
    edit = item.get("textEdit")
    return str(edit["newText"] if edit else item.get("textEditText", item["label"]))
