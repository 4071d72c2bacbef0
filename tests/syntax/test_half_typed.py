"""A key that is being typed costs nothing of what is around it, in files that are too short to be cut by default."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from specql_lsp.items.entity import EntityItem
from specql_lsp.workspace.documents import Document
from tests.support.effort import SEED, times

KINDS = Path(__file__).parents[2] / "fixtures" / "corpus" / "kinds"
FILES = sorted(KINDS.glob("*.yaml"))
TYPED = ("ab", "ab: 'x", "ab: [a", "ab: {type: x", 'ab: "')


def known(entity: EntityItem) -> tuple[list[tuple[str, str | None]], list[str]]:
    """The fields with their types, and the names of the actions."""
    actions = [action.node.name.value for action in entity.actions if action.node.name is not None]
    return [(field.name, field.type_text) for field in entity.fields], actions


def with_key(text: str, line: int, typed: str, newline: str) -> str:
    """The text with something that is typed before a line, in its column."""
    lines = text.split("\n")
    indent = " " * (len(lines[line]) - len(lines[line].lstrip()))
    return newline.join([*lines[:line], indent + typed, *lines[line:]])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_key_before_the_first_field_loses_no_alias(newline: str) -> None:
    text = "entity: A\nfields:\n  name: text\n  starts: &when date\n  ends: *when\nactions:\n  - name: go\n"
    entity = Document("file:///a.yaml", text).entity
    typed = Document("file:///a.yaml", with_key(text, 2, "ab", newline)).entity
    assert entity is not None and typed is not None
    fields, actions = known(typed)
    assert ([each for each in fields if each[0] != "ab"], actions) == known(entity)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_key_before_a_field(path: Path) -> None:
    chosen = random.Random(f"{SEED}{path.name}")
    text = path.read_text(encoding="utf-8")
    document = Document("file:///a.yaml", text)
    entity = document.entity
    if entity is None or document.tree.problems or len(entity.fields) < 2:
        return
    fields, actions = known(entity)
    for _ in range(times(4)):
        field, typed = chosen.choice(entity.fields), chosen.choice(TYPED)
        line = document.lines.line_of(field.key.span.start)
        if document.lines.line_text(line)[: -len(text)].strip() or field.node.entry.span.start == 0:
            continue
        if typed == "ab" and field is entity.fields[0] and re.search(r"^(---|\.\.\.)$", text, re.MULTILINE):
            continue  # a text with marks of documents is not cut, and by its indentation it has no sequences
        broken = with_key(text, line, typed, chosen.choice(["\n", "\r\n"]))
        found = Document("file:///a.yaml", broken).entity
        assert found is not None, broken
        assert known(found)[1] == actions, broken
        there = [each for each in known(found)[0] if each[0] != "ab"]
        assert there == fields, broken


@pytest.mark.parametrize(
    "text",
    [
        "entity: A\nfields:\n  a: {type: email}\n  c\n",
        "entity: A\nfields:\n  a: {type: email}\n  c",
        "entity: A\r\nfields:\r\n  a: {type: email}\r\n  c\r\n",
        "entity: A\nfields:\n  c\n  a: {type: email}\n",
        "entity: A\nfields:\n  b: text\n  a: {type: email}\n  c\nactions:\n  - name: x\n",
        "entity: A\nfields:\n  a: {type: email, default: {x: [1, 2]}}\n  c\nschema: crm\n",
        "entity: A\nfields:\n  a: {\n    type: email\n  }\n  c\n",
        "entity: A\nfields:\n    a: {type: email}  # 🙂 {\n    c: 'x\n",
    ],
)
def test_a_flow_mapping_beside_it(text: str) -> None:
    entity = Document("file:///a.yaml", text).entity
    assert entity is not None
    assert ("a", "email") in known(entity)[0]
