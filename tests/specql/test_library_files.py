"""Pattern files and service registries: what is found in them is what SpecQL's beta line refuses, and nothing else."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.diagnostics.rules.library_files import PATTERN_FILE, SERVICE_REGISTRY
from specql_lsp.features.diagnostics.rules.syntax import CODES
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.workspace_snippets import workspace
from tests.specql.beta import Beta
from tests.support.effort import SEED, times

PATTERNS = "file:///w/stdlib/actions/"
SERVICES = "file:///w/registry/service_registry.yaml"
PATTERN = """\
pattern: crm/close
version: 1.0
description: Closes it
author: somebody
parameters:
  - name: reason
    type: string
    required: true
    description: Why
  - {name: days, type: 'enum[a, b]', default: a}
template: |
  steps:
    - validate: "{{ entity.name }}"
examples: []
"""
SERVICE = """\
services:
  - name: stripe
    type: payment
    category: financial
    execution_type: http
    runner_config: {}
    operations:
      - name: charge
        input_schema: {a: b}
        output_schema: {}
        timeout: 3
  - {name: mail, type: email, category: text, operations: []}
"""
VALUES = (
    "",
    " text",
    " 5",
    " yes",
    " []",
    " {}",
    " [a]",
    " {a: b}",
    " null",
    " ''",
    " 2020-01-01",
    " [5]",
    " [{a: b}]",
)
ACCEPTED = ("takes any value", "knows the last one only", "knows the first one only")
"""What is said of what the beta line reads."""


@pytest.fixture(scope="module")
def beta() -> Iterator[Beta]:
    line = Beta()
    yield line
    line.close()


def refusals(uri: str, text: str) -> list[str]:
    """What is found that stops the beta line."""
    found = check(Analysis(), Document(uri, text))
    codes = {PATTERN_FILE.code, SERVICE_REGISTRY.code, *CODES}
    return [
        f"{each.code}: {each.message}"
        for each in found
        if each.code in codes and not any(words in each.message for words in ACCEPTED)
    ]


def mutations(text: str, dice: random.Random) -> Iterator[str]:
    """The text without a line or several; with another value behind a key; with a line twice, or with a slip."""
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        yield "".join([*lines[:at], *lines[at + 1 :]])
        head, colon, _ = line.partition(":")
        for value in VALUES if colon else ():
            deeper = list(lines[at + 1 :])
            while deeper and len(deeper[0]) - len(deeper[0].lstrip(" -")) > len(head) - len(head.lstrip(" -")):
                deeper.pop(0)
            yield "".join([*lines[:at], f"{head}:{value}\n", *deeper])
    for _ in range(times(100)):
        at = dice.randrange(len(text))
        yield (
            text[:at]
            + dice.choice(["", "x", " ", "\n", "- ", ": ", "'", "{", "name", "5"])
            + text[at + dice.randrange(4) :]
        )


def test_pattern_files(beta: Beta) -> None:
    dice = random.Random(SEED)
    for text in {PATTERN, *mutations(PATTERN, dice)}:
        if not text.strip():
            continue
        answer = beta.pattern("crm/close.yaml", text, "crm/close")
        found = [each for each in refusals(f"{PATTERNS}crm/close.yaml", text) if "by the place of its file" not in each]
        if Document(f"{PATTERNS}crm/close.yaml", text).library_kind is None:
            continue  # it is no pattern by its keys, and is none of ours
        if "pattern template" in (answer.error or "") and not found:
            continue  # what a template says is Jinja's
        assert bool(found) == (answer.error is not None), (text, found, answer)


def test_service_registries(beta: Beta) -> None:
    dice = random.Random(SEED)
    for text in {SERVICE, *mutations(SERVICE, dice)}:
        if not text.strip() or Document(SERVICES, text).tree.root is None:
            continue
        answer, found = beta.services(text), refusals(SERVICES, text)
        assert bool(found) == (answer.error is not None), (text, found, answer)


def test_a_pattern_is_found_by_its_place(beta: Beta) -> None:
    for path, name, is_found in (
        ("crm/close.yaml", "crm/close", True),
        ("crm/end.yaml", "crm/close", False),
        ("crm/end.yaml", "crm/end", True),
        ("crm/close.yml", "crm/close", False),
        ("a b/ü.yaml", "a b/ü", True),
    ):
        assert (beta.pattern(path, PATTERN, name).error is None) == is_found, (path, name)


TYPES = (
    *("string", "integer", "boolean", "array", "object", "array<string>", "array<object>", "array<x>", "enum[a, b]"),
    *(
        "enum[1, yes]",
        "enum[]",
        "number",
        "enum",
        "whatever",
        "array<string",
        "array[string]",
        "array<>",
        "list<string>",
    ),
)
CONFIG_VALUES = (
    *("a", "1", "'1'", "yes", "'yes'", "1.5", "[]", "{}", "[a]", "[1]", "[a, 1]", "[{}]", "{a: b}", "''", "2020-01-01"),
    *("null", "[[a]]", "0x1F", "1_000", "on", "~"),
)


def test_values_of_a_config(beta: Beta) -> None:
    for type_, value, required in itertools.product(TYPES, CONFIG_VALUES, (True, False)):
        files = workspace(
            f"""
-- stdlib/actions/p.yaml --
pattern: p
version: 1
description: x
template: 'steps: []'
parameters: [{{name: x, type: "{type_}", required: {str(required).lower()}}}]
-- e.yaml --
entity: E
actions: [{{name: a, pattern: p, config: {{x: {value}}}}}]
"""
        )
        document = files.document("e.yaml")
        found = [each for each in check(files.analysis(), document) if each.code == "invalid-pattern-config"]
        takes = beta.takes(type_, f"x: {value}\n", required=required)
        assert bool(found) != takes, (type_, value, required, found)


@pytest.mark.parametrize("code", [PATTERN_FILE.code, SERVICE_REGISTRY.code])
def test_the_examples_of_the_rules(beta: Beta, code: str) -> None:
    rule = RULES[code]
    for text, is_read in ((rule.example, False), (rule.better, True)):
        path, _, content = text.partition(" --\n")
        path = path.removeprefix("-- ")
        place = path.removeprefix("stdlib/actions/")
        answer = beta.pattern(place, content, place[: -len(".yaml")]) if place != path else beta.services(content)
        assert (answer.error is None) == is_read, answer
