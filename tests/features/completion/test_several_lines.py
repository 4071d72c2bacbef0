"""SQL on several lines: what is offered on the lines behind the first, and that only the cursor's line is edited."""

from __future__ import annotations

import pytest

from tests.features.completion.places_support import STEPS, accepted, labels
from tests.features.test_signature_help import shown

LATER = "\n          "
VALUES = ["'lead'", "'qualified'", "'customer'"]
FIELDS = ["email", "note", "status"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (f"validate: >{LATER}$0", FIELDS),
        (f"validate: |2-  # why{LATER}$0", FIELDS),
        (f"validate: |{LATER}status = $0", VALUES),
        (f"validate: |{LATER}status ={LATER}  $0", VALUES),
        (f"validate: >-{LATER}email IS NOT NULL\n\n          AND sta$0{LATER}AND note", ["status", "$status"]),
        (f"validate: |{LATER}note{LATER}AND status IN ('lead', 'c$0')", ["customer"]),
        (f"validate: |{LATER}email = 'a' -- it is{LATER}AND status = $0", VALUES),
        (f"validate: |{LATER}email = 'a # b: c'{LATER}AND status = $0", VALUES),
        (f"validate: status = 'lead'{LATER}AND $0", FIELDS),
        (f"validate: status = 'lead'{LATER}$0", ["=", "AND", "IS NULL"]),
        (f"validate:{LATER}status = $0", VALUES),
        (f"validate:{LATER}'status = $0'", VALUES),
        (f"validate: 'email = ''x''{LATER}AND status = $0'", VALUES),
        (f"validate: \"email = 'x'{LATER}AND company.$0\"", ["name", "city", "tier"]),
        (f"update: >{LATER}Cont$0", ["Contact"]),
        (f"update: >{LATER}Contact SET status = $0", VALUES),
        (f"update: Contact{LATER}SET $0", FIELDS),
        (f"if: >{LATER}status = $0\n        then: []", VALUES),
        (f"notify: >{LATER}owner($0", ["email", "sms", "push"]),
    ],
)
def test_what_is_offered(step: str, expected: list[str], line_break: str) -> None:
    text = f"{STEPS}{step}\n".replace("\n", line_break)
    assert labels(text)[: len(expected)] == expected


@pytest.mark.parametrize(
    "step",
    [
        f"validate: 'note'{LATER}$0",
        f"validate: note  # why{LATER}$0",
        f"validate: note{LATER}AND  # $0",
        f"validate: note{LATER}# why{LATER}$0",
        f"validate: [note]{LATER}$0",
        f"validate: |{LATER}status = 'le{LATER}a$0'",
        f"validate: |{LATER}-- $0",
        "validate: 'note = em'$0",
        "validate: 'note = '$0",
        f'validate: "note{LATER}= \\$0"x\\""',
        f"description: |{LATER}status = $0",
        f"description: |{LATER}validate: note{LATER}  AND $0",
    ],
)
def test_where_nothing_is_offered(step: str) -> None:
    assert labels(f"{STEPS}{step}\n") == []


def test_keys_at_the_column_of_the_key_stay_keys() -> None:
    assert labels(f"{STEPS}validate: >{LATER}note IS NULL\n        err$0\n") == ["error", "error_message"]
    assert "error" in labels(f"{STEPS}validate: note\n        $0\n")


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("step", "label", "expected"),
    [
        (
            f"validate: >{LATER}note{LATER}AND sta$0tus = 'x'",
            "status",
            f"validate: >{LATER}note{LATER}AND status = 'x'",
        ),
        (f"validate: |{LATER}status = $0", "'lead'", f"validate: |{LATER}status = 'lead'"),
        (f"validate: 'note{LATER}= $0'", "email", f"validate: 'note{LATER}= email'"),
        (f"validate: 'note{LATER}= em$0{LATER}+ 1'", "email", f"validate: 'note{LATER}= email{LATER}+ 1'"),
        (f"validate: 'note{LATER}OR status = $0'", "'lead'", f"validate: 'note{LATER}OR status = ''lead'''"),
        (f'validate: "note{LATER}= em$0', "email", f'validate: "note{LATER}= email'),
        (f"validate: 'note = em$0{LATER}+ 1'", "email", f"validate: 'note = email{LATER}+ 1'"),
        (f'validate: "note = em$0\n{LATER}+ 1"', "email", f'validate: "note = email\n{LATER}+ 1"'),
        ("validate: 'note = em$0\n        error: x", "email", "validate: 'note = email'\n        error: x"),
        (f"validate: note{LATER}= em$0 # why", "email", f"validate: note{LATER}= email # why"),
    ],
)
def test_only_what_is_typed_on_the_line_is_replaced(step: str, label: str, expected: str, line_break: str) -> None:
    text, after = (f"{STEPS}{each}\n".replace("\n", line_break) for each in (step, expected))
    assert accepted(text, label) == after


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (f"validate: >{LATER}coalesce(note, $0", "coalesce(value, […])"),
        (f"validate: |{LATER}coalesce({LATER}  note,{LATER}  $0){LATER}= 1", "coalesce(value, […])"),
        (f"validate: note ={LATER}lower($0", "lower([text])"),
        (f"validate: 'note ={LATER}lower($0)'", "lower([text])"),
        (f"call: >{LATER}mail($0", "mail([name = value], …)"),
        (f"description: |{LATER}lower($0", None),
        (f"validate: 'note'{LATER}lower($0", None),
    ],
)
def test_signatures(step: str, expected: str | None) -> None:
    assert shown(f"{STEPS}{step}\n") == expected
