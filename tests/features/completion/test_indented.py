"""Completion on a line that is further out than those around it, such as an empty one between two fields."""

from __future__ import annotations

import re

import pytest
import yaml

from specql_lsp.features.completion import complete
from specql_lsp.features.model import CompletionItem
from specql_lsp.workspace.documents import Document
from tests.benchmarks.completion_quality import FIXTURES, workspace
from tests.features.completion_support import NOW

ANALYSIS, _ = workspace(FIXTURES)
CURSOR = "|"

PLACES = {
    "between fields": ("fields:\n  name: text\n|\n  email: text\n", "  name_2: text"),
    "before the first field": ("fields:\n|\n  email: text\n", "  name: text"),
    "between fields, with empty lines and a comment": (
        "fields:\n  name: text\n\n|\n\n# more\n  email: text\n",
        "  name_2: text",
    ),
    "between keys of a field": ("fields:\n  stage:\n    type: text\n|\n    required: true\n", "    nullable: "),
    "a half indented line": ("fields:\n  stage:\n    type: text\n  |\n    required: true\n", "  nullable: "),
    "a word": ("fields:\n  stage:\n    type: text\nnul|\n    required: true\n", "    nullable: "),
    "a word, from its beginning": ("fields:\n  stage:\n    type: text\n|nul\n    required: true\n", "    nullable: "),
    "behind a deeper field": ("fields:\n  stage:\n    type: text\n|\n  b: text\n", "  parent: ref(Contact)"),
    "between keys of an action": ("actions:\n  - name: a\n|\n    steps: []\n", "    description: "),
    "between steps": (
        "actions:\n  - name: a\n    steps:\n      - validate: x\n|\n      - update: y\n",
        "      - update: ",
    ),
    "between keys of the organization": ("organization:\n  table_code: '1'\n|\n  domain_name: a\n", "  subdomain: "),
    "behind an anchor": ("organization: &org # the place\n|\n  domain_name: a\n", "  subdomain: "),
}


def accepted(text: str) -> list[tuple[CompletionItem, str]]:
    """The items at the cursor, each with the text after it was accepted."""
    offset, text = text.index(CURSOR), text.replace(CURSOR, "", 1)
    items = complete(ANALYSIS, Document("file:///workspace/contact.yaml", text), offset, NOW).items
    return [(item, text[: item.replace.start] + item.new_text + text[item.replace.end :]) for item in items]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("place", PLACES)
def test_what_belongs_beside_the_neighbours_is_written_there(place: str, line_break: str) -> None:
    part, expected = PLACES[place]
    text = f"entity: Contact\nschema: crm\n{part}views: 1\n".replace("\n", line_break)
    found = accepted(text)
    assert expected in [item.new_text for item, _ in found]
    before = yaml.safe_load(re.sub(r"\w*\|\w*", "", text))
    for item, after in found:
        assert item.replace.start <= text.index(CURSOR) <= item.replace.end
        now = yaml.safe_load(after)
        assert now.keys() == before.keys(), item.new_text
        assert _within(before, now), item.new_text


def test_the_lines_of_a_snippet_have_what_the_client_does_not_repeat() -> None:
    """A client repeats the blanks of the cursor's line alone."""
    for own in ("", "  "):
        text = f"entity: Contact\nschema: crm\nactions:\n  - name: a\n    steps:\n      - a: 1\n{own}|\n      - b: 2\n"
        snippets = [item.snippet for item, _ in accepted(text) if "\n" in item.snippet]
        assert snippets
        for snippet in snippets:
            first, *others = snippet.split("\n")
            blanks = " " * (6 - len(own))
            assert first.startswith(f"{blanks}- ")
            assert all(line.startswith(f"{blanks}  ") for line in others)


@pytest.mark.parametrize(
    "part",
    [
        "fields:\n  name: text\n|\nactions: []\n",
        "fields:\n  name: text\n|\n",
        "fields:\n  name: text\n|\n\n# comment\n",
        "|\nfields:\n  name: text\n",
    ],
)
def test_beside_keys_of_the_file_they_are_offered(part: str) -> None:
    found = accepted(f"entity: Contact\nschema: crm\n{part}")
    assert "description: " in [item.new_text for item, _ in found]


@pytest.mark.parametrize("part", ["description: |-\n  one\n|\n  two\n", "description: >\n  one\n|\n  two\n"])
def test_in_a_text_nothing_is_offered(part: str) -> None:
    text = f"entity: Contact\nschema: crm\n{part}"
    offset = text.rindex("|\n")
    text = text[:offset] + text[offset + 1 :]
    assert complete(ANALYSIS, Document("file:///workspace/contact.yaml", text), offset, NOW).items == ()


@pytest.mark.parametrize(
    "part",
    [
        "description: one\n|\n  two\nfields: {}\n",
        "description: one\n\n  |\n\n  two\nfields: {}\n",
        "description: 'one\n|\n  two'\nfields: {}\n",
        'fields:\n  a:\n    description: "one\n|\n      two"\n',
    ],
)
def test_on_an_empty_line_of_a_text_nothing_is_offered(part: str) -> None:
    assert accepted(f"entity: Contact\nschema: crm\n{part}") == []


def test_behind_a_quote_that_is_not_closed_the_rest_is_alive() -> None:
    found = accepted("entity: Contact\nschema: crm\ndescription: 'one\n|\nfields: {}\n")
    assert "actions:" in {item.new_text.split("\n")[0] for item, _ in found}


def test_in_the_registry() -> None:
    text = (
        "version: 2.0.0\nschema_layers: {}\ndomains:\n  '1':\n    name: a\n|\n    subdomains: {}\nreserved_codes: []\n"
    )
    offset, text = text.index(CURSOR), text.replace(CURSOR, "", 1)
    document = Document("file:///workspace/registry/domain_registry.yaml", text, is_registry=True)
    for item in complete(ANALYSIS, document, offset, NOW).items:
        after = yaml.safe_load(text[: item.replace.start] + item.new_text + text[item.replace.end :])
        assert after.keys() == yaml.safe_load(text).keys() and after["domains"]["1"].keys() >= {"name", "subdomains"}


def _within(before: object, now: object) -> bool:
    """Whether all that was there is there, at its place."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(_within(value, now.get(key)) for key, value in before.items())
    if isinstance(before, list):
        return isinstance(now, list) and all(any(_within(each, other) for other in now) for each in before)
    return before == now or before is None
