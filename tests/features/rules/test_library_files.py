"""Pattern files and the service registry: what SpecQL's beta line refuses of them, and the fixes."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import found

PATTERN = "-- stdlib/actions/crm/close.yaml --\n"
SERVICES = "-- registry/service_registry.yaml --\n"
HEAD = f"{PATTERN}pattern: crm/close\nversion: 1.0\ndescription: Closes it\n"
TEMPLATE = "template: |\n  steps: []\n"


def test_a_pattern_file_that_lacks_keys() -> None:
    found(
        PATTERN
        + """\
pattern: crm/close
         ^^^^^^^^^ invalid-pattern-file: The pattern file has no version, description or template
parameters:
  - name: reason
          ^^^^^^ invalid-pattern-file: The parameter has no type
  - type: string
    ^^^^ invalid-pattern-file: The parameter has no name
  - {naem: x, type: string}
     ^^^^ invalid-pattern-file: Did you mean name?
  - reason
    ^^^^^^ invalid-pattern-file: The parameter is no mapping with name and type
  - {name: y, type: string, requird: true}
                            ^^^^^^^ unknown-key: Did you mean required?
"""
    )


@pytest.mark.parametrize("value", ["", " text", " {a: b}"])
def test_parameters_that_are_no_list(value: str) -> None:
    mark = "^^^^^^^^^^ invalid-pattern-file: parameters is a list"
    found(f"{HEAD}parameters:{value}\n{mark}\n{TEMPLATE}")


def test_the_types_of_parameters() -> None:
    found(
        HEAD
        + """\
parameters:
  - {name: a, type: string}
  - {name: b, type: 'enum[x, y]'}
  - {name: c, type: array<object>}
  - {name: d, type: number}
  - {name: e, type: whatever it is}
  - {name: f, type: strng}
                    ^^^^^ invalid-pattern-file: takes any value for the parameter. Did you mean string?
  - {name: g, type: int}
                    ^^^ invalid-pattern-file: Did you mean integer?
  - {name: h, type: 'list[str]'}
                     ^^^^^^^^^ invalid-pattern-file: Did you mean array<string>?
  - {name: i, type: 'enum(a, b)'}
                     ^^^^^^^^^^ invalid-pattern-file: Did you mean enum[a, b]?
  - {name: j, type: 5}
                    ^ invalid-pattern-file: type is a text
  - {name: k, type: }
              ^^^^ invalid-pattern-file: is a text
"""
        + TEMPLATE
    )


def test_the_name_is_the_place_of_the_file() -> None:
    found(
        f"{HEAD}{TEMPLATE}".replace(
            "pattern: crm/close", "pattern: 'crm/clse'\n          ^^^^^^^^ invalid-pattern-file: as crm/close"
        )
        + "-- stdlib/actions/other.yml --\npattern: other\n         ^^^^^ invalid-pattern-file: ends with .yaml\n"
        + "version: 1\ndescription: x\ntemplate: 'steps: []'\n"
    )


def test_actions_find_it_by_its_place() -> None:
    found(
        f"{HEAD}{TEMPLATE}".replace("pattern: crm/close", "pattern: clse\n         ^^^^ invalid-pattern-file")
        + """\
-- entities/crm/ticket.yaml --
entity: Ticket
schema: crm
actions:
  - {name: a, pattern: crm/close}
  - {name: b, pattern: clse}
                       ^^^^ unknown-pattern
"""
    )


@pytest.mark.parametrize("value", [" ''", "", " {steps: []}", " 5"])
def test_a_template_that_is_no_text(value: str) -> None:
    is_number = value == " 5"
    mark = "          ^ invalid-pattern-file: Quote it" if is_number else "^^^^^^^^ invalid-pattern-file: template is"
    found(f"{HEAD}template:{value}\n{mark}\n")


def test_nothing_is_said_of_other_files_in_the_folder_and_of_broken_ones() -> None:
    found("-- stdlib/actions/values.yaml --\nkey: value\n-- stdlib/actions/list.yaml --\n- a\n")
    found("-- elsewhere/close.yaml --\npattern: x\nparameters: text\n")
    found(f"{PATTERN}pattern: x\nparameters:\n  - {{name: a\n    ^ yaml-syntax\n")


def test_services() -> None:
    found(
        SERVICES
        + """\
