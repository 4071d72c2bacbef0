"""The symbols of a document: their tree, their places, whatever the shape of the file."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from specql_lsp.features.document_symbols import document_symbols
from specql_lsp.features.model import OutlineSymbol
from specql_lsp.workspace.documents import Document
from tests.support.effort import SEED, times

ENTITY = """\
entity: Contact
schema: crm
organization: {table_code: '012031'}
fields:
  email: email!
  company: {type: ref(Company), nullable: false}
  odd:
actions:
  - name: qualify
    steps:
      - validate: email IS NOT NULL
      - if: email = 'a'
        then:
          - update: Contact SET email = 'b'
      - fly: high
  - pattern: state/move
"""
REGISTRY = """\
version: 1.0.0
domains:
  '2':
    name: crm
    subdomains:
      '03':
        name: customer
        entities:
          Contact: {table_code: '012031'}
          Company: '012032'
      '04':
  '3':
reserved_codes: []
"""


def tree(symbols: Iterable[OutlineSymbol]) -> list[object]:
    return [
        (f"{symbol.kind.name.lower()} {symbol.name}" + (f" | {symbol.detail}" if symbol.detail else ""))
        if not symbol.children
        else (
            f"{symbol.kind.name.lower()} {symbol.name}" + (f" | {symbol.detail}" if symbol.detail else ""),
            tree(symbol.children),
        )
        for symbol in symbols
    ]


def symbols_of(text: str) -> tuple[OutlineSymbol, ...]:
    found = document_symbols(Document("file:///a.yaml", text))
    check_spans(text, found)
    return found


def check_spans(text: str, symbols: Iterable[OutlineSymbol]) -> None:
    """Clients refuse a document's symbols whose selection is not in its range; a child is shown where its parent is."""
    for symbol in symbols:
        assert symbol.name.strip()
        assert 0 <= symbol.span.start <= symbol.selection.start <= symbol.selection.end <= symbol.span.end <= len(text)
        assert all(symbol.span.start <= c.span.start and c.span.end <= symbol.span.end for c in symbol.children)
        check_spans(text, symbol.children)


def test_an_entity() -> None:
    assert tree(symbols_of(ENTITY)) == [
        (
            "entity Contact | crm · 012031",
            [
                "field email | email!",
                "field company | ref(Company)",
                "field odd",
                (
                    "action qualify",
                    [
                        "step validate: email IS NOT NULL",
                        ("step if: email = 'a'", ["step update: Contact SET email = 'b'"]),
                        "step step",
                    ],
                ),
                "action (action without a name) | state/move",
            ],
        )
    ]


def test_a_registry() -> None:
    assert tree(symbols_of(REGISTRY)) == [
        (
            "domain crm | 2",
            [
                ("subdomain customer | 03", ["entity Contact | 012031", "entity Company | 012032"]),
                "subdomain 04",
            ],
        ),
        "domain 3",
    ]


def test_names_are_selected() -> None:
    [entity] = symbols_of(ENTITY)
    assert ENTITY[slice(*entity.selection)] == "Contact"
    assert [ENTITY[slice(*child.selection)] for child in entity.children[:4]] == ["email", "company", "odd", "qualify"]
    assert [ENTITY[slice(*step.selection)] for step in entity.children[3].children[:2]] == ["validate", "if"]


@pytest.mark.parametrize("text", ["", "a: 1\n", "- entity: A\n", "version: 1\n"])
def test_other_yaml_has_none(text: str) -> None:
    assert symbols_of(text) == ()


def test_two_documents() -> None:
    assert tree(symbols_of("entity: A\nfields: {x: text}\n---\nentity: B\n")) == [
        ("entity A | public", ["field x | text"]),
        "entity B | public",
    ]


def test_what_is_merged_is_shown_where_it_is_written() -> None:
    text = "base: &b {a: text}\nsteps: &s [{reject: x}]\nentity: A\n"
    text += "fields: {<<: *b, c: date}\nactions: [{name: q, steps: *s}]\n"
    assert tree(symbols_of(text)) == [("entity A | public", ["field a | text", "field c | date", "action q"])]


def test_long_names_are_one_short_line() -> None:
    [entity] = symbols_of(f"entity: |\n  A\n  {'b' * 200}\nfields:\n  {'c' * 200}: {'d' * 200}\n")
    assert entity.name.startswith("A b")
    assert all("\n" not in each and len(each) == 80 for each in (entity.name, *entity.children[0][0:1]))


def test_symbols_of_broken_texts_are_within_each_other() -> None:
    chooser = random.Random(SEED)
    for source in (ENTITY, REGISTRY):
        for _ in range(times(300)):
            start = chooser.randrange(len(source))
            text = source[:start] + chooser.choice(["", "\t", ": ", "- ", "{", "]", "'", "&a ", "*a", "\n"])
            text += source[start + chooser.choice([0, 0, 1, 5, 40]) :]
            symbols_of(text)


def test_a_pattern_with_its_parameters() -> None:
    text = "pattern: own/move\nparameters:\n  - {name: to, type: string}\n  - name: how\ntemplate: x\n"
    found = document_symbols(Document("file:///a/stdlib/actions/own/move.yaml", text))
    assert tree(found) == [("pattern own/move", ["parameter to | string", "parameter how"])]
    assert found[0].span.start == 0


def test_services_with_their_operations() -> None:
    mailer = "  - name: mailer\n    type: email\n    operations: [{name: send}, {name: receive}]\n"
    text = f"services:\n{mailer}  - name: other\n"
    assert tree(document_symbols(Document("file:///a/registry/service_registry.yaml", text))) == [
        ("service mailer | email", ["action send", "action receive"]),
        "service other",
    ]
