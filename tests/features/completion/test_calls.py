"""Arguments of ``call`` steps, and what is no place for anything: the text of block scalars in lists."""

from __future__ import annotations

import pytest

from tests.features.completion.test_likely_steps import offered

STEPS = """\
entity: Item
fields:
  name: text
  amount: money
actions:
  - name: a
    steps:
      - call: recalculate(total = amount, on = name)
      - call: "recalculate(rate = 1)"
      - call: recount()
      - """


@pytest.mark.parametrize(
    ("step", "first"),
    [
        ("call: recalculate($0", ["total", "on", "rate", "name"]),
        ("call: recalculate(total = amount, $0)", ["on", "rate", "name"]),
        ("call: 'recalculate(on = ''x'', $0", ["total", "rate", "name"]),
        ("call: recalculate(r$0", ["rate"]),
        ("call: recount($0)", ["name", "amount"]),
        ("call: recalculate(total = $0", ["name", "amount"]),
        ("call: recalculate(total = lower($0", ["name", "amount"]),
        ("call: re$0", ["recalculate", "recount"]),
    ],
)
def test_arguments(step: str, first: list[str]) -> None:
    assert offered(f"{STEPS}{step}\n")[: len(first)] == first


@pytest.mark.parametrize("header", ["|", ">-", "|2  # c", "&a |", "!!str >"])
@pytest.mark.parametrize("typed", ["$0", "va$0", "validate: na$0", "- $0"])
def test_nothing_in_a_block_scalar_of_a_list(header: str, typed: str) -> None:
    assert offered(f"{STEPS}{header}\n        {typed}\n") == []


@pytest.mark.parametrize("header", ["|", "&a |", "!!str >-"])
def test_nothing_in_a_block_scalar_of_a_key(header: str) -> None:
    assert offered(f"entity: Item\nfields: {{}}\ndescription: {header}\n  sch$0\n") == []


def test_behind_a_block_scalar_of_a_list_steps_go_on() -> None:
    assert offered(f"{STEPS}|\n        text\n      - $0\n")[:2] == ["validate", "update"]
