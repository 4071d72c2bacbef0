"""What PyYAML refuses though it looks like YAML, class by class, and what it reads although it looks odd."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.pyyaml.errors import review_syntax
from specql_lsp.syntax.pyyaml.tokens import MAX_DEPTH
from tests.syntax.test_broken_as_pyyaml import difference, refuses


def said(text: str) -> list[tuple[str, str]]:
    """What is shown of a text, and what is said of it."""
    return [(text[span.start : span.end], message) for span, message in review_syntax(parse(text)).errors]


@pytest.mark.parametrize(
    ("text", "shown", "message"),
    [
        ("a: [c?d]", "?", "A comma or ] is missing"),
        ("a: [:id]", ":", ""),
        ("a: [!name]", "!name]", "This tag takes the ] with it"),
        ("a: &x 1\nb: &x 2\n", "&x", "The anchor &x is defined above already: give one another name."),
        ("a: *x\nb: &x 1\n", "*x", "No anchor &x is defined before this alias"),
        ("a: &x.y 1\n", "&", "An anchor needs a name"),
        ("a: &é 1\n", "&", "An anchor needs a name"),
        ("a: !person x\n", "!person", "SpecQL's reader knows no tag !person: take it away"),
        ("a: !e!x y\n", "!e!x", "No %TAG line defines"),
        ("a: !!int x\n", "!!int", "SpecQL's reader cannot read this as !!int: take the tag away."),
        ("a: !!map [x]\n", "!!map", "SpecQL's reader cannot read a list as !!map: take the tag away."),
        ("a: !!omap [x]\n", "!!omap", "Every item of !!omap must be a mapping with one key."),
        ("a: =\n", "=", "SpecQL's reader refuses = as a value: quote it."),
        ("a: <<\n", "<<", "SpecQL's reader refuses << as a value: quote it."),
        ("a: {<<: x}\n", "<<", "SpecQL's reader merges mappings only"),
        ("a: {<<: [{b: c}, d]}\n", "<<", "SpecQL's reader merges mappings only"),
        ("? [a]\n: b\n", "[", "SpecQL's reader refuses a key that is a list or a mapping."),
        ("a: 2024-02-30\n", "2024-02-30", "SpecQL's reader takes 2024-02-30 for a date, but it is none: quote it."),
        ("a: 2024-02-01 25:00:00\n", "2024-02-01 25:00:00", "for a date, but it is none"),
        ("a: 0x_\n", "0x_", "SpecQL's reader takes 0x_ for a number, but it is none: quote it."),
        ("a: " + "1" * 5000, "1" * 5000, "…"),
        ("x" * 1100 + ": a\n", "x" * 1100, "A key has at most 1,024 characters"),
        ("%YAML 2.0\n---\na: b\n", "%YAML 2.0", "SpecQL's reader refuses this directive: delete the line."),
        ("%YAML\n---\na: b\n", "%YAML", "SpecQL's reader refuses this directive: delete the line."),
        ("%TAG ! tag:x\n%TAG ! tag:y\n---\na: b\n", "%TAG ! tag:y", "SpecQL's reader refuses this directive"),
        (": a\n", ":", "There is no key before this colon."),
        ("a: |\n      \n  text\n", "text", ""),
        ('a: "\\U00110000"\n', "\\U", "is no escape"),
    ],
)
def test_refusals_are_shown_at_their_place(text: str, shown: str, message: str) -> None:
    assert refuses(text) is not None
    found = said(text)
    assert found
    assert found[0][0] == shown
    assert message in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "=: a\n",
        "a: {<<: {b: c}, d: e}\n",
        "a: {<<: [{b: c}]}\n",
        "a: &a\n  <<: *a\n  b: c\n",
        "&a [*a]\n",
        "- &a x\n- {*a : b}\n",
        "a: !!str 1\n",
        "a: ! '12'\n",
        "a: !!str {=: y}\n",
        "a: !!set {a, b}\n",
        "%TAG !e! tag:yaml.org,2002:\n---\na: !e!str c\n",
        "%YAML 1.1\n---\na: b\n",
        "a: '2024-02-30'\n",
        "a: 2024-02-29\n",
        "\ufeffa: b\n",
        "a: x\u2028  b\n",
        "a: |\n  ---\n",
        "'<<': x\n",
        "x" * 1000 + ": a\n",
        "",
        "---\n",
        "# only a comment\n",
    ],
)
def test_what_pyyaml_reads_is_not_called_wrong(text: str) -> None:
    assert refuses(text) is None
    assert not said(text)
    assert review_syntax(parse(text)).second_document is None


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_line_breaks_of_yaml_1_1_alone(character: str) -> None:
    for text in (
        f"a: b{character}c: d",
        f"a: b{character}  c: d",
        f"a: 'b{character}---{character}'",
        f"- a{character}- b",
    ):
        assert difference(text) is None
    tree = parse(f"a: b{character}c: d")
    assert tree.mapping(tree.root) is not None
    assert [entry.name for entry in tree.mapping(tree.root).entries] == ["a", "c"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "make", [lambda n: "[" * n + "]" * n, lambda n: "{a: " * n + "}" * n, lambda n: "- " * n + "a"]
)
def test_deep_nesting(make: object) -> None:
    """PyYAML calls itself for each level: what it cannot bear is refused, with room for the calls of its caller."""
    assert callable(make)
    assert not said(make(MAX_DEPTH - 1))
    yaml.safe_load(make(200))
    assert [m for _, m in said(make(600)) if f"more than {MAX_DEPTH} levels" in m]
    with pytest.raises(RecursionError):
        yaml.safe_load(make(600))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n---\nb: 2\n", 1),
        ("a: 1\n---\n", 1),
        ("---\n---\n", 1),
        ("a: 1\n...\n---\n", 2),
        ("--- a\n--- b\n", 1),
    ],
)
def test_a_second_document_is_shown_where_it_begins(text: str, line: int) -> None:
    assert refuses(text) is not None
    tree = parse(text)
    span = review_syntax(tree).second_document
    assert span is not None
    assert tree.lines.line_of(span.start) == line
    assert text[span.start : span.end] == "---"


def test_every_impossible_value_is_shown() -> None:
    assert [shown for shown, _ in said("a: 2024-02-30\nb: 2024-13-01\nc: [0b_]\n")] == [
        "2024-02-30",
        "2024-13-01",
        "0b_",
    ]
