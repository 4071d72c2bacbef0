"""Every fix and every other action, over real files and random changes of them: what holds of each of them holds."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.nodes import Scalar, walk
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import actions_at, applied
from tests.features.support import snapshot
from tests.support.corpus import ENTITIES, name_of
from tests.support.effort import SEED, times

DOCUMENTS = {name_of(path): Document(path.as_uri(), path.read_text(encoding="utf-8")) for path in ENTITIES}
ANALYSIS = Analysis(
    registry=RegistryState(Provenance(Source.POSTGRESQL, writable=True), snapshot()),
    index=WorkspaceIndex(each.summary for each in DOCUMENTS.values() if each.summary is not None),
)
PIECES = ["'", '"', "!", "?", ":", " ", "\n", "#", "&a ", "*a", "{", "}", "[", "]", ",", "|", "- ", "x"]
VALUES = [
    "'{}'", '"{}"', "{{type: {}}}", "{{type: '{}!', required: true}}", "{}!", "{}?", "{} = x", "decimal(10, 2)",
    "string", "enum[a, b]", "yes", "012031", "ref({})", "&x {}", "|\n      {}", ">-\n      {}", "!!str {}",
]  # fmt: skip


def changed(text: str, chance: random.Random) -> str:
    """A text with one random change."""
    at, lines = chance.randrange(len(text) + 1), text.split("\n")
    line = chance.randrange(len(lines))
    match chance.randrange(7):
        case 0:
            return text[:at] + text[at + chance.randint(1, 3) :]
        case 1:
            return text[:at] + chance.choice(PIECES) + text[at:]
        case 2:
            return "\n".join(lines[:line] + lines[line + 1 :])
        case 3:
            return "\n".join([*lines[:line], chance.choice(lines), *lines[line:]])
        case 4:
            key, colon, value = lines[line].partition(": ")
            lines[line] = key + colon + chance.choice(VALUES).format(value) if colon else key
        case 5:
            lines[line] = " " * chance.randint(1, 3) + lines[line]
        case _:
            lines[line] += chance.choice(["  # why", " ", "!", ","])
    return "\n".join(lines)


def offsets(document: Document) -> Iterator[int]:
    """Where something may be offered: at each scalar."""
    yield from (node.span.start for root in document.tree.roots for node in walk(root) if isinstance(node, Scalar))


def attack(document: Document, places: list[int]) -> int:
    """Applies every action that is offered at some places; how many there were."""
    count = 0
    found = check(ANALYSIS, document)
    is_clean = not {"yaml-syntax", "duplicate-key"} & {finding.code for finding in found}
    errors = len(syntax_errors(document.tree))
    for at in dict.fromkeys([*places, *(finding.span.start for finding in found)]):
        for action in actions_at(ANALYSIS, document, Span(at, at)).values():
            if action.disabled is not None or not action.has_edit:
                continue
            count += 1
            if is_clean and not action.title.startswith("Fix every"):
                applied(ANALYSIS, document, action)
            else:
                after = apply(document.text, action.all_edits())
                assert len(syntax_errors(Document(document.uri, after).tree)) <= errors, (action.title, after)
    return count


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_action_in_a_real_file(name: str) -> None:
    document = DOCUMENTS[name]
    attack(document, random.Random(name).sample(list(offsets(document)), 10))


def test_every_action_in_a_file_that_was_changed_by_chance() -> None:
    chance = random.Random(SEED)
    small = [document for document in DOCUMENTS.values() if len(document.text) < 3_000]
    count = 0
    for _ in range(times(40)):
        document = chance.choice(small)
        text = document.text
        for _ in range(chance.randint(1, 3)):
            text = changed(text, chance)
        if chance.random() < 0.1:
            text = text.replace("\n", "\r\n")
        document = Document(document.uri, text)
        if document.entity is not None:
            places = list(offsets(document))
            count += attack(document, chance.sample(places, min(len(places), 3)))
    assert count > 40
