"""What the code actions for fields do to SpecQL's reading of them: what their titles say, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from specql_lsp.features.code_actions import fix_all_action
from specql_lsp.features.diagnostics import check
from specql_lsp.language.types import types
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import actions_at
from tests.specql.reference import Reference
from tests.support.corpus import ENTITIES, name_of

TEXTS = [
    *types(),
    "enum(a, b)",
    "enum(a, b) = a",
    "list(text)",
    "ref(Contact)",
    "ref(crm.Contact)",
    "ref(A|B)",
    "text = x",
    "integer = 5",
    "text = it is",
    "money = 1.5",
    "whatever",
]
FORMS = ["  {}: {}{}", "  {}: '{}{}'", '  {}: "{}{}"  # why']
NOT_NULL, NULLABLE = "Make it not null", "Make it nullable"


def read(specql: Reference, text: str) -> dict[str, Any]:
    """The fields as SpecQL reads them."""
    answer = specql.fields(text)
    assert answer.error is None, (answer.error, text)
    return dict(answer.value)


def hold(specql: Reference, document: Document, name: str, at: int) -> set[str]:
    """Applies every action at a field and holds it to SpecQL; the titles."""
    before = read(specql, document.text)
    titles: set[str] = set()
    for title, action in actions_at(Analysis(), document, Span(at, at)).items():
        if action.fixes or action.disabled is not None or not action.has_edit:
            continue
        titles.add(title)
        after_text = apply(document.text, action.all_edits())
        after = read(specql, after_text)
        assert list(after) == (sorted(before, key=str.lower) if title.startswith("Sort the fields") else list(before))
        expected = {key: dict(value) for key, value in before.items()}
        if title in {NOT_NULL, NULLABLE}:
            assert expected[name]["nullable"] is (title == NOT_NULL), after_text
            expected[name]["nullable"] = title == NULLABLE
        elif "own description" in title:
            expected[name]["description"] = after[name]["description"]
        assert after == expected, (title, after_text)
    return titles


@pytest.mark.parametrize("form", FORMS)
def test_each_type_in_each_form(specql: Reference, form: str) -> None:
    for number, text in enumerate(TEXTS):
        for mark in ("", "!"):
            line = form.format(f"field_{number}", text, mark)
            document = Document("file:///a.yaml", f"entity: Lead\nfields:\n  other: text\n{line}\n")
            at = document.text.index("field_")
            titles = hold(specql, document, f"field_{number}", at)
            assert titles == {NULLABLE if mark else NOT_NULL, "Write the field as a mapping"}, line
            mapping = actions_at(Analysis(), document, Span(at, at))["Write the field as a mapping"]
            written = Document("file:///a.yaml", apply(document.text, mapping.all_edits()))
            back = hold(specql, written, f"field_{number}", written.text.index("field_"))
            assert NULLABLE if mark else NOT_NULL in back, line
            if "#" not in form:
                assert "Write the field as a text" in back, written.text


@pytest.mark.parametrize("path", ENTITIES, ids=name_of)
def test_each_field_of_a_file(specql: Reference, path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    if specql.fields(text).error is not None:
        text = text.partition("\nactions:")[0] + "\n"  # the steps that SpecQL refuses are no matter of a field
    document = Document(path.as_uri(), text)
    assert document.entity is not None and document.entity.fields
    for field in document.entity.fields:
        hold(specql, document, field.name, field.name_span.start)
    if document.entity.fields_entry is not None:
        hold(specql, document, "", document.entity.fields_entry.key.span.start)


TYPES = ["string", "varchar(10)", "text?", "char", "String", "text(100)", "str", "varchar(10)?", "TEXT", "Text"]


@pytest.mark.parametrize("form", ["  name: {}\n", "  name: '{}'\n", "  name: {{type: '{}', nullable: false}}\n"])
def test_what_is_fixed_unasked_changes_no_table(specql: Reference, form: str) -> None:
    for text in TYPES:
        document = Document("file:///a.yaml", f"entity: Lead\nschema: crm\nfields:\n{form.format(text)}  b: text\n")
        action = fix_all_action(Analysis(), document, check(Analysis(), document))
        assert action is not None, document.text
        after = apply(document.text, action.all_edits())
        assert specql.table(after) == specql.table(document.text), after


@pytest.mark.parametrize("path", ENTITIES, ids=name_of)
def test_what_is_fixed_unasked_in_a_file_changes_no_table(specql: Reference, path: Any) -> None:
    document = Document(path.as_uri(), path.read_text(encoding="utf-8"))
    action = fix_all_action(Analysis(), document, check(Analysis(), document))
    if action is not None and specql.entity(document.text).error is None:
        after = apply(document.text, action.all_edits())
        assert specql.table(after) == specql.table(document.text), after
