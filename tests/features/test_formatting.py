"""Formatting of SpecQL's files, of parts of them, and while somebody types."""

from __future__ import annotations

import textwrap

import pytest

from specql_lsp.features.formatting import formatting
from specql_lsp.features.on_type_formatting import DASH, ENTER, on_type_formatting
from specql_lsp.syntax.editing.format import FormatOptions
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document


def document(text: str, *, is_registry: bool = False) -> Document:
    return Document("file:///workspace/entities/a.yaml", text, 1, is_registry=is_registry)


def formatted(text: str, within: Span | None = None, *, is_registry: bool = False) -> str:
    return apply(text, formatting(document(text, is_registry=is_registry), within=within))


def test_an_entity_file() -> None:
    before = """\
        entity:  Contact
        schema : crm
        organization:
            table_code: "012031"
        fields:
          email: 'email!'
          # whose
          company:   ref(Company)
          status: {type: "enum(a, b)",default:   a}
        actions:
          - name:   "create"
            steps:
              -  validate: "email IS NOT NULL"
    """
    after = """\
        entity: Contact
        schema: crm
        organization:
          table_code: "012031"
        fields:
          email: email!
          # whose
          company: ref(Company)
          status: {type: "enum(a, b)", default: a}
        actions:
          - name: create
            steps:
              - validate: email IS NOT NULL
    """
    assert formatted(textwrap.dedent(before)) == textwrap.dedent(after)


def test_table_codes_have_quotes() -> None:
    assert formatted("entity: A\norganization:\n  table_code: 01203A\n").endswith("table_code: '01203A'\n")
    kept = "entity: A\norganization:\n  table_code: 'ABCDEF'\n"
    assert formatted(kept) == kept
    number = "entity: A\norganization:\n  table_code: 012031\n"
    assert formatted(number) == number  # the value would be another


def test_the_registry() -> None:
    before = """\
        domains:
          '2':
              name: 'crm'
              subdomains:
                '03':
                  name: "customer"
                  entities:
                    Contact: {table_code: 01203A,entity_code: 'CNT'}
                    Lead: ABCDEF
        reserved_codes: ['000000',0A0000]
    """
    after = """\
        domains:
          '2':
            name: crm
            subdomains:
              '03':
                name: customer
                entities:
                  Contact: {table_code: '01203A', entity_code: CNT}
                  Lead: 'ABCDEF'
        reserved_codes: ['000000', '0A0000']
    """
    assert formatted(textwrap.dedent(before), is_registry=True) == textwrap.dedent(after)


def test_files_that_are_not_specqls_are_left_alone() -> None:
    assert formatted("name:   x\n") == "name:   x\n"


def test_a_selection_of_whole_lines_ends_before_the_next_one() -> None:
    text = "entity:  A\nschema:  b\ndescription:  c\n"
    assert formatted(text, Span(0, 11)) == "entity: A\nschema:  b\ndescription:  c\n"
    assert formatted(text, Span(3, 14)) == "entity: A\nschema: b\ndescription:  c\n"
    assert formatted(text, Span(11, 11)) == "entity:  A\nschema: b\ndescription:  c\n"


def test_options() -> None:
    text = "entity: A  \n"
    assert formatting(document(text), FormatOptions(trims_lines=False)) == ()


# While somebody types


def after_typing(marked: str, character: str, indentation: int = 2) -> str:
    """The text with the cursor's mark ``¦`` taken out, after the edits."""
    marked = textwrap.dedent(marked)
    offset = marked.index("¦")
    text = marked.replace("¦", "")
    return apply(text, on_type_formatting(document(text), offset, character, indentation=indentation))


