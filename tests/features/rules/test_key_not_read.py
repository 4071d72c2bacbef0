"""``key-not-read``: known keys that SpecQL ignores, and what to write instead."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing", "unknown-type", "unknown-entity"}


def test_keys_that_no_release_reads() -> None:
    findings = found(
        """
        entity: Thing
        hierarchical: true
        ^^^^^^^^^^^^ key-not-read: SpecQL 0.9.2 does not read hierarchical here. Add a field that refers to
        fields:
          a: {type: text, required: true, unique: true}
                          ^^^^^^^^ key-not-read: Write nullable: false.
                                          ^^^^^^ key-not-read
        actions:
          - name: act
            params: {x: text}
            ^^^^^^ key-not-read
            steps:
              - validate: a = 'x'
                error_message: no
                ^^^^^^^^^^^^^ key-not-read: Write its code behind error.
        """,
        ignoring=QUIET,
    )
    assert all(finding.unnecessary for finding in findings["a.yaml"] if finding.code == "key-not-read")


def test_keys_that_are_read_elsewhere() -> None:
    found(
        """
        entity:
          name: Thing
          fields: {a: text}
          actions: []
          ^^^^^^^ key-not-read: Write it at the top level.
        fields: {b: text}
        ^^^^^^ key-not-read: The fields beneath entity is read instead of it.
        table_code: '012031'
        ^^^^^^^^^^ key-not-read: Write it beneath organization.
        actions:
          - name: act
            validate: a = 'x'
            ^^^^^^^^ key-not-read: Write it as a step, beneath steps.
            steps:
              - if: a = 'x'
                error: nope
                ^^^^^ key-not-read: It is read beside validate.
              - validate: a = 'x'
                update: Thing SET a = 'y'
                ^^^^^^ key-not-read: write another step for update
        """,
        ignoring=QUIET,
    )


def test_the_beta_line_is_never_called_wrong() -> None:
    found(
        """
        entity: Thing
        actions:
          - name: act
            pattern: state_machine/transition
            config: {from_states: [a], to_state: b}
        """,
        ignoring=QUIET | {"unknown-pattern", "invalid-pattern-config", "unknown-field"},
    )


FIXES = [
    ("{type: text, required$0: true}", "Write nullable: false", "{type: text, nullable: false}"),
    ("{type: text, required$0: false}", "Write nullable: true", "{type: text, nullable: true}"),
    ("{type: text, required$0: true, nullable: true}", "Write nullable: false", "{type: text, nullable: false}"),
    ("{type: enum$0, values: [a, 'b']}", "Write enum(a, b)", "{type: 'enum(a, b)'}"),
    ("{type: ref(Company), schema$0: crm}", "Write ref(crm.Company)", "{type: ref(crm.Company)}"),
    ("{type: text, unique$0: true}", "Remove unique", "{type: text}"),
]


@pytest.mark.parametrize(("before", "title", "after"), FIXES)
def test_what_is_meant(before: str, title: str, after: str) -> None:
    fix(f"entity: A\nfields:\n  a: {before}\n", title, f"entity: A\nfields:\n  a: {after}\n")


def test_what_is_meant_in_a_block() -> None:
    fix(
        "entity: A\nfields:\n  a:\n    type: enum$0\n    values:\n      - a\n      - b\n    description: d\n",
        "Write enum(a, b)",
        "entity: A\nfields:\n  a:\n    type: enum(a, b)\n    description: d\n",
    )
    fix(
        "entity: A\nfields: {s: text}\nactions:\n  - name: a\n    steps:\n      - validate: s = 'a'\n"
        "        error_message$0: no_a\n",
        "Write error",
        "entity: A\nfields: {s: text}\nactions:\n  - name: a\n    steps:\n      - validate: s = 'a'\n"
        "        error: no_a\n",
    )
    fix(
        "entity: A\norganization:\n  table_code: '012031'\n  domain$0: crm\n",
        "Write domain_name",
        "entity: A\norganization:\n  table_code: '012031'\n  domain_name: crm\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{type: text, &x required$0: true, b: c}", "{type: text, b: c}"),
        ("{type: text, !!str &x required$0: true}", "{type: text}"),
        ("{? required$0 : true, type: text}", "{type: text}"),
        ("{type: text, ? &x required$0 : true}", "{type: text}"),
    ],
)
def test_a_key_goes_with_its_anchor_and_marks(before: str, after: str) -> None:
    fix(f"entity: A\nfields:\n  a: {before}\n", "Remove required", f"entity: A\nfields:\n  a: {after}\n")


def test_what_an_alias_elsewhere_needs_stays() -> None:
    assert quick_fixes("entity: A\nhierarchical$0: &it true\nx: *it\n") == []
    assert quick_fixes("entity: A\nhierarchical$0: &it true\nx: &it y\n") == ["Remove hierarchical"]


def test_without_the_key() -> None:
    assert quick_fixes("entity: A\nhierarchical$0: true\n") == ["Remove hierarchical"]
    assert quick_fixes("entity: A\nfields: {a: {type: 'enum(a, b)', values$0: [a]}}\n") == ["Remove values"]
