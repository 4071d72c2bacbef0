"""``invalid-structure``: what each place needs, and what mends it."""

from __future__ import annotations

import pytest

from specql_lsp.severity import Severity
from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"unknown-type", "unknown-entity", "unknown-field", "invalid-sql"}


def shape(snippet: str) -> None:
    found(f"entity: Thing\n{snippet}", ignoring=QUIET)


def test_blocks_that_are_empty() -> None:
    shape("""\
fields:
^^^^^^ invalid-structure: fields has no value: SpecQL 0.9.2 refuses the file.
actions: ~
^^^^^^^ invalid-structure: Write a list of actions, or remove the key.
organization:
^^^^^^^^^^^^ invalid-structure: a mapping with table_code
translations: null
^^^^^^^^^^^^ invalid-structure
patterns:
^^^^^^^^ invalid-structure
agents:
^^^^^^ invalid-structure
identifier:
^^^^^^^^^^ invalid-structure
table_views:
^^^^^^^^^^^ invalid-structure
schema:
^^^^^^ invalid-structure: writes a schema called None
description:
""")


def test_blocks_of_another_form() -> None:
    shape("""\
fields: name
        ^^^^ invalid-structure: fields is a text
actions: {name: a}
         ^^^^^^^^^ invalid-structure: actions is a mapping
organization: [a]
              ^^^ invalid-structure: organization is a list
table_views: yes
             ^^^ invalid-structure: YAML 1.1 reads yes as the boolean true
""")


def test_what_specql_goes_through_without_asking() -> None:
    """It looks at the items: a text has letters, a mapping keys, and an empty one nothing."""
    shape("fields: {}\nactions: ''\nagents: {}\npatterns: audit\nidentifier: {components: name}\n")


def test_actions() -> None:
    shape("""\
actions:
  - name: a
    steps:
    ^^^^^ invalid-structure: Write a list of steps, or remove the key.
  - create
    ^^^^^^ invalid-structure: This item of actions is a text
  -
  ^ invalid-structure: This item of actions is empty
  - description: d
    ^^^^^^^^^^^ invalid-structure: An action needs the key name
  - name: b
    steps: reject
           ^^^^^^ invalid-structure: steps is a text
""")


def test_the_name_of_an_action_that_only_the_generator_stops_at() -> None:
    findings = found("entity: A\nactions: [{name: 5}]\n", ignoring={"invalid-structure"})["a.yaml"]
    assert [finding.severity for finding in findings] == [Severity.WARNING]


def test_names_of_fields() -> None:
    shape("""\
fields:
  on: boolean
  ^^ invalid-structure: reads the field's name on as the boolean true: SpecQL 0.9.2 stops there. Quote it: 'on'.
  2: text
  ^ invalid-structure: the integer 2
  2024-01-01: text
  ^^^^^^^^^^ invalid-structure: a date
  ~: text
  ^ invalid-structure: null
  'yes': text
  off-line: text
""")


def test_types() -> None:
    shape("""\
fields:
  a: {type: 3}
            ^ invalid-structure: Write a type
  b:
    type:
    ^^^^ invalid-structure
  c: {type: [text]}
            ^^^^^^ invalid-structure
  d: {}
  e: 5
  f: [a]
""")


def test_table_views() -> None:
    shape("""\
table_views:
  mode: off
        ^^^ invalid-structure: YAML 1.1 reads off as the boolean false
  refresh: later
           ^^^^^ invalid-structure: refresh cannot be later: SpecQL 0.9.2 refuses the file. Write explicit.
  include_relations:
    - Company: {}
      ^^^^^^^ invalid-structure: An included relation needs the key fields
    - Company: {fields: []}
                ^^^^^^ invalid-structure: No field is included
    - Company: {fields: name}
                        ^^^^ invalid-structure: a list of field names
    - Company: {fields: [1]}
                         ^ invalid-structure: a field's name
    - Company: {fields: [a]}
      Country: {fields: 5}
      ^^^^^^^ invalid-structure: This item has 2 keys
    - Company
      ^^^^^^^ invalid-structure
    - Company:
        fields: ['*']
        include_relations: {}
  extra_filter_columns:
    - name
    - 5
      ^ invalid-structure
    - name:
      ^^^^ invalid-structure
    - {}
      ^^ invalid-structure: This item has no key
""")


def test_names_in_views_that_yaml_reads_as_no_text() -> None:
    """SpecQL asks what such a name has beneath it, whatever the name is."""
    shape("""\
table_views:
  include_relations:
    - 1: {}
      ^ invalid-structure: An included relation needs the key fields
    - on: 5
          ^ invalid-structure
    - 2: {fields: ['*']}
  extra_filter_columns:
    - 1: 2
         ^ invalid-structure
    - {~: x}
          ^ invalid-structure
    - 1.5: {index: btree}
""")


