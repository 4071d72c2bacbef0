"""Inlay hints: what the text does not say by itself, and nothing more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.config import InlayHintsSettings, LanguageSettings, Settings
from specql_lsp.features.inlay_hints import inlay_hints
from specql_lsp.syntax.text import Span
from tests.features.workspace_snippets import workspace

REGISTRY = """
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    aliases: [sales]
    subdomains: {'03': {name: customer, entities: {Contact: {table_code: '012031'}}}}
  '3':
    name: projects
    subdomains: {'01': {name: core, entities: {Milestone: {table_code: '013011'}}}}
"""


def hints(snippet: str, settings: Settings | None = None, *, lines: tuple[int, int] | None = None) -> list[str]:
    """The lines of the file with the hints in them, ``«label»``; lines without hints are left out."""
    known = workspace(snippet + REGISTRY)
    document = known.document("a.yaml")
    analysis = replace(known.analysis(), settings=settings or Settings())
    starts = document.lines
    within = Span(0, len(document.text))
    if lines is not None:
        within = Span(starts.line_start(lines[0]), starts.line_span(lines[1]).end)
    text, found = document.text, inlay_hints(analysis, document, within)
    assert list(found) == sorted(found)
    for hint in reversed(found):
        text = f"{text[: hint.offset]}«{hint.label}»{text[hint.offset :]}"
    return [line.strip() for line in text.split("\n") if "«" in line]


ENTITY = """
-- a.yaml --
entity: Contact
schema: crm
organization: {table_code: '012031'}
fields:
  a: text
  b: email!
  c: varchar!
  d: INTEGER
  e: ref(Company)
  f: ref(Task)
  g: ref(projects.Task)
  h: ref(Milestone)
  i: {type: money, required: true}
  j: {type: integer, nullable: false}
  k: "enum(x, y)"
  l: ref(Nothing)
actions:
  - name: move
    steps:
      - insert: Task SET name = 'x'
      - update: Company SET a = 1
-- b.yaml --
entity: Company
schema: sales
-- c.yaml --
entity: Task
schema: projects
"""


def test_what_is_not_written() -> None:
    assert hints(ENTITY) == [
        "organization: {table_code: '012031'«crm · customer»}",
        "b: email!«TEXT»",
        "c: varchar!«TEXT»",
        "d: INTEGER«TEXT»",
        "e: ref(Company)«INTEGER»",
        "f: ref(«projects.»Task)«INTEGER»",
        "g: ref(projects.Task)«INTEGER»",
        "h: ref(«projects.»Milestone)«INTEGER»",
        "i: {type: money«NUMERIC(19,4) NULL», required: true}",
        'k: "enum(x, y)"«TEXT»',
        "l: ref(Nothing)«INTEGER»",
        "- insert: «projects.»Task SET name = 'x'",
    ]


def test_each_kind_has_its_setting() -> None:
    only_codes = Settings(inlay_hints=InlayHintsSettings(references=False, columns=False))
    assert hints(ENTITY, only_codes) == ["organization: {table_code: '012031'«crm · customer»}"]
    only_references = Settings(inlay_hints=InlayHintsSettings(codes=False, columns=False))
    assert hints(ENTITY, only_references)[0] == "f: ref(«projects.»Task)"
    of_no_release = Settings(
        language=LanguageSettings(release=""), inlay_hints=InlayHintsSettings(codes=False, references=False)
    )
    assert hints(ENTITY, of_no_release) == []


def test_only_what_is_asked_for() -> None:
    assert hints(ENTITY, lines=(4, 5)) == ["b: email!«TEXT»"]


@pytest.mark.parametrize(
    "text",
    [
        "entity: Contact\nschema: crm\norganization: {table_code: 'xyz'}\n",
        "entity: Contact\nschema: crm\norganization: {table_code: }\n",
        "entity: Contact\nfields: {a: &t text, b: *t}\n",
        "entity: Contact\nfields:\n  a:\n  b: [x]\n",
        "entity:\nfields: {a: text}\n",
        "not: ours\n",
    ],
)
def test_nothing_where_nothing_is_to_be_said(text: str) -> None:
    assert hints(f"-- a.yaml --\n{text}") == []


def test_an_unknown_subdomain_has_its_domain() -> None:
    assert hints("-- a.yaml --\nentity: A\norganization: {table_code: '012991'}\n") == [
        "organization: {table_code: '012991'«crm»}"
    ]


def test_half_typed_text() -> None:
    broken = "-- a.yaml --\nentity: A\nschema: crm\nfields:\n  a: email\n  b: ref(Milestone)\n  c\n"
    assert hints(broken) == ["a: email«TEXT»", "b: ref(«projects.»Milestone)«INTEGER»"]
