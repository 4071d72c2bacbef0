"""The entities, fields and names of the workspace that are offered, and what accepting one writes."""

from __future__ import annotations

import pytest

from tests.features.completion.places_support import (
    FIELDS,
    HEAD,
    STEPS,
    labels,
    offered,
)


class TestEntities:
    def test_the_fitting_one_first_then_the_same_schema_then_others_with_theirs(self) -> None:
        found = offered(f"{HEAD}fields:\n  brand: ref($0\n")
        assert [item.label for item in found][:2] == ["Brand", "Company"]
        assert [item.detail for item in found][:2] == ["catalog", "crm"]
        assert "sales.Company" in [item.label for item in found]

    @pytest.mark.parametrize(
        "text",
        [
            f"{STEPS}update: $0\n",
            f"{STEPS}insert: $0\n",
            f"{STEPS}delete: $0\n",
            f"{STEPS}find: $0\n",
        ],
    )
    def test_a_step_names_its_own_entity_first_then_those_that_it_refers_to(self, text: str) -> None:
        assert labels(text)[:2] == ["Contact", "Company"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (f"{STEPS}refresh_table_view: {{scope: propagate, propagate: [$0]}}\n", "Company"),
            (f"{HEAD}agents:\n  - name: a\n    observes: [Co$0]\n", "Company"),
            (f"{HEAD}table_views:\n  include_relations:\n    - Co$0\n", "Company"),
            (f"{HEAD}table_views:\n  include_relations:\n    - $0: {{fields: [name]}}\n", "Company"),
        ],
    )
    def test_wherever_an_entity_is_named(self, text: str, expected: str) -> None:
        assert expected in labels(text)

    def test_what_the_list_has_is_left_out(self) -> None:
        assert "Company" not in labels(f"{HEAD}agents:\n  - name: a\n    observes:\n      - Company\n      - $0\n")
        assert "Company" not in labels(f"{HEAD}agents:\n  - name: a\n    observes: [Company, $0]\n")


class TestFields:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (f"{FIELDS}translations:\n  fields: [$0]\n", ["note"]),
            (f"{FIELDS}  title: text\ntranslations:\n  fields:\n    - note\n    - $0\n", ["title"]),
            (f"{FIELDS}  title: text\ntranslations:\n  fields: [title, $0]\n", ["note"]),
            (f"{FIELDS}identifier:\n  components:\n    - em$0\n", ["email"]),
            (f"{FIELDS}identifier:\n  components:\n    - field: no$0\n", ["note"]),
            (f"{FIELDS}identifier:\n  components:\n    - field: note\n      transform: $0\n", ["slugify", "uppercase"]),
            (f"{FIELDS}table_views:\n  extra_filter_columns:\n    - st$0\n", ["status"]),
            (f"{FIELDS}table_views:\n  extra_filter_columns:\n    - a: {{index: $0}}\n", ["btree", "gin", "gin_trgm"]),
            (
                f"{FIELDS}table_views:\n  include_relations:\n    - Company:\n        fields: [$0]\n",
                ["name", "city", "tier", "*"],
            ),
            (f"{FIELDS}table_views:\n  include_relations:\n    - Company: {{fields: [name, $0]}}\n", ["city", "tier"]),
        ],
    )
    def test_those_of_the_entity_concerned(self, text: str, expected: list[str]) -> None:
        assert labels(text)[: len(expected)] == expected


class TestOfTheWorkspace:
    CALL = f"{STEPS}call_service:\n          "

    def test_action_patterns_of_the_workspace_first(self) -> None:
        assert labels(f"{HEAD}actions:\n  - name: a\n    pattern: $0\n")[0] == "billing/close"
        text = f"{HEAD}actions:\n  - name: a\n    pattern: billing/close\n    config:\n      $0\n"
        assert labels(text) == ["day", "note"]

    def test_services_with_their_operations_and_inputs(self) -> None:
        assert labels(f"{self.CALL}service: $0\n") == ["mail", "pay"]
        assert labels(f"{self.CALL}service: pay\n          operation: $0\n") == ["charge", "refund"]
        assert labels(f"{self.CALL}operation: $0\n") == ["send", "charge", "refund"]
        called = f"{self.CALL}service: MAIL\n          operation: send\n          input:\n            "
        assert labels(f"{called}$0\n") == ["to", "text"]
        assert labels(f"{called}to: x\n            $0\n") == ["text"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (f"{HEAD}indexes:\n  - name: a\n    fields: [x]\n  - $0\n", ["name", "fields"]),
            (f"{HEAD}indexes:\n  - name: a\n    fields: [x]\n  - name: b\n    $0\n", ["fields"]),
            (
                f"{HEAD}fields:\n  a:\n    validation: {{min: 1, max: 2}}\n  b: {{validation: {{min: 3, $0}}}}\n",
                ["max"],
            ),
            (f"{HEAD}hierarchical: $0\n", []),
        ],
    )
    def test_parts_that_no_table_describes_have_the_keys_that_they_have_elsewhere(
        self, text: str, expected: list[str]
    ) -> None:
        assert labels(text) == expected
