"""The syntax tree: never an exception, spans that hold the text, texts longer than tree-sitter can count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specql_lsp.syntax.nodes import Alias, Mapping, Node, Scalar, Sequence, path_at, walk
from specql_lsp.syntax.parsing import long_texts
from specql_lsp.syntax.parsing import parse as parsing
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.tree import SyntaxTree

REGISTRY = Path(__file__).parents[2] / "fixtures" / "workspace" / "registry" / "domain_registry.yaml"
yaml_like = st.lists(
    st.sampled_from(
        [
            "a",
            "b: ",
            "- ",
            "\n",
            "  ",
            "\t",
            "'",
            '"',
            "{",
            "}",
            "[",
            "]",
            ": ",
            ",",
            "#",
            "|",
            ">",
            "&a ",
            "*a",
            "!t ",
            "---\n",
            "...\n",
            "? ",
            "<<: ",
            "\r\n",
            "\\",
            "ü",
            "😀",
            "\u2028",
            "\f",
            "\0",
            "\ud83d",
            "%",
            "@",
            "0x1",
        ]
    ),
    max_size=30,
).map("".join)


LINE_BREAKS = frozenset("\n\r\x85\u2028\u2029")
"""What ends a line in YAML 1.1; a plain scalar over several lines is folded."""


def assert_spans_hold(tree: SyntaxTree) -> None:
    if tree.root is None:
        return
    for node in walk(tree.root):
        assert 0 <= node.span.start <= node.span.end <= len(tree.text)
        if isinstance(node, Mapping):
            for entry in node.entries:
                assert entry.key.span.start >= entry.span.start
                assert entry.value is None or entry.value.span.end <= entry.span.end
        if isinstance(node, Alias):
            assert tree.raw(node) == f"*{node.name}"
        if isinstance(node, Scalar) and node.is_plain and LINE_BREAKS.isdisjoint(tree.raw(node)):
            assert tree.raw(node) == node.value


@given(st.one_of(yaml_like, st.text(max_size=60)))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_it_never_raises_and_spans_hold(text: str) -> None:
    tree = parse(text)
    assert_spans_hold(tree)
    for problem in tree.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for offset in range(0, len(text) + 1, 3):
        path_at(tree.root, offset)


@pytest.mark.parametrize("prefix", ["", "# ü😀数\n", "x: 'ü😀数'\n"])
def test_spans_behind_wide_characters(prefix: str) -> None:
    tree = parse(prefix + "größe: 数😀  # ü\nlist: [ä, {ö: 'ü'}]\n")
    assert_spans_hold(tree)
    assert isinstance(tree.root, Mapping)
    value = tree.root.scalar("größe")
    assert value is not None
    assert tree.raw(value) == value.value == "数😀"
    assert "'ü'" in [tree.raw(node) for node in walk(tree.root)]


def shape(node: Node | None, text: str) -> object:
    """A tree as plain values with the texts of its spans."""
    if isinstance(node, Mapping):
        return [(shape(e.key, text), shape(e.value, text), text[e.span.start : e.span.end]) for e in node.entries]
    if isinstance(node, Scalar):
        return (node.span, node.value, node.style)
    if node is None or isinstance(node, Alias):
        return node
    return [shape(item, text) for item in node.items]


@pytest.mark.parametrize("rows", [7, 20, 60])
def test_pieces_equal_the_whole(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = REGISTRY.read_text(encoding="utf-8") + "größe:\n  'ü😀': [1,\n    2]\n  x: &a\n    - y\n    - {z: 'ü'}\n"
    whole = parse(text)
    monkeypatch.setattr(long_texts, "MAX_ROWS", rows)
    monkeypatch.setattr(parsing, "MAX_ROWS", rows)
    cut = parse(text)
    assert not cut.problems
    assert shape(cut.root, text) == shape(whole.root, text)
    assert set(cut.anchors) == set(whole.anchors)


@given(yaml_like)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_pieces_never_raise(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_texts, "MAX_ROWS", 2)
        patch.setattr(parsing, "MAX_ROWS", 2)
        assert_spans_hold(parse(text))


def test_more_rows_than_tree_sitter_counts() -> None:
    rows = "".join(f"  k{n}: v\n" for n in range(40_000))
    tree = parse(f"a:\n{rows}b: end\n")
    assert not tree.problems
    assert isinstance(tree.root, Mapping)
    inner = tree.root.mapping("a")
    assert inner is not None
    assert len(inner.entries) == 40_000
    assert tree.root.scalar("b") is not None


@pytest.mark.parametrize(
    "text",
    [
        "entity: Contact\nschema: crm\n\tbad\norganization:\n  table_code: '012031'\n",
        "entity: Contact\nschema: crm\norganization:\n  table_code: '012031'\n   x: {[\n",
        "entity: Contact\nschema: crm\n<<<<<<< HEAD\norganization:\n  table_code: '012031'\n=======\n>>>>>>> x\n",
        "entity: Contact\nschema: crm\norganization:\n  table_code: '012031'\n  d:\n: : :\n",
        "entity: Contact\nschema: crm\norganization:\n  table_code: '012031'\ndescription: \"open\n",
    ],
)
def test_keys_of_broken_texts(text: str) -> None:
    tree = parse(text)
    assert isinstance(tree.root, Mapping)
    entity, schema = tree.root.scalar("entity"), tree.root.scalar("schema")
    assert entity is not None
    assert entity.value == "Contact"
    assert schema is not None
    assert schema.value.splitlines()[0].split()[0] == "crm"
    organization = tree.mapping(tree.root.value("organization"))
    assert organization is not None
    code = organization.scalar("table_code")
    assert code is not None
    assert (code.value, tree.raw(code)) == ("012031", "'012031'")


@pytest.mark.parametrize("header", ["|2", ">", "  |- # text"])
def test_a_block_scalar_that_begins_a_line_is_text_in_a_broken_tree(header: str) -> None:
    tree = parse(f"schema:\n{header}\n    table_code: x\nentity: y\n{{\n")
    assert isinstance(tree.root, Mapping)
    assert [entry.name for entry in tree.root.entries] == ["schema", "entity"]
    assert tree.mapping(tree.root.value("schema")) is None


def test_tags_and_anchors() -> None:
    tree = parse("a: &x !!map\n  b: !t [1]\nc: !!str &y.z d\n")
    assert isinstance(tree.root, Mapping)
    a = tree.root.mapping("a")
    assert a is not None
    assert a.tag == "!!map"
    assert isinstance(b := a.value("b"), Sequence)
    assert b.tag == "!t"
    assert [tree.text[span.start : span.end] for name in tree.anchors if (span := tree.anchor_span(name))] == [
        "&x",
        "&y.z",
    ]
    assert tree.anchor_span("other") is None


def test_aliases() -> None:
    tree = parse("a: &x {b: 1}\nc: *x\nd: *nothing\n")
    assert isinstance(tree.root, Mapping)
    assert tree.mapping(tree.root.value("c")) is tree.root.value("a")
    assert tree.resolve(tree.root.value("d")) is None


@pytest.mark.parametrize("levels", [100, 251, 252, 253, 3000])
@pytest.mark.parametrize("unit", ["- ", "-\t", "? ", "-   ", "[", "a: {b: ", "{", ": "])
def test_deep_nesting_on_one_line(unit: str, levels: int) -> None:
    """tree-sitter-yaml 0.7.2 ends the process past 252 levels of blocks."""
    text = f"entity: Contact\nx:\n  {unit * levels}y\n"
    tree = parse(text)
    assert_spans_hold(tree)
    assert isinstance(tree.root, Mapping) or levels > 100


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("line", ["a:", "- b:", "-"])
def test_deep_nesting_by_indentation(line: str, end: str) -> None:
    tree = parse("entity: Contact" + end + "".join(" " * (level * 2) + line + end for level in range(600)))
    assert_spans_hold(tree)
    assert parse("".join(" " * level + "a:" + end for level in range(60))).broken is False


def test_a_long_rule_is_no_nesting() -> None:
    assert not parse("entity: Contact\n# " + "-" * 400 + "\ndescription: '" + "- " * 200 + "'\n").broken


def test_a_text_that_tree_sitter_gives_up_without_an_error_node_has_a_problem() -> None:
    tree = parse("#n of the ion: 1.0.0\n# Description: Currencies\n  #\n]")
    assert tree.has_problems
