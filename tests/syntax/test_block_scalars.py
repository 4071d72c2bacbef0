"""Block scalars with every sign and all kinds of blanks, read as PyYAML reads them: wherever they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.parsing.parse import parse, parse_edit
from tests.support.effort import SEED, times

PLACES = {
    "a value": "k: {}{}l: b\n",
    "the last value": "k: {}{}",
    "a nested value": "a:\n  b:\n    k: {}{}  c: d\n",
    "an item": "- {}{}- b\n",
    "a nested item": "a:\n- {}{}- b\n",
    "an item further in": "a:\n  - {}{}  - b\n",
    "a value of an item": "- k: {}{}  l: b\n",
    "an item of an item": "- - {}{}  - b\n",
    "with a tag": "k: !!str {}{}l: b\n",
    "with an anchor": "k: &a {}{}l: *a\n",
    "below its key": "k:\n  {}{}l: b\n",
    "behind a comment": "k: # c\n  # d\n\n  &a {}{}l: b\n",
    "a field": "entity: A\nfields:\n  a:\n    description: {}{}    type: text\n  b: text\n",
    "a field before a comment": "entity: A\nfields:\n  a:\n    description: {}{}# c\n  b: text\n",
    "a document": "--- {}{}",
    "an explicit value": "? k\n: {}{}l: b\n",
}
HEADS = ["", "-", "+", "1", "2", "3", "2-", "-2", "2+", "+1", "4"]
INDENTS = {
    "a nested value": 4, "an item further in": 2, "a value of an item": 2, "an item of an item": 2,
    "a field": 4, "a field before a comment": 4,
}  # fmt: skip
LINES = ["x", "x", "two words", " y", "  z ", "", "", " ", "    ", "w\t", "\tv", "# no comment"]


def texts(place: str) -> Iterator[str]:
    chance = random.Random(f"{SEED} {place}")
    for _ in range(times(300)):
        yield a_text(place, chance)


def a_text(place: str, chance: random.Random) -> str:
    """A text with a block scalar of some lines at a place."""
    margin = " " * (INDENTS.get(place, 0) + chance.choice([1, 2, 2, 3]))
    lines = [margin + chance.choice(LINES) for _ in range(chance.randint(0, 5))]
    body = [
        chance.choice([line, line, line.rstrip(" ")]) if line.strip() else chance.choice([line, ""]) for line in lines
    ]
    head = chance.choice("|>") + chance.choice(HEADS) + chance.choice(["", "", " ", "  # c"])
    text = PLACES[place].format(head, "\n" + "".join(f"{line}\n" for line in body))
    if place in {"the last value", "a document"} and chance.random() < 0.5:
        text = text[:-1]
    return text.replace("\n", "\r\n") if chance.random() < 0.2 else text


def plain(node: Node | None, anchors: dict[str, Node]) -> Any:
    """What our nodes say, as PyYAML's base loader would."""
    if isinstance(node, Mapping):
        return {plain(entry.key, anchors): plain(entry.value, anchors) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item, anchors) for item in node.items]
    if isinstance(node, Scalar):
        return node.value
    return plain(anchors[node.name], anchors) if node is not None else ""


@pytest.mark.parametrize("place", PLACES)
def test_as_pyyaml(place: str) -> None:
    read = 0
    for text in texts(place):
        try:
            theirs = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - builds texts only
        except yaml.YAMLError:
            continue
        tree = parse(text)
        assert plain(tree.root, dict(tree.anchors)) == theirs, text
        read += 1
    assert read > 20


FIELDS = "entity: A\nfields:\n" + "".join(f"  f{number}:\n    type: text\n{{}}" for number in range(4)) + "{}b: c\n"


def test_an_edit_reads_what_the_whole_text_says() -> None:
    """Lines of white space between two sections are a part of what the first of them says."""
    chance, incremental = random.Random(f"{SEED} edits"), 0
    for _ in range(times(300)):
        blocks = [a_text("a field", chance).replace("\r", "").split("description: ")[1] for _ in range(4)]
        scalars = [f"    description: {block.split('    type: text')[0]}" for block in blocks]
        text = FIELDS.format(*scalars, chance.choice(["", "\n", "   \n", "      \n\n", "# c\n"]))
        tree = parse(text)
        for _ in range(6):
            lines = text.splitlines(keepends=True)
            at = chance.randrange(2, len(lines))
            if chance.random() < 0.5 and not lines[at].strip():
                del lines[at]
            else:
                lines.insert(at, chance.choice(["\n", "      \n", "          \n", "      x\n"]))
            after = "".join(lines)
            whole, text = parse(after), after
            partial = parse_edit(tree, after)
            incremental += partial is not None
            tree = partial or whole
            assert tree.root == whole.root, after
    assert incremental >= times(100)
