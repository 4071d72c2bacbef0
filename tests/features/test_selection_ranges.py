"""What a selection grows to, in YAML and inside expressions and types."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from specql_lsp.features.selection_ranges import selection_ranges
from specql_lsp.workspace.documents import Document
from tests.support.corpus import ENTITIES, KINDS, ODD, REGISTRIES


def grows(marked: str, *, is_registry: bool = False) -> list[str]:
    """The texts of the ranges around the cursor ``¦``, innermost first, without the whole file."""
    marked = textwrap.dedent(marked)
    offset = marked.index("¦")
    document = Document("file:///workspace/a.yaml", marked.replace("¦", ""), 1, is_registry=is_registry)
    spans = selection_ranges(document, offset)
    assert spans[-1] == (0, len(document.text))
    for inner, outer in pairwise(spans):
        assert outer.start <= inner.start <= inner.end <= outer.end
        assert inner != outer
    return [document.text[start:end] for start, end in spans[:-1]]


def test_from_a_word_of_an_expression_to_the_file() -> None:
    steps = "- validate: 'a = 1 AND stat¦us IN (''x'', ''y'')'\n        error: e"
    text = f"entity: A\nactions:\n  - name: b\n    steps:\n      {steps}\n"
    assert grows(text) == [
        "status",
        "status IN (''x'', ''y'')",
        "a = 1 AND status IN (''x'', ''y'')",
        "'a = 1 AND status IN (''x'', ''y'')'",
        "validate: 'a = 1 AND status IN (''x'', ''y'')'",
        steps.replace("¦", "")[2:],
        steps.replace("¦", ""),
        "steps:\n      " + steps.replace("¦", ""),
        "name: b\n    steps:\n      " + steps.replace("¦", ""),
        "- name: b\n    steps:\n      " + steps.replace("¦", ""),
        "actions:\n  - name: b\n    steps:\n      " + steps.replace("¦", ""),
        text.replace("¦", "").rstrip(),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "text: ref(crm.Con¦tact|Company)!",
            ["Contact", "crm.Contact", "crm.Contact|Company", "ref(crm.Contact|Company)"],
        ),
        ("text: enum(one, t¦wo) = one", ["two", "enum(one, two)", "enum(one, two) = one"]),
    ],
)
def test_types(value: str, expected: list[str]) -> None:
    assert grows(f"entity: A\nfields:\n  {value}\n")[: len(expected)] == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("update: A SET a = lower(b¦), c = 1 WHERE d = 2", ["b", "lower(b)", "a = lower(b)"]),
        ("call: send(to = own¦er.email)", ["owner", "owner.email", "to = owner.email"]),
        ("if: a.b¦.c IS NULL", ["b", "a.b.c", "a.b.c IS NULL"]),
        ("validate: x = 😀 AND y = (z¦ + 1)", ["z", "z + 1", "(z + 1)", "y = (z + 1)"]),
    ],
)
def test_steps(step: str, expected: list[str]) -> None:
    assert grows(f"entity: A\nactions:\n  - name: b\n    steps:\n      - {step}\n")[: len(expected)] == expected


def test_flow_mappings_and_comments() -> None:
    assert grows("entity: A\nfields: {a: {type: te¦xt, nullable: false}}\n") == [
        "text",
        "type: text",
        "{type: text, nullable: false}",
        "a: {type: text, nullable: false}",
        "{a: {type: text, nullable: false}}",
        "fields: {a: {type: text, nullable: false}}",
        "entity: A\nfields: {a: {type: text, nullable: false}}",
    ]
    assert grows("entity: A\nfields:\n  # a wo¦rd\n  a: text\n")[:3] == ["word", " a word", "# a word"]


def test_block_scalars() -> None:
    assert grows("entity: A\ndescription: |\n  one\n  tw¦o\nschema: s\n")[:4] == [
        "two",
        "one\n  two",
        "|\n  one\n  two",
        "description: |\n  one\n  two",
    ]


def test_the_registry() -> None:
    text = "domains:\n  '2':\n    name: cr¦m\n"
    assert grows(text, is_registry=True)[:4] == [
        "crm",
        "name: crm",
        "'2':\n    name: crm",
        "domains:\n  '2':\n    name: crm",
    ]


def test_several_documents() -> None:
    assert grows("entity: A\n---\nentity: B¦\n") == ["B", "entity: B"]


def test_files_of_others_have_none() -> None:
    assert selection_ranges(Document("file:///a.yaml", "a: b\n", 1), 1) == ()


@pytest.mark.parametrize("path", [*ENTITIES[:12], *KINDS, *ODD, *REGISTRIES[:2]], ids=lambda path: path.stem)
def test_ranges_of_real_files_hold_the_cursor_and_each_other(path: Path) -> None:
    document = Document("file:///a.yaml", path.read_text(encoding="utf-8")[:6_000], 1)
    for offset in range(0, len(document.text), 7):
        spans = selection_ranges(document, offset)
        assert not spans or spans[-1] == (0, len(document.text))
        for inner, outer in pairwise(spans):
            assert outer.start <= inner.start <= offset <= inner.end <= outer.end
