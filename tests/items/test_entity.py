"""An entity file as items: fields, actions, steps and what they name, with spans; whatever its shape."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.items.entity import EntityItem, StepItem
from specql_lsp.items.lower import lower_entities
from specql_lsp.syntax.parsing.parse import parse

CONTACT = """\
entity: Contact
schema: crm
organization: {table_code: "012031", domain_name: crm}
fields:
  email: email!
  company: ref(Company)
  owner: {type: "ref(people.Person|Team)", nullable: false}
actions:
  - name: qualify
    steps:
      - validate: email IS NOT NULL
      - if: email = 'a'
        then:
          - update: Contact SET email = 'b'
        else:
          - insert: sales.Lead(email = 'c')
      - refresh_table_view: {scope: propagate, propagate: [Company, "Person"]}
  - pattern: state_machine/transition
    name: move
patterns:
  - temporal_scd_type2_helper
  - type: schema_aggregate_view
table_views:
  include_relations:
    - Company:
        fields: [name]
        include_relations:
          - Country: {fields: [code]}
translations: {enabled: true, fields: [email]}
identifier:
  components: [email, {field: company, transform: slugify}]
"""


def item(text: str) -> EntityItem:
    [found] = lower_entities(parse(text))
    return found


def kinds(steps: tuple[StepItem, ...]) -> list[object]:
    return [(step.kind, kinds(step.steps)) if step.steps else step.kind for step in steps]


def test_everything_that_an_entity_names() -> None:
    entity = item(CONTACT)
    assert [field.name for field in entity.fields] == ["email", "company", "owner"]
    assert [field.type_text for field in entity.fields] == [
        "email!",
        "ref(Company)",
        "ref(people.Person|Team)",
    ]
    assert [(r.schema, r.name) for r in entity.references] == [(None, "Company"), ("people", "Person"), (None, "Team")]
    assert [(r.schema, r.name) for r in entity.step_entities] == [
        (None, "Contact"),
        ("sales", "Lead"),
        (None, "Company"),
        (None, "Person"),
    ]
    assert [r.name for r in entity.view_entities] == ["Company", "Country"]
    assert [scalar.value for scalar in entity.field_mentions] == ["email", "email", "company"]
    assert [pattern.name.value for pattern in entity.patterns] == ["temporal_scd_type2_helper", "schema_aggregate_view"]
    assert [action.name.value if action.name else None for action in entity.actions] == ["qualify", "move"]
    assert entity.actions[1].pattern is not None
    assert kinds(entity.actions[0].steps) == ["validate", ("if", ["update", "insert"]), "refresh_table_view"]


def test_every_name_is_where_its_span_says() -> None:
    entity = item(CONTACT)
    for reference in (*entity.references, *entity.step_entities, *entity.view_entities):
        start, end = reference.name_span
        assert CONTACT[start:end] == reference.name
        start, end = reference.span
        assert CONTACT[start:end] == (f"{reference.schema}.{reference.name}" if reference.schema else reference.name)


@pytest.mark.parametrize(
    ("step", "kind", "title"),
    [
        ("then: []\n        if: x = 1", "if", "if: x = 1"),
        ("error: no\n        validate: x = 1", "validate", "validate: x = 1"),
        ("call: f()\n        insert: A", "insert", "insert: A"),
        ("foreach: x", "foreach", "foreach: x"),
        ("fly: high", "", "step"),
        ("reject:", "reject", "reject"),
    ],
)
def test_the_kind_of_a_step_is_found_by_precedence(step: str, kind: str, title: str) -> None:
    [found] = item(f"entity: A\nactions:\n  - name: a\n    steps:\n      - {step}\n").actions[0].steps
    assert (found.kind, found.title) == (kind, title)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Contact", "Contact"),
        ("'Contact SET a = 1'", "Contact"),
        ('"crm.Contact"', "Contact"),
        ("|\n          Contact SET\n          a = 1", "Contact"),
        ("{entity: Contact}", None),
        ("", None),
        ("$1", None),
        ("(", None),
    ],
)
def test_the_entity_that_a_step_names(value: str, name: str | None) -> None:
    text = f"entity: A\nactions:\n  - name: a\n    steps:\n      - update: {value}\n"
    found = item(text).step_entities
    assert [reference.name for reference in found] == ([name] if name else [])
    for reference in found:
        assert text[slice(*reference.name_span)] == name


def test_merged_fields_have_the_spans_of_where_they_are_written() -> None:
    text = "base: &base\n  a: ref(B)\nentity: A\nfields:\n  <<: *base\n  c: text\n"
    entity = item(text)
    assert [(field.name, field.inherited) for field in entity.fields] == [("a", True), ("c", False)]
    assert text[slice(*entity.references[0].span)] == "B"


@pytest.mark.parametrize(
    "text",
    [
        "entity:\n",
        "entity: A\nfields:\n",
        "entity: A\nfields: [a]\nactions: {a: b}\npatterns: 1\ntable_views: x\ntranslations: []\nidentifier: a\n",
        "entity: A\nactions:\n  - a\n  - [b]\n  -\n  - steps:\n  - steps: [1, [], {}, {if: x, then: {a: b}}]\n",
        "entity: A\nfields:\n  ? [a]\n  : text\n  a: {type: {}}\n  b: *nowhere\n",
        "entity: A\nactions: &a\n  - name: x\n    steps: &s\n      - if: y\n        then: *s\n        else: *s\n",
        "entity: A\ntable_views: &v\n  include_relations: &r\n    - B: *v\n    - C: {include_relations: *r}\n",
    ],
)
def test_any_shape_is_read(text: str) -> None:
    entity = item(text)
    assert len(entity.step_entities) + len(entity.view_entities) < 10


def test_steps_that_aliases_multiply_are_given_once() -> None:
    levels = [f"s{n}: &s{n}\n  - {{if: x, then: *s{n - 1}, else: *s{n - 1}}}\n" for n in range(1, 40)]
    text = "s0: &s0\n  - insert: B\n" + "".join(levels) + "entity: A\nactions:\n  - name: a\n    steps: *s39\n"
    assert [reference.name for reference in item(text).step_entities] == ["B"]


def test_fields_come_through_a_long_chain_of_merges() -> None:
    chain = "".join(f"f{n}: &f{n}\n  <<: *f{n - 1}\n  own{n}: text\n" for n in range(1, 400))
    text = f"f0: &f0\n  own0: text\n{chain}entity: A\nfields:\n  <<: *f399\n  last: text\n"
    assert len(yaml.safe_load(text)["fields"]) == 401
    [it] = lower_entities(parse(text))
    assert {field.name for field in it.fields} == {"last", *(f"own{n}" for n in range(400))}


def test_mappings_that_merge_each_other_are_read() -> None:
    text = "a: &a\n  <<: *b\n  x: text\nb: &b\n  <<: *a\n  y: text\nentity: A\nfields: *b\n"
    [it] = lower_entities(parse(text))
    assert {field.name for field in it.fields} >= {"y"}