def check_enter(marked: str, line: str | None) -> None:
    """The cursor's line becomes ``line``; None: it stays."""
    marked = textwrap.dedent(marked)
    row = marked[: marked.index("¦")].count("\n")
    before = marked.replace("¦", "").split("\n")
    after = after_typing(marked, ENTER).split("\n")
    assert after[row] == (before[row] if line is None else line)
    del before[row], after[row]
    assert before == after


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("organization:\n", "  "),
        ("organization:   # c\n", "  "),
        ("organization: &x\n", "  "),
        ("fields:\n  a:\n", "    "),
        ("fields:\n    a:\n", "        "),
        ("actions:\n", "  "),
        ("actions:\n  - name: a\n    steps:\n", "      "),
        ("actions:\n- name: a\n  steps:\n", "  "),
        ("actions:\n  - name: a\n", "    "),
        ("actions:\n  - name: a\n    steps:\n      - validate: x\n", "        "),
        ("actions:\n  - name: a\n    steps:\n      - if: x\n        then:\n", "          "),
        ("translations:\n  fields:\n    - name\n", "    - "),
        ("translations:\n  fields:\n    - 'a b'\n", "    - "),
        ("description: |\n", "  "),
        ("description: >-\n", "  "),
        ("fields:\n  a: text\n", None),
        ("fields: {a: text,\n", None),
        ("fields:\n  # comment:\n", None),
        ("description: |\n  a list:\n", None),
        ("description: |\n  - item\n", None),
        ("description: 'a\n  - item\n", None),
        ("translations:\n  fields:\n    - 'a\n", None),
        ("actions:\n  -\n", None),
        ("schema:\n", None),
        ("\n", None),
    ],
)
def test_enter(above: str, line: str | None) -> None:
    check_enter(f"entity: A\n{above}¦\n", line)
    check_enter(f"entity: A\n{above}¦", line)
    check_enter(f"entity: A\n{above}          ¦", line)


def test_enter_above_what_is_there() -> None:
    check_enter("entity: A\nfields:\n¦\n   a: text\n", "   ")
    check_enter("entity: A\nactions:\n¦\n# c\n    - name: a\n", "    ")


def test_enter_in_the_middle_of_a_line_leaves_it_alone() -> None:
    check_enter("entity: A\nfields:\n¦a: text\n", None)


def test_enter_with_the_editors_indentation_where_the_file_has_none() -> None:
    assert after_typing("entity: A\nfields:\n¦", ENTER, 4) == "entity: A\nfields:\n    "
    assert after_typing("entity: A\nfields:\r\n¦", ENTER, 4) == "entity: A\nfields:\r\n    "


STEPS = "entity: A\nactions:\n  - name: a\n    steps:\n      - validate: x\n        error: y\n"


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("        -¦", "      -"),
        ("       -¦", "      -"),
        ("      -¦", "      -"),
        ("     -¦", "  -"),
        ("    -¦", "  -"),
        ("  -¦", "  -"),
        (" -¦", "  -"),
        ("-¦", "-"),
        ("        - x¦", "        - x"),
        ("        --¦", "        --"),
    ],
)
def test_a_dash_goes_to_its_siblings(line: str, after: str) -> None:
    assert after_typing(f"{STEPS}{line}\n", DASH) == f"{STEPS}{after}\n"
    assert after_typing(f"{STEPS}\n# c\n{line}", DASH) == f"{STEPS}\n# c\n{after}"


@pytest.mark.parametrize(
    "text",
    [
        "entity: A\nactions:\n    -¦",
        "entity: A\nactions:\n  - name: a\n    steps:\n          -¦",
        "entity: A\ndescription: |\n  text\n    -¦",
        "entity: A\nactions:\n  - name: a\n    description: >\n        text\n          -¦",
        "entity: A\nactions:\n  - name: a\n    description: 'text\n          -¦\n   '",
        "entity: A\nfields:\n  a: text\n    -¦",
        "entity: A\nactions: [\n    -¦",
        "name: A\nactions:\n  - name: a\n    -¦",
        "entity: A\nx:\n- y\nz: w\n  -¦",  # the items have ended
    ],
)
def test_a_dash_that_begins_a_list_or_is_text_stays(text: str) -> None:
    assert after_typing(text, DASH) == text.replace("¦", "")
