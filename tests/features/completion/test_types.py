"""The types that are offered of a field, as a client orders them, and what accepting one writes."""

from __future__ import annotations

import pytest

from specql_lsp.features.completion import document_item
from tests.features.completion.places_support import (
    FILES,
    HEAD,
    accepted,
    labels,
    offered,
)
from tests.features.completion_support import NOW, analysis


class TestTypes:
    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("email", ["email", "email!"]),
            ("work_email", ["email", "email!"]),
            ("created_on", ["date"]),
            ("seen_at", ["datetime"]),
            ("order_date", ["date"]),
            ("is_active", ["boolean"]),
            ("has_children", ["boolean"]),
            ("line_count", ["integer"]),
            ("house_number", ["integer"]),
            ("unit_price", ["money"]),
            ("amount", ["money"]),
            ("total", ["money"]),
            ("website", ["url"]),
            ("mobile_phone", ["phone"]),
            ("country", ["countryCode"]),
            ("company", ["ref(Company)", "ref", "Company"]),
            ("postal_code", ["postalCode"]),
            ("metadata", ["json"]),
            ("status", ["enum"]),
            ("billing_company", ["ref(Company)"]),
            ("brand", ["ref(Brand)"]),
            ("parent", ["ref(Contact)"]),
            ("anything", ["text", "ref", "integer", "boolean"]),
        ],
    )
    def test_the_fields_name_says_which_is_first(self, field: str, expected: list[str]) -> None:
        assert labels(f"{HEAD}fields:\n  {field}: $0\n")[: len(expected)] == expected

    def test_each_with_its_column(self) -> None:
        items = {item.label: item for item in offered(f"{HEAD}fields:\n  owner: $0\n")}
        assert items["integer"].detail == "INTEGER"
        assert items["email"].detail == "TEXT with CHECK"
        assert items["money"].detail == "NUMERIC(19,4) with CHECK"
        assert items["ref"].detail == "fk_owner INTEGER"
        assert (items["enum"].label, items["enum"].signature) == ("enum", "(a, b)")

    def test_the_documentation_has_an_example(self) -> None:
        (item,) = [item for item in offered(f"{HEAD}fields:\n  a: ema$0\n") if item.label == "email"]
        assert item.documentation is not None
        text = document_item(analysis(FILES), item.documentation, NOW)
        assert "PostgreSQL `TEXT`" in text
        assert "Example: `user@example.com`" in text

    @pytest.mark.parametrize(
        ("before", "label", "after"),
        [
            ("te$0", "text", "text"),
            ("te$0!", "text", "text!"),
            ("te$0xt = x!", "text", "text = x!"),
            ("$0", "text!", "text!"),
            ("'te$0'", "text", "'text'"),
            ("'te$0", "text", "'text'"),
            ("list(te$0)", "text", "list(text)"),
            ("list(re$0", "ref", "list(ref()"),
            ("re$0(Company)", "ref", "ref(Company)"),
            ("$0(a, b) = a", "enum", "enum(a, b) = a"),
            ("{type: te$0}", "text", "{type: text}"),
            ("{type: en$0}", "enum", "{type: enum(open)}"),
            ("{type: 'en$0'}", "enum", "{type: 'enum(open, closed)'}"),
            ("enum(a, b) $0", "= b", "enum(a, b) = b"),
            ("enum(a, b) = $0", "b", "enum(a, b) = b"),
            ("enum(a, b) = $0!", "b", "enum(a, b) = b!"),
            ("enum(a, b) =$0", "b", "enum(a, b) = b"),
            ("boolean = t$0", "true", "boolean = true"),
        ],
    )
    def test_accepting_replaces_the_word_alone(self, before: str, label: str, after: str) -> None:
        assert accepted(f"{HEAD}fields:\n  a: {before}\n", label) == f"{HEAD}fields:\n  a: {after}\n"

    @pytest.mark.parametrize("value", ["enum($0)", "enum(a, $0", "text$0 = ", "text! $0", "enum(a)$0", "decimal($0)"])
    def test_where_none_belongs(self, value: str) -> None:
        found = labels(f"{HEAD}fields:\n  a: {value}\n")
        assert found in ([], ["text", "text!"])

    def test_arguments_that_follow_say_what_they_are_of(self) -> None:
        assert labels(f"{HEAD}fields:\n  a: $0(Company)\n")[0] == "ref"
        assert labels(f"{HEAD}fields:\n  a: $0(open, closed)\n")[0] == "enum"

    def test_no_mark_in_a_mapping(self) -> None:
        found = labels(f"{HEAD}fields:\n  a:\n    type: $0\n")
        assert "text" in found
        assert not [label for label in found if label.endswith("!")]

    def test_the_values_of_the_enumeration_as_default(self) -> None:
        assert labels(f"{HEAD}fields:\n  a:\n    type: enum(x, y)\n    default: $0\n") == ["x", "y"]
        assert labels(f"{HEAD}fields:\n  a: {{type: boolean, default: $0}}\n") == ["true", "false"]
