"""Names in a file with several YAML documents: SpecQL refuses it, and each entity has its own schema and fields."""

from __future__ import annotations

import pytest

from specql_lsp.features.document_symbols import document_symbols
from specql_lsp.features.workspace_symbols import located, workspace_symbols
from tests.features.occurrences_support import check_occurrences
from tests.features.rename_support import check_rename
from tests.features.test_navigation import check_definition
from tests.features.test_semantic_tokens import words
from tests.features.workspace_snippets import spot, workspace

OTHERS = """
-- one/thing.yaml --
entity: Thing
        ^^^^^ one
schema: one
fields: {name: text}
-- two/thing.yaml --
entity: Thing
        ^^^^^ two
schema: two
fields: {name: text}
-- all/both.yaml --
entity: First
schema: one
fields:
  thing: ref(Thing)
             ^^^^^ one
actions:
  - name: act
    steps: [{update: Thing SET name = 1}]
                     ^^^^^ one
---
# the second one
entity: Second
schema: two
fields:
  thing: ref(Thing)
             ^^^^^ two
  other: "ref(one.Thing)"
                  ^^^^^ one
actions:
  - name: act
    steps: [{update: Thing SET name = 1}]
                     ^^^^^ two
...
"""


@pytest.mark.parametrize("of", ["one", "two"])
def test_each_document_has_its_own_schema(of: str) -> None:
    marks = OTHERS.replace(f"^ {of}", "^ ref").replace("^^^^^ ref", "^^^^^ def", 1)
    check_occurrences(marks)


def test_fields_and_actions_are_of_their_own_entity() -> None:
    check_occurrences(
        """
        entity: First
        fields: {name: text, status: "enum(a, b)"}
        actions: [{name: act, steps: [{validate: name = 1 AND status = 'a'}, {call: act()}]}]
        ---
        entity: Second
        fields: {name: text, status: "enum(a, b)"}
                 ^^^^ def
        actions: [{name: act, steps: [{validate: name = 1 AND status = 'a'}, {call: act()}]}]
                                                 ^^^^ ref
        """
    )
    check_definition(
        """
        entity: First
        fields: {status: "enum(a, b)"}
        actions: [{name: act}]
        ---
        entity: Second
        fields: {status: "enum(a, b)"}
                               ^ def
        actions: [{name: act, steps: [{validate: status = '$0a'}]}]
        """
    )
    check_definition(
        """
        entity: First
        actions: [{name: act}]
        ---
        entity: Second
        actions: [{name: act, steps: [{call: a$0ct()}]}]
                         ^^^ def
        """
    )


def test_a_rename_of_what_one_document_names() -> None:
    before = OTHERS.replace("one/thing", "one/a").replace("entity: Thing", "entity: Th$0ing", 1)
    lines = before.replace("$0", "").split("\n")
    marked = [number - 1 for number, line in enumerate(lines) if line.strip().startswith("^") and line.endswith(" one")]
    after = [line.replace("Thing", "Item") if number in marked else line for number, line in enumerate(lines)]
    check_rename(before, "Item", "\n".join(after))


def test_symbols_and_tokens_of_each() -> None:
    it = workspace(OTHERS)
    document = it.document("all/both.yaml")
    assert [each.name for each in document_symbols(document)] == ["First", "Second"]
    for query, line in (("second", 9), ("first.thing", 3), ("second.thing", 12), ("second.act", 15)):
        [symbol] = workspace_symbols(it.analysis(), query)
        place = located(symbol, it.analysis(), it.read)
        assert place is not None
        assert spot(place)[:2] == ("all/both.yaml", line)
    assert words(OTHERS, path="all/both.yaml").count("Thing class") == 5
