"""Action patterns and their config, against the pattern files of the workspace."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import found

FILES = """
-- stdlib/actions/state_machine/transition.yaml --
pattern: state_machine/transition
version: 1.0
description: Moves on
template: 'steps: []'
parameters:
  - {name: from_states, type: array<string>, required: true}
  - {name: to_state, type: string, required: true}
  - {name: retries, type: integer}
  - {name: ratio, type: number}
  - {name: mode, type: 'enum[fast, slow]'}
  - {name: quiet, type: boolean}
  - {name: options, type: object}
  - {name: anything, type: whatever}
-- stdlib/actions/other.txt.yaml --
nothing: of that sort
"""
HEAD = """
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
actions:
  - name: act
"""


def test_names_of_patterns() -> None:
    found(
        FILES
        + HEAD
        + """\
    pattern: state_machine/transtion
             ^^^^^^^^^^^^^^^^^^^^^^^ unknown-pattern: Did you mean state_machine/transition?
    config: {x: 1}
  - name: b
    pattern: "nothing/like/that"
              ^^^^^^^^^^^^^^^^^ unknown-pattern: No pattern file under stdlib/actions has the pattern
  - name: c
    pattern: crud/create
  - name: d
    pattern: state_machine/transition
    config: {from_states: [a], to_state: b}
"""
    )


def test_without_pattern_files_only_a_name_that_is_nearly_a_standard_one_is_reported() -> None:
    found(
        HEAD
        + """\
    pattern: state_machine/transtion
             ^^^^^^^^^^^^^^^^^^^^^^^ unknown-pattern: SpecQL's standard library has no pattern state_machine
    config: {}
  - name: b
    pattern: actions/crud/craete
             ^^^^^^^^^^^^^^^^^^^ unknown-pattern: Did you mean crud/create?
  - name: c
    pattern: actions/crud/create
  - name: d
    pattern: ours/of/another/place
  - name: e
    pattern:
  - name: f
    pattern: [x]
"""
    )
    found("-- elsewhere/transition.yaml --\npattern: x\n" + HEAD + "    pattern: y\n")


def test_required_parameters() -> None:
    found(
        FILES
        + HEAD
        + """\
    pattern: state_machine/transition
             ^^^^^^^^^^^^^^^^^^^^^^^^ invalid-pattern-config: Missing required parameter 'from_states' for pattern
    config:
      to_stat: b
      ^^^^^^^ invalid-pattern-config: Missing required parameter 'to_state' for pattern 'state_machine/transition'
  - name: b
    pattern: crud/delete
  - name: c
    pattern: composite/workflow_orchestrator
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ invalid-pattern-config: Missing required parameter 'workflow_steps'
"""
    )


def test_values_of_other_types() -> None:
    found(
        FILES
        + HEAD
        + """\
    pattern: state_machine/transition
    config:
      from_states: lead
                   ^^^^ invalid-pattern-config: 'from_states' has invalid value. Expected array<string>, got str: lead
      to_state: 5
                ^ invalid-pattern-config: Expected string, got int: 5
      retries: '3'
               ^^^ invalid-pattern-config: Expected integer, got str: 3
      ratio: [1]
      mode: medium
            ^^^^^^ invalid-pattern-config: Expected enum[fast, slow], got str: medium
      quiet: 'yes'
             ^^^^^ invalid-pattern-config: Expected boolean, got str: yes
      options: text
               ^^^^ invalid-pattern-config: Expected object
      anything: goes
  - name: b
    pattern: state_machine/transition
    config:
      from_states: []
      to_state: on hold
      retries: 3
      ratio: 0.5
      mode: slow
      quiet: yes
      options: {}
  - name: c
    pattern: state_machine/transition
    config: {from_states: '{{ states }}', to_state: x, retries:}
  - name: d
    pattern: state_machine/transition
    config:
      from_states: [a, 5]
      ^^^^^^^^^^^ invalid-pattern-config: Expected array<string>, got list
      to_state:
      ^^^^^^^^ invalid-pattern-config: Expected string, got NoneType: None
"""
    )


def test_fixes() -> None:
    name = "-- entities/crm/contact.yaml --\n"
    before = f"{FILES}{HEAD}    pattern: state_machine/trans$0tion\n    config: {{from_states: [a], to_state: b}}\n"
    after = HEAD.partition(name)[2] + "    pattern: state_machine/transition\n"
    fix(
        before,
        "Change to state_machine/transition",
        after + "    config: {from_states: [a], to_state: b}\n",
    )
    before = f"{FILES}{HEAD}    pattern: state_machine/transition\n    config: {{from_states: [a], to_st$0at: b}}\n"
    fix(before, "Change to to_state", after + "    config: {from_states: [a], to_state: b}\n")


def test_patterns_of_the_table_that_are_nearly_right() -> None:
    found(
        """
        entity: Price
        patterns:
          - temporal_scd_type2_helpr
            ^^^^^^^^^^^^^^^^^^^^^^^^ unknown-pattern: ignores it
          - type: agregate_view
                  ^^^^^^^^^^^^^ unknown-pattern: Did you mean aggregate_view?
          - audit_trail
          - computed_column
        """
    )


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        ("", "Add from_states to config", "    config:\n      from_states: []\n"),
        ("    config: {}\n", "Add to_state to config", "    config:\n      to_state: ''\n"),
        ("    config:\n", "Add to_state to config", "    config:\n      to_state: ''\n"),
        (
            "    config:\n      from_states: [a]\n    steps: []\n",
            "Add to_state to config",
            "    config:\n      from_states: [a]\n      to_state: ''\n    steps: []\n",
        ),
        (
            "    config: {to_state: x}\n",
            "Add from_states to config",
            "    config: {to_state: x, from_states: []}\n",
        ),
    ],
)
def test_missing_parameters_are_added(before: str, title: str, after: str) -> None:
    head = f"{FILES}{HEAD}    pattern: state_machine/tran$0sition\n"
    name = "-- entities/crm/contact.yaml --\n"
    expected = f"{HEAD.partition(name)[2]}    pattern: state_machine/transition\n{after}"
    fix(head + before, title, expected)


SHARED = (
    FILES
    + """
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
shared: &shared {from_states: [a], to_state: b}
states: &states [a, b]
actions:
"""
)


def test_merged_and_repeated_config() -> None:
    found(
        SHARED
        + """\
  - name: a
    pattern: state_machine/transition
    config: *shared
  - name: b
    pattern: state_machine/transition
    config:
      <<: *shared
      retries: 5
  - name: c
    pattern: state_machine/transition
    config: {from_states: *states, to_state: b}
  - name: d
    pattern: state_machine/transition
    config: {<<: *shared, to_state: 5}
                                    ^ invalid-pattern-config: got int: 5
"""
    )


def test_a_config_that_is_shared_is_not_completed() -> None:
    snippet = SHARED.replace("to_state: b}\nstates", "retries: 1}\nstates")
    action = "  - name: a\n    pattern: state_machine/trans$0ition\n    config: *shared\n"
    assert quick_fixes(snippet + action) == []
