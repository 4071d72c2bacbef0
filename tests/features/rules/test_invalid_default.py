"""``invalid-default``."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED


def test_values_of_an_enumeration() -> None:
    found("""
    entity: Contact
    fields:
      a: enum(lead, customer) = led
                                ^^^ invalid-default: none of the values lead or customer: SpecQL 0.9.2 does not notice. Did you mean lead?
      b: "enum(lead, customer) = 'x'!"
                                  ^ invalid-default: Write lead or customer instead.
      c: {type: 'enum(a, b)', default: c}
                                       ^ invalid-default
      d: enum(a, b) = a!
      e: {type: 'enum(a, b)', default: 'b'}
    """)  # noqa: E501 - a message of one line


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("integer", "many"),
        ("integer", "3.5"),
        ("bigint", "true"),
        ("float", "much"),
        ("boolean", "maybe"),
        ("email", "nobody"),
        ("percentage", "120"),
        ("percentage", "-1"),
        ("money", "-1"),
        ("date", "some day"),
        ("datetime", "later"),
        ("uuid", "12"),
        ("color", "red"),
    ],
)
def test_no_value_of_the_type(type_: str, default: str) -> None:
    findings = found(f"entity: A\nfields:\n  a: {type_} = {default}\n", ignoring={"invalid-default"})["a.yaml"]
    assert [finding.code for finding in findings] == ["invalid-default"]
    assert type_ in findings[0].message


@pytest.mark.parametrize(
    "type_",
    [
        *(
            "integer = 3",
            "integer = -3",
            "float = 1e3",
            "float = NaN",
            "float = -inf",
            "integer = 0x1F",
            "boolean = TRUE",
            "email = a@b.example",
            "percentage = 99.5",
        ),
        *("date = 2026-01-01", "date = today", "datetime = now()", "datetime = CURRENT_TIMESTAMP", "text = anything"),
        *("uuid = gen_random_uuid()", "uuid = 5f0c1c56-7c3d-4c39-8d3f-3f1d2f3a4b5c", "color = '#FF5733'"),
        *(
            "json = {}",
            "list(text) = []",
            "ref(A) = 1",
            "date = 01.02.2026",
            "integer = NULL",
            "integer =",
            "money = 0",
        ),
    ],
)
def test_what_may_be_a_value(type_: str) -> None:
    found(f'entity: A\nfields:\n  a: "{type_}"\n', ignoring=UNASKED | {"unknown-type"})


def test_a_type_that_is_none_has_one_finding() -> None:
    findings = found("entity: A\nfields:\n  a: int = x\n", ignoring={"unknown-type"})["a.yaml"]
    assert [finding.code for finding in findings] == ["unknown-type"]


def test_the_nearest_value() -> None:
    fix(
        "entity: A\nfields:\n  a: enum(lead, customer) = led$0!\n",
        "Change to lead",
        "entity: A\nfields:\n  a: enum(lead, customer) = lead!\n",
    )
    assert quick_fixes("entity: A\nfields:\n  a: enum(x, y) = qqq$0\n") == ["Change to x", "Change to y"]
    assert quick_fixes("entity: A\nfields:\n  a: integer = 3.0$0\n") == ["Change to 3"]