def test_translations() -> None:
    shape("""\
translations:
  enabled: 'yes'
           ^^^^^ invalid-structure: Write true or false.
  table_name: 5
              ^ invalid-structure
  fields: [name, 1, name]
                 ^ invalid-structure
                    ^^^^ invalid-structure: name is listed twice
""")
    shape("""\
translations: {enabled: true}
               ^^^^^^^ invalid-structure: no field is named
""")
    shape("translations: {enabled: true, table_name: ~, fields: [a]}\n")


def test_organization_patterns_agents_identifier() -> None:
    shape("""\
organization: {domain_name: crm}
^^^^^^^^^^^^ invalid-structure: Organization needs the key table_code
patterns:
  - 5
    ^ invalid-structure: Write a name, or a mapping with type.
  - name: x
    ^^^^ invalid-structure: A pattern needs the key type
agents:
  - reviewer
    ^^^^^^^^ invalid-structure
  - type: x
    ^^^^ invalid-structure: An agent needs the key name
identifier:
  components:
    - transform: slugify
      ^^^^^^^^^ invalid-structure: A component needs the key field
    - 5
      ^ invalid-structure
""")


def test_what_an_alias_repeats_is_said_once() -> None:
    found(
        """
        entity: Thing
        _common: &common
          on: text
          ^^ invalid-structure
        fields:
          <<: *common
        """,
        ignoring=QUIET,
    )


def test_of_a_key_that_is_there_twice_the_last_one_counts() -> None:
    found("entity: Thing\nfields: {}\nfields:\n  a: {type: 3, type: text}\n", ignoring=QUIET | {"duplicate-key"})


def test_fields_beneath_the_entity() -> None:
    found(
        """
        entity:
          name: Thing
          fields:
          ^^^^^^ invalid-structure
        fields: {a: {type: 3}}
        """,
        ignoring=QUIET | {"key-not-read"},
    )


def test_a_broken_file_has_its_own_error_only() -> None:
    found("entity: Thing\nactions:\n  - name: a\n    steps:\n      - validate: %x\n", ignoring=QUIET | {"yaml-syntax"})
    found("entity: Thing\nfields: *nowhere\n", ignoring=QUIET | {"yaml-syntax"})


# Fixes

RELATION_WITH_FIELDS = """\
entity: A
table_views:
  include_relations:
    - Company:
        include_relations: []
        fields: ['*']
"""


def test_quotes_for_a_name() -> None:
    fix("entity: A\nfields:\n  on$0: text\n", "Write 'on'", "entity: A\nfields:\n  'on': text\n")


def test_without_the_key() -> None:
    fix(
        "entity: A\nfields$0:\nactions: []\n",
        "Remove fields",
        "entity: A\nactions: []\n",
    )
    assert quick_fixes("entity: A\norganization:\n  table_code: '012031'\nactions:\n  - name: a\n    steps$0:\n") == [
        "Remove steps"
    ]


def test_the_form_that_is_needed() -> None:
    fix(
        "entity: A\nfields: {a: text}\ntranslations: {enabled: 'yes'$0, fields: [a]}\n",
        "Write true",
        "entity: A\nfields: {a: text}\ntranslations: {enabled: true, fields: [a]}\n",
    )
    fix(
        "entity: A\nfields: {a: text}\ntranslations: {enabled: true, fields: a$0}\n",
        "Write [a]",
        "entity: A\nfields: {a: text}\ntranslations: {enabled: true, fields: [a]}\n",
    )


def test_the_value_that_is_meant() -> None:
    assert quick_fixes("entity: A\ntable_views:\n  mode: off$0\n") == [
        "Change to disable",
        "Change to auto",
        "Change to force",
    ]
    assert quick_fixes("entity: A\ntable_views:\n  mode: forse$0\n")[0] == "Change to force"


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        (
            "entity: A\nactions:\n  - description$0: d\n",
            "Add name",
            "entity: A\nactions:\n  - description: d\n    name: new_action\n",
        ),
        (
            "entity: A\nactions:\n  - ? !!str type$0\n    : x\n    steps: []\n",
            "Add name",
            "entity: A\nactions:\n  - ? !!str type\n    : x\n    steps: []\n    name: new_action\n",
        ),
        (
            "entity: A\nactions: [&x description$0: d , {name: b}]\n",
            "Add name",
            "entity: A\nactions: [{&x description: d, name: new_action} , {name: b}]\n",
        ),
        (
            "entity: A\nactions:\n  - &a\n   &b description$0: d\n",
            "Add name",
            "entity: A\nactions:\n  - &a\n   &b description: d\n   name: new_action\n",
        ),
        (
            "entity: A\ntable_views:\n  include_relations:\n    - Company$0:\n        include_relations: []\n",
            "Add fields",
            RELATION_WITH_FIELDS,
        ),
    ],
)
def test_the_missing_key(before: str, title: str, after: str) -> None:
    fix(before, title, after)
