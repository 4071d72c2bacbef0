"""A document's examples: its fenced blocks by section, and what HTML comments before them say to the tests.

- ``<!-- exit: 1 -->``: the block ends with that status; without it, with 0 at every line.
- ``<!-- always -->``: the block is run at the beginning of every section, too.
- ``<!-- not run: why -->``: the block is not for the tests.
- ``<!-- after: Section -->``: what that section did has been done before.
- ``<!-- meanwhile: what -->``, ``<!-- server: what -->``: what happens, or stands, outside the document.

A ``text`` block shows what the commands of the block before it print; ``…`` stands for anything, alone on a line for
any lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PART = re.compile(
    r"^## (?P<heading>[^\n]+)$"
    r"|^<!-- (?P<word>[a-z ]+?)(?:: (?P<value>[^\n]+?))? -->$"
    r"|^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_WORDS = {"exit", "always", "not run", "after", "meanwhile", "server"}
RUN = ("bash", "sql")
"""The languages of what is run."""


@dataclass(frozen=True)
class Block:
    """A fenced block: run, or (``ini``) a file that the tests put where it belongs."""

    language: str
    text: str
    line: int
    """Where it begins in the document, from 1."""
    exit: int = 0
    printed: str | None = None
    """What stands under it as its output."""


@dataclass(frozen=True)
class Meanwhile:
    """Something that happens outside the document at this point."""

    what: str


@dataclass
class Section:
    """What stands under one heading of the second level."""

    heading: str
    after: str | None = None
    server: str | None = None
    steps: list[Block | Meanwhile] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    """The reasons given for blocks that are not run."""

    @property
    def blocks(self) -> list[Block]:
        """The blocks among the steps."""
        return [step for step in self.steps if isinstance(step, Block)]


@dataclass(frozen=True)
class Document:
    """A document's sections by their headings, and the blocks that each of them begins with."""

    sections: Mapping[str, Section]
    always: tuple[Block, ...]


def read(path: Path) -> Document:
    """Reads a Markdown document; what it could mean and does not say in so many words is an error."""
    text = path.read_text(encoding="utf-8")
    sections: dict[str, Section] = {}
    always: list[Block] = []
    said: dict[str, str] = {}
    section = None
    for part in _PART.finditer(text):
        line = text.count("\n", 0, part.start()) + 1
        if part["heading"]:
            assert not said, f"line {line}: {said} is said of nothing"
            section = sections.setdefault(part["heading"], Section(part["heading"]))
            continue
        assert section is not None, f"line {line}: before the first section"
        if part["word"]:
            word, value = part["word"], part["value"] or ""
            assert word in _WORDS, f"line {line}: {word} is no word of these comments"
            if word == "after":
                section.after = value
            elif word == "server":
                section.server = value
            elif word == "meanwhile":
                section.steps.append(Meanwhile(value))
            else:
                said[word] = value
            continue
        _add(section, always, part["language"], part["text"], line, said)
        said = {}
    return Document(sections, tuple(always))


def _add(section: Section, always: list[Block], language: str, text: str, line: int, said: Mapping[str, str]) -> None:
    if "not run" in said:
        assert said["not run"], f"line {line}: why is it not run?"
        section.not_run.append(said["not run"])
        return
    if language == "text":
        last = section.steps.pop()
        assert isinstance(last, Block) and last.language in RUN and last.printed is None, f"line {line}: whose output?"
        section.steps.append(Block(last.language, last.text, last.line, last.exit, text))
        return
    assert language in (*RUN, "ini"), f"line {line}: a block of {language or 'nothing'} is neither run nor left out"
    block = Block(language, text, line, int(said.get("exit", "0")))
    if "always" in said:
        always.append(block)
    else:
        section.steps.append(block)


def matches(printed: str, output: str) -> bool:
    """Whether an output is what a ``text`` block shows."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in printed.splitlines()
    )
    stripped = "".join(line.rstrip() + "\n" for line in output.splitlines())
    return re.fullmatch(pattern, stripped) is not None
