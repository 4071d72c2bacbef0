"""Syntax errors in plain words, where PyYAML refuses a text and nowhere else; keys that a mapping has twice."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from specql_lsp.features import diagnostics
from specql_lsp.features.model import Severity
from specql_lsp.syntax.pyyaml import first_error
from tests.features.support import REGISTRY, REGISTRY_URI, analysis, check, document


def test_duplicate_keys() -> None:
    (found,) = check(
        """\
        entity: New
        schema: common
        fields:
          name: text
          age: integer
          name: text
          ^^^^ duplicate-key: is already on line 4
        """
    )
    assert found.severity is Severity.WARNING
    assert found.related[0].place.line_text == "  name: text"


def test_keys_that_are_not_the_same() -> None:
    check("entity: New\nschema: app\na:\n  '2': x\n  2: y\n  <<: {b: 1}\n  <<: {c: 1}\n")


def test_duplicates_in_lists_and_flow() -> None:
    check("entity: New\nschema: app\na:\n- {b: 1, b: 2}\n         ^ duplicate-key\n")


VALID = [
    "a: [b,\nc]\n",
    "a: x]\n",
    "a: it's\n",
    "a: 'it''s'\n",
    'a: "x\\ty"\n',
    "a: 'x\n  y'\n",
    "a: x\n  y\n",
    "a: |\n  b: c: d\n   e\n",
    "a: >-\n  x\n\n  y\n",
    "a:\n- b\n- c\n",
    "a:\n  - b: 1\n    c: 2\n  -\n    d: 3\n",
    "? a\n: b\n",
    "a: &x 1\nb: *x\n",
    "a: !!str 1\n",
    "a: {b: c,}\n",
    "a: {b, c: d}\n",
    "a: [b: c, d]\n",
    "a: b #c\n",
    "a: b#c\n",
    "---\na: b\n...\n",
    "a: text  # c\n\n\n# d\n",
    "a: http://x.y/z?q=1\n",
    "a: ref(Contact)!\n",
    "a: enum(x, y) = 'x'\n",
    "a b c: d\n",
    "a: -1\n",
    "a: -b\n",
    "a:\r\n  b: c\r\n",
    "a: 😀\nb: ü\n",
    "a: ''\nb: \"\"\n",
    "a: [\n  1,\n  2\n]\n",
    "a: {\n  b: 1\n}\n",
    "# only a comment\na:\n",
    "a:\n  # comment\n  b: 1\n # odd comment\n  c: 2\n",
]

INVALID = [
    ("a: 'b\nc: d\n", "'b", "not closed"),
    ('a: "b\nc: "d"\n', '"b', "not closed"),
    ("a: {b: c\nd: e\n", "{", "not closed: add a }"),
    ("a: [1, 2\nb: c\n", "[", "not closed: add a ]"),
    ("a:\n\tb: c\n", "\t", "Tabs cannot indent"),
    ("a:\tb\n", "\t", "no tab here"),
    ("a: b\n  c: d\n", "c", "indented deeper than line 2"),
    ("foo\na: b\n", "foo", "no colon after foo"),
    ("a: b\nfoo\nc: d\n", "foo", "no colon after foo"),
    ("a: 1\nb:2\nc: 3\n", "b:2", "space after the colon: b: 2"),
    ("a: b: c\n", "b: c", "put this value in quotes"),
    ("a: 'x' y\n", "y", "Nothing may follow a closing quote"),
    ("a: [1] y\n", "y", "closing ]"),
    ("a: @x\n", "@", "cannot begin with @"),
    ("a: `x`\n", "`", "cannot begin with `"),
    ("a:\n   b: 1\n  c: 2\n", "c: 2", "fits no line above it: indent it by 0 or 3"),
    ("a:\n  - b: 1\n   c: 2\n", "c: 2", "indent it by 2 or 4"),
    ("a: b\n- c\n", "- c", "list item cannot stand among keys"),
    ("a: - b\n", "-", "line of its own"),
    ("a: ]\n", "]", "no [ that this ] closes"),
    ("a: {b: 1}}\n", "}", "no { that this } closes"),
    ("a: [x}\n", "}", "does not close the ["),
    ("a: ['x' 'y']\n", "'y'", "missing before this"),
    ("a: [b,,c]\n", ",", "no value between"),
    ('a: "\\q"\n', "\\q", "no escape"),
    ("a: |x\n  y\n", "|x", "line after |"),
    ("a: *\n", "*", "needs a name"),
    ("a: *b\n", "*b", "No anchor &b"),
    ("a: \x07\n", "\x07", "no U+0007"),
    ("<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> x\n", "<<<<<<< HEAD", "merge conflict"),
]


def refused(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except yaml.YAMLError:
        return True
    return False


@pytest.mark.parametrize("text", VALID)
def test_what_pyyaml_reads_is_not_called_wrong(text: str) -> None:
    assert not refused(text)
    it = document("entity: New\n" + text) if not text.startswith("---") else document("---\nentity: X\n" + text[4:])
    assert [f.message for f in diagnostics.check(analysis(), it) if f.code == "yaml-syntax"] == []


@pytest.mark.parametrize(("text", "shown", "says"), INVALID)
def test_syntax_errors_in_plain_words(text: str, shown: str, says: str) -> None:
    assert refused(text)
    it = document("entity: New\n" + text)
    (found,) = (f for f in diagnostics.check(analysis(), it) if f.code == "yaml-syntax")
    assert it.text[found.span.start : found.span.end] == shown
    assert says in found.message
    assert found.severity is Severity.ERROR


def test_each_section_has_its_own_error() -> None:
    check(
        """\
        entity: New
        a: [1
           ^ yaml-syntax: not closed
        b: x: y
           ^^^^ yaml-syntax: quotes
        c: 'z
           ^^ yaml-syntax: not closed
        """
    )


def test_errors_are_cut_to_what_a_person_reads() -> None:
    text = "entity: New\n" + "".join(f"k{n}: a: b\n" for n in range(1000))
    found = diagnostics.check(analysis(), document(text))
    assert len([f for f in found if f.code == "yaml-syntax"]) == 20


PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "c:",
        "- ",
        "-",
        "\n",
        "\n  ",
        "\n    ",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ", ",
        "#",
        " # c",
        "|",
        ">\n",
        "&x ",
        "*x",
        "!!str",
        "? ",
        ": ",
        ":",
        "\t",
        " ",
        "\n---\n",
        "\n...\n",
        "\\",
        "@",
        "é",
        "\r\n",
        "|2\n",
        "\n\n",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_the_grammar_is_pyyamls(text: str) -> None:
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        if "tag handle" in str(error):  # what %TAG defines is not followed
            return
        assert first_error(text) is not None
    else:
        assert first_error(text) is None


@example("\n :", False)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)), st.booleans())
def test_any_text_is_checked_without_an_exception(text: str, as_registry: bool) -> None:
    for it in (document("entity: " + text), document(text), document("domains: " + text, REGISTRY_URI)):
        for found in diagnostics.check(analysis(it, registry=REGISTRY if as_registry else None), it):
            assert 0 <= found.span.start < found.span.end <= len(it.text)
            assert found.message.endswith((".", "?")) or found.code in {"yaml-syntax", "missing-table-code"}