services:
  - name: stripe
          ^^^^^^ invalid-service-registry: The service has no type, category or operations
  - {name: Mail, type: email, category: x, operations: }
                                           ^^^^^^^^^^ invalid-service-registry: operations is a list
  - {name: 12, type: email, category: x, operations: []}
           ^^ invalid-service-registry: Quote it
  - name: sms
    type: text
    category: communication
    execution_type: lambda
                    ^^^^^^ invalid-service-registry: write http, shell, docker or serverless
    operations:
      - name: send
        input_schema: [a]
        ^^^^^^^^^^^^ invalid-service-registry: input_schema is a mapping
        output_schema: {}
      - {nam: x}
         ^^^ invalid-service-registry: Did you mean name?
      - name: send
              ^^^^ invalid-service-registry: has an operation send already
      - text
        ^^^^ invalid-service-registry: The operation is no mapping with name
  - {name: pay, type: a, category: b, operations: [], execution_type: SHELL}
  - {name: PAY, type: a, category: b, operations: [], execution_typ: shell}
                                                      ^^^^^^^^^^^^^ unknown-key: Did you mean execution_type?
""".replace("{name: pay,", "{name: pay,", 1).replace(
            "execution_type: SHELL}\n",
            "execution_type: SHELL}\n           ^^^ invalid-service-registry: is there again below\n",
        )
    )


@pytest.mark.parametrize("value", ["", " text", " {a: {name: x}}"])
def test_services_that_are_no_list(value: str) -> None:
    found(f"{SERVICES}services:{value}\n^^^^^^^^ invalid-service-registry: services is a list\n")


def test_a_registry_that_is_no_mapping() -> None:
    found(f"{SERVICES}- name: x\n^ invalid-service-registry: The service registry is no mapping with services\n")
    found(f"{SERVICES}other: x\n")


def test_merged_and_repeated_parts() -> None:
    found(
        f"{SERVICES}base: &base {{type: email, category: x, operations: []}}\n"
        "services:\n  - {<<: *base, name: a}\n  - {<<: *base, name: b}\n"
    )


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        (
            f"{PATTERN}pattern: cr$0m/close\nparameters: []\n",
            "Add version and description",
            "pattern: crm/close\nparameters: []\nversion: 1.0\ndescription: ''\n",
        ),
        (
            f"{PATTERN}vers$0ion: 1.0\ndescription: x\n{TEMPLATE}",
            "Add pattern",
            f"version: 1.0\ndescription: x\n{TEMPLATE}pattern: crm/close\n",
        ),
        (f"{HEAD}parameters:\n  - name: a$0\n{TEMPLATE}", "Add type", None),
        (f"{HEAD}parameters: [{{name: a$0}}]\n{TEMPLATE}", "Add type", None),
        (f"{HEAD}parameters: [{{name: a, type: in$0t}}]\n{TEMPLATE}", "Change to integer", None),
        (
            f"{SERVICES}services:\n  - name: stri$0pe\n    type: payment\n",
            "Add category and operations",
            "services:\n  - name: stripe\n    type: payment\n    category: ''\n    operations: []\n",
        ),
        (
            f"{SERVICES}services: [{{name: a, type: b, category: c, operations: [], execution_type: htt$0}}]\n",
            "Change to http",
            "services: [{name: a, type: b, category: c, operations: [], execution_type: http}]\n",
        ),
    ],
)
def test_fixes(before: str, title: str, after: str | None) -> None:
    if after is None:
        after = before.replace("$0", "").partition("\n")[2]
        for old, new in (
            ("- name: a\n", "- name: a\n    type: string\n"),
            ("{name: a}", "{name: a, type: string}"),
            ("int}", "integer}"),
        ):
            after = after.replace(old, new)
    fix(before, title, after)


def test_what_is_shared_is_not_completed() -> None:
    assert quick_fixes(f"{SERVICES}services:\n  - &a {{name: x, type: y}}\n  - *$0a\n") == []
