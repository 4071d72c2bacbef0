"""Files with unresolved merge conflicts: one finding each, both sides' codes count, the rest of the file goes on."""

from __future__ import annotations

import pytest

from specql_lsp.features import diagnostics
from specql_lsp.features.completion import complete
from specql_lsp.features.hover import hover
from specql_lsp.index.summary import changed_keys
from specql_lsp.index.symbols import code_key
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import NOW
from tests.features.support import REGISTRY, REGISTRY_URI, analysis, document

ENTITY = """\
entity: Lead
schema: crm
organization:
<<<<<<< HEAD
  table_code: '012038'
=======
  table_code: '012039'
>>>>>>> topic
fields:
  name: text
<<<<<<< HEAD
  one: texxt
  two: ref(Nowhere)
||||||| 1a2b3c
  one: text
=======
  one: {type: txt, nope: 1}
   odd: [
>>>>>>> topic
  last: foo
"""
UNRESOLVED = "Unresolved merge conflict between HEAD and topic: "


def conflict(ours: str, theirs: str) -> str:
    return f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n"


def findings(it: Document) -> list[tuple[str, str]]:
    return [(found.code, it.text[slice(*found.span)]) for found in diagnostics.check(analysis(), it)]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_an_entity_file_has_one_finding_a_conflict(line_break: str) -> None:
    it = document(ENTITY.replace("\n", line_break).replace("   odd: [" + line_break, ""))
    found = diagnostics.check(analysis(), it)
    assert findings(it) == [("yaml-syntax", "<<<<<<< HEAD")] * 2 + [("unknown-type", "foo")]
    assert all(each.message.startswith(UNRESOLVED) for each in found[:2])


def test_a_side_that_is_no_yaml_adds_nothing() -> None:
    assert findings(document(ENTITY))[:2] == [("yaml-syntax", "<<<<<<< HEAD")] * 2


def test_what_is_wrong_on_either_side_is_said() -> None:
    text = (
        ENTITY.replace("   odd: [\n", "")
        .replace("name: text\n", "name: 'text\n")
        .replace("schema: crm", "schema: [crm")
    )
    assert [code for code, _ in findings(document(text))][:3] == ["yaml-syntax"] * 3


def test_what_depends_on_the_side_is_not_said() -> None:
    text = (
        "entity: Lead\nschema: crm\norganization: {table_code: '012039'}\nfields:\n  name: text\n"
        "<<<<<<< HEAD\n  one: text\n=======\n  two: text\n>>>>>>> topic\n"
        "actions:\n  - name: act\n    steps:\n      - validate: one = 'x'\n"
    )
    assert "unknown-field" not in [code for code, _ in findings(document(text))]


def test_a_text_that_only_shows_markers_is_fine() -> None:
    text = "entity: Lead\nschema: crm\ndescription: |\n  <<<<<<< HEAD\n  a\n  =======\n  >>>>>>> b\n"
    assert "yaml-syntax" not in [code for code, _ in findings(document(text))]


def test_codes_of_both_sides_are_used() -> None:
    summary = document(ENTITY).summary
    assert summary is not None and set(summary.codes) == {"012038", "012039"}
    index = WorkspaceIndex([summary])
    assert set(index.codes()) == {"012038", "012039"}
    for code, line in (("012038", 4), ("012039", 6)):
        (facts,) = index.using_code(code)
        assert facts.name == "Lead" and facts.code_spot is not None and facts.code_spot.line == line
    assert [facts.name for facts in index.all()] == ["Lead"]
    kept = document(
        ENTITY.replace("<<<<<<< HEAD\n  table", "  table", 1).replace(
            "=======\n  table_code: '012039'\n>>>>>>> topic\n", "", 1
        )
    )
    assert set(index.put(kept.uri, kept.summary).codes()) == {"012038"}
    assert set(index.put(kept.uri, None).codes()) == set()


def test_the_readers_of_both_codes_are_concerned() -> None:
    before, after = document(ENTITY).summary, document("entity: Lead\nschema: crm\n").summary
    keys = {code_key("012038"), code_key("012039")}
    assert keys <= changed_keys(before, after) and keys <= changed_keys(None, before)


def test_a_file_whose_entity_is_in_conflict() -> None:
    one, other = (
        f"entity: {name}\nschema: crm\norganization: {{table_code: '{code}'}}\n"
        for name, code in (("Lead", "012038"), ("Deal", "012039"))
    )
    it = document(f"<<<<<<< HEAD\n{one}=======\n{other}>>>>>>> topic\n")
    assert findings(it) == [("yaml-syntax", "<<<<<<< HEAD")]
    assert it.summary is not None and set(it.summary.codes) == {"012038", "012039"}


def test_a_registry_has_one_finding_a_conflict() -> None:
    ours = "          Lead: {table_code: '012038', entity_code: LED, assigned_at: '2026-01-20T10:02:30'}\n"
    theirs = ours.replace("Lead", "Deal").replace("LED", "DEL")
    counter = "        next_entity_sequence: 5\n"
    text = REGISTRY.replace("          Contact:\n", f"{conflict(ours, theirs)}          Contact:\n", 1)
    text = text.replace(counter, conflict(counter, counter.replace("5", "6")))
    it = Document(REGISTRY_URI, text, is_registry=True)
    assert findings(it) == [("yaml-syntax", "<<<<<<< HEAD")] * 2


def test_completion_and_hover_go_on() -> None:
    it = document(ENTITY)
    for word in ("crm", "text"):
        assert hover(analysis(), it, it.text.index(word), NOW) is not None, word
    typed = document(ENTITY.replace("foo", "te"))
    at = len(typed.text) - 1
    assert "text" in {item.label for item in complete(analysis(), typed, at, NOW).items}
