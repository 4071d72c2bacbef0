"""The values that are offered of a key, as a client orders them, and what accepting one writes."""

from __future__ import annotations

import pytest
import yaml

from tests.features.completion.places_support import (
    HEAD,
    STEPS,
    accepted,
    labels,
)


class TestValues:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (f"{HEAD}table_views:\n  mode: $0\n", ["auto", "force", "disable"]),
            (f"{HEAD}table_views: {{refresh: $0}}\n", ["explicit"]),
            (f"{STEPS}refresh_table_view:\n          scope: $0\n", ["self", "related", "propagate", "batch"]),
            (f"{STEPS}refresh_table_view:\n          strategy: $0\n", ["immediate", "deferred"]),
            (f"{HEAD}translations:\n  enabled: $0\n", ["true", "false"]),
            (f"{HEAD}fields:\n  a:\n    nullable: $0\n", ["false", "true"]),
            (f"{HEAD}agents:\n  - name: a\n    can_execute: [$0]\nactions:\n  - name: close\n", ["close"]),
            (f"{HEAD}patterns:\n  - type: temporal_s$0\n", ["temporal_scd_type2_helper"]),
            (f"{HEAD}actions:\n  - name: a\n    pattern: crud/c$0\n", ["crud/create"]),
        ],
    )
    def test_exactly_the_choices(self, text: str, expected: list[str]) -> None:
        assert labels(text) == expected

    def test_a_boolean_is_written_without_quotes(self) -> None:
        text = f"{HEAD}translations:\n  enabled: $0\n"
        assert yaml.safe_load(accepted(text, "true"))["translations"] == {"enabled": True}

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            (f"{HEAD}patterns:\n  - type: temporal_scd_type2_helper\n    params:\n      $0\n", "natural_key"),
            (f"{HEAD}patterns:\n  - {{type: temporal_scd_type2_helper, params: {{$0}}}}\n", "natural_key"),
            (
                f"{HEAD}actions:\n  - name: a\n    pattern: batch/bulk_operation\n    config:\n      $0\n",
                "batch_input",
            ),
        ],
    )
    def test_parameters_of_the_pattern_required_ones_first(self, text: str, first: str) -> None:
        assert labels(text)[0] == first

    def test_parameters_that_are_there_are_left_out(self) -> None:
        head = f"{HEAD}actions:\n  - name: a\n    pattern: batch/bulk_operation\n"
        text = f"{head}    config:\n      batch_input: x\n      $0\n"
        assert labels(text)[:2] == ["operation", "return_summary"]


@pytest.mark.parametrize("below", ["    type: email\n", "\n    # a remark\n    type: email\n", "    email\n"])
def test_no_value_is_offered_above_one(below: str) -> None:
    """With what is accepted there, the lines below would be no YAML, or something else."""
    assert labels(f"{HEAD}fields:\n  email:$0\n{below}") == []
    assert labels(f"{HEAD}fields:\n  email: $0 # its type\n{below}") == []
    assert labels(f"{HEAD}fields:\n  email: $0\n  note:\n{below}") != []


def test_no_value_is_offered_above_a_list() -> None:
    assert labels(f"{HEAD}fields:\n  email: text\nidentifier:\n  components: $0\n  - email\n") == []
    assert labels(f"{HEAD}fields:\n  email: text\nactions:\n- name: a\n  steps:\n  - validate: $0\n  - call: a\n") != []
