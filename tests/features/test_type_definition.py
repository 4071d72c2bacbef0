"""Where the type of a name is defined."""

from __future__ import annotations

import pytest

from specql_lsp.features.type_definition import type_definition
from tests.features.workspace_snippets import spot, workspace


@pytest.mark.parametrize(
    ("field", "step", "is_found"),
    [
        ("boss: ref(Pers$0on)", "x: y", True),
        ("bo$0ss: ref(Person)", "x: y", True),
        ("boss: list(ref(Person))", "validate: bo$0ss IS NULL", True),
        ("boss: ref(Person)", "update: Lead SET bo$0ss = 1", True),
        ("bo$0ss: text", "x: y", False),
        ("kind: enum(a) = $0a", "x: y", False),
        ("boss: money$0", "x: y", False),
    ],
)
def test_the_type_of_a_field(field: str, step: str, *, is_found: bool) -> None:
    it = workspace(
        f"-- a/person.yaml --\nentity: Person\n        ^^^^^^ def\n"
        f"-- a/lead.yaml --\nentity: Lead\nfields: {{{field}}}\nactions: [{{name: a, steps: [{{{step}}}]}}]\n"
    )
    found = type_definition(it.analysis(), it.document(), it.offset, read=it.read)
    assert {spot(each.target) for each in found} == (it.marked("def") if is_found else set())


@pytest.mark.parametrize(
    "params", ["{who: ref(Person)!}", "{who: {type: ref(Person)}}", "[{name: who, type: ref(Person)}]", "[who]"]
)
def test_the_type_of_a_parameter(params: str) -> None:
    it = workspace(
        f"-- a/person.yaml --\nentity: Person\n        ^^^^^^ def\n"
        f"-- a/lead.yaml --\nentity: Lead\nactions: [{{params: {params}, steps: [{{validate: $wh$0o = 1}}]}}]\n"
    )
    found = type_definition(it.analysis(), it.document(), it.offset, read=it.read)
    assert {spot(each.target) for each in found} == (it.marked("def") if "Person" in params else set())
