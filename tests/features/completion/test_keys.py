"""The keys that are offered in each place of an entity file, as a client orders them, and what accepting one writes."""

from __future__ import annotations

import pytest

from tests.features.completion.places_support import (
    FIELDS,
    HEAD,
    STEPS,
    accepted,
    labels,
    offered,
    without_release,
)


class TestKeys:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (f"{FIELDS}$0\n", ["description", "actions", "translations", "organization: 012031", "identifier"]),
            (f"{HEAD}fields:\n  email:\n    $0\n", ["type", "description", "nullable", "default", "required"]),
            (f"{HEAD}fields:\n  email:\n    type: email\n    n$0\n", ["nullable"]),
            (f"{HEAD}fields:\n  email: {{$0}}\n", ["type", "description", "nullable", "default", "required"]),
            (f"{HEAD}fields:\n  email: {{type: email, $0}}\n", ["description", "nullable", "default", "required"]),
            (f"{HEAD}actions:\n  - $0\n", ["name", "action", "steps", "description"]),
            (f"{HEAD}actions:\n  - name: a\n    $0\n", ["steps", "description", "pattern"]),
            (f"{HEAD}actions:\n  - pattern: crud/create\n    $0\n", ["name", "steps", "description", "config"]),
            (f"{HEAD}translations:\n  enabled: true\n  $0\n", ["fields", "table_name"]),
            (f"{HEAD}identifier:\n  $0\n", ["components", "strategy"]),
            (f"{HEAD}table_views:\n  $0\n", ["mode", "include_relations", "extra_filter_columns", "refresh"]),
            (f"{HEAD}patterns:\n  - $0\n", ["schema_computed_column"]),
            (f"{HEAD}agents:\n  - $0\n", ["name", "type", "observes", "can_execute"]),
            (f"{STEPS}validate: note = 'a'\n        $0\n", ["error", "error_message"]),
            (f"{STEPS}if: note = 'a'\n        $0\n", ["then", "else"]),
            (f"{STEPS}call: f()\n        $0\n", ["store"]),
            (f"{STEPS}refresh_table_view:\n          scope: self\n          $0\n", ["propagate", "strategy"]),
            (f"{STEPS}call_service:\n          $0\n", ["service", "operation", "input"]),
        ],
    )
    def test_only_those_that_are_missing_required_ones_first(self, text: str, expected: list[str]) -> None:
        assert labels(text)[: len(expected)] == expected

    def test_kinds_of_steps_in_the_order_of_use(self) -> None:
        assert labels(f"{STEPS}$0\n")[:10] == [
            *("validate", "update", "insert", "if", "call", "delete", "find", "notify", "reject", "refresh_table_view"),
        ]

    def test_those_of_other_releases_come_behind_and_say_so(self) -> None:
        items = {item.label: item for item in offered(f"{STEPS}$0\n")}
        assert list(items).index("cursor_close") < list(items).index("call_service") < list(items).index("foreach")
        assert items["call_service"].description == "beta line"
        assert (items["foreach"].description, items["foreach"].not_read) == ("not read by SpecQL 0.9.2", True)

    def test_no_limit_is_named_where_the_settings_name_no_release(self) -> None:
        for text in (f"{STEPS}$0\n", f"{STEPS}validate: $0\n", f"{STEPS}validate: note $0\n", f"{FIELDS}$0\n"):
            assert any("0.9.2" in item.description for item in offered(text))
            assert not any("0.9.2" in item.description or item.not_read for item in without_release(text))

    @pytest.mark.parametrize(
        ("text", "label", "expected"),
        [
            (f"{HEAD}fi$0\n", "fields", f"{HEAD}fields:\n  ${{1:name}}: ${{2|"),
            (f"{HEAD}act$0", "actions", f"{HEAD}actions:\n  - name: ${{1:close}}\n    steps:"),
            (f"{HEAD}org$0", "organization: 012031", f"{HEAD}organization:\n  table_code: '${{1:012031}}'"),
            (
                f"{HEAD}agents:\n  - name: a\n    obs$0",
                "observes",
                f"{HEAD}agents:\n  - name: a\n    observes:\n  - $0",
            ),
            (f"{HEAD}desc$0", "description", f"{HEAD}description: "),
            (f"{HEAD}desc$0: x", "description", f"{HEAD}description: x"),
            (f"{HEAD}$0: x", "description", f"{HEAD}description: x"),
            (f"{HEAD}'desc$0': x", "description", f"{HEAD}'description': x"),
        ],
    )
    def test_a_key_brings_its_line(self, text: str, label: str, expected: str) -> None:
        assert accepted(text, label, as_snippet=True).startswith(expected)

    def test_in_broken_text_too(self) -> None:
        text = f"{HEAD}fields:\n  email:\n    type: email\n    nu$0\nactions: [\n  'open\n   - x: {{\n"
        assert labels(text)[0] == "nullable"
        assert "    nullable: \n" in accepted(text, "nullable")

    def test_a_file_that_has_lost_its_first_key(self) -> None:
        text = "$0\nschema: crm\nfields:\n  a: text\n"
        assert labels(text)[0] == "entity"
        assert labels("$0\nservices:\n  a: b\n") == []

    def test_the_entitys_name_is_that_of_the_file(self) -> None:
        text = "entity: $0\nschema: crm\n"
        found = offered(text, uri="file:///workspace/entities/crm/sales_order.yaml")
        assert [item.label for item in found] == ["SalesOrder"]


@pytest.mark.parametrize(
    "line",
    [
        "    $0",
        "    ty$0",
        "        de$0",
        "  # a remark\n    $0",
    ],
)
def test_no_key_is_offered_beneath_a_value(line: str) -> None:
    """What is accepted there would be no YAML."""
    assert labels(f"{HEAD}fields:\n  email: email!\n{line}\n  note: text\n") == []
    assert labels(f"{HEAD}fields:\n  email: &a\n{line}\n  note: text\n") != []
    assert labels(f"{HEAD}fields:\n  email: # its type\n{line}\n  note: text\n") != []
