"""Whatever is accepted anywhere leaves YAML that PyYAML loads where it did with a word in that place.

The places are those of all names in the corpus (``tests/benchmarks/completion_quality``), deleted or half typed, and
arbitrary offsets of its files; also in quotes, and with what follows cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from specql_lsp.features.completion import complete
from specql_lsp.features.model import CompletionItem
from specql_lsp.syntax.nodes import Scalar, path_at
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.benchmarks.completion_quality import FIXTURES, questions, workspace
from tests.features.completion_support import NOW
from tests.support.corpus import FOLDERS, LOOK_ALIKES
from tests.support.effort import SEED, times

PLACES = times(20)
"""How many places of each file are looked at."""
ITEMS = 6
"""How many of the items of a place are accepted."""
ANALYSIS, DOCUMENTS = workspace((*FIXTURES, LOOK_ALIKES / "odd", *(folder / "entities" for folder in FOLDERS[1:])))
_WORD = "zz9"


def places(document: Document, random: Random) -> Iterator[tuple[str, int]]:
    """Texts with an offset in which something may be accepted."""
    named = list(questions(document))
    for _ in range(PLACES):
        if named and random.random() < 0.6:
            question = random.choice(named)
            start, end = question.name if random.random() < 0.5 else question.rest
            typed = question.expected[: random.randrange(4)]
            before, after = document.text[:start], document.text[end:]
        else:
            start = random.randrange(len(document.text) + 1)
            before, after, typed = document.text[:start], document.text[start:], random.choice(["", "", "e", "t"])
        quote = random.choice(["", "", "", "'", '"'])
        closing = random.choice(["", quote])
        if random.random() < 0.2:
            after = after[after.find("\n") :] if "\n" in after else ""
        yield f"{before}{quote}{typed}{closing}{after}", len(before) + len(quote) + len(typed)


def loaded(text: str) -> Any:
    """What PyYAML reads; an exception where it reads nothing."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        return error


def with_placeholder(text: str, item: CompletionItem, quote: str) -> str:
    """The text with a word in the place of what the item writes."""
    start, end = item.replace
    word = f"{quote}{_WORD}{quote}"
    if item.new_text.rstrip().endswith(":") or "\n" in item.new_text or ": " in item.new_text:
        word += ":"
    if item.new_text.startswith("- "):
        word = f"- {word}"
    blank = item.new_text[: len(item.new_text) - len(item.new_text.lstrip(" "))]
    tail = " " if item.new_text.endswith(" ") else ""
    return f"{text[:start]}{blank}{word}{tail}{text[end:]}"


def check(analysis: Analysis, document: Document, text: str, offset: int, random: Random) -> int:
    """Accepts some of the items; how many."""
    edited = Document(document.uri, text)
    offset = edited.lines.offset(edited.lines.position(offset))  # not between the two characters of a line break
    items = list(complete(analysis, edited, offset, NOW).items)
    chosen = [*items[:2], *random.sample(items, min(ITEMS - 2, len(items)))]
    for item in chosen:
        start, end = item.replace
        assert start <= offset <= end
        assert not {"\n", "\r"} & set(text[start:end])
        replaced = text[start:end].strip()
        quote = replaced[:1] if replaced[:1] in {"'", '"'} and item.new_text.strip()[:1] == replaced[:1] else ""
        before = with_placeholder(text, item, quote)
        after = f"{text[:start]}{item.new_text}{text[end:]}"
        was, is_now = loaded(before), loaded(after)
        shown = (
            f"{item.label!r} ({item.new_text!r}) at {text[max(start - 60, 0) : start]!r} | {text[start : end + 40]!r}"
        )
        if isinstance(was, yaml.YAMLError):
            continue
        assert not isinstance(is_now, yaml.YAMLError), f"{shown}: {is_now}"
        at = start + len(item.new_text) - len(item.new_text.lstrip(" -"))
        there = path_at(Document(document.uri, after).tree.root, at)
        placed = path_at(Document(document.uri, before).tree.root, at)
        assert there.names[:-1] == placed.names[:-1], shown
        assert there.on_key == placed.on_key, shown
        if isinstance(placed.node, Scalar) and isinstance(there.node, Scalar) and _WORD in placed.node.value:
            word = re.search(r"\w+", item.new_text)
            assert word is None or word.group() in there.node.value, shown
    return len(chosen)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: Path(document.uri).name)
def test_what_is_accepted_is_yaml(document: Document) -> None:
    random = Random(f"{SEED} {document.uri}")
    accepted = sum(check(ANALYSIS, document, *place, random) for place in places(document, random))
    assert accepted > 0


@pytest.mark.parametrize(("below", "alone"), [("      pattern: x\n", True), ("    pattern: x\n", False), ("", False)])
def test_a_key_above_deeper_lines_is_written_alone(below: str, alone: bool) -> None:
    """They become its value, so that an item or a line of its own would make them invalid YAML."""
    text = f"entity: Contact\nschema: crm\nfields:\n  stage:\n    type: text\n    \n{below}"
    offset = text.index("text\n") + len("text\n    ")
    items = complete(ANALYSIS, Document("file:///workspace/contact.yaml", text), offset, NOW).items
    (values,) = [item.new_text for item in items if item.label.startswith("values")]
    assert (values == "values:") is alone
