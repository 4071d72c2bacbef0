"""What is offered in the expressions of steps, as a client orders it, and what accepting it writes."""

from __future__ import annotations

import pytest
import yaml

from tests.features.completion.places_support import (
    STEPS,
    accepted,
    labels,
    offered,
)


class TestExpressions:
    OWN = ("email", "note", "status", "active", "company")

    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            ("validate: $0", OWN),
            ("validate: st$0", ("status",)),
            ("validate: status = $0", ("'lead'", "'qualified'", "'customer'", "email")),
            ("validate: status = 'q$0", ("qualified",)),
            ("validate: status IN ('lead', $0", ("'lead'", "'qualified'", "'customer'")),
            ("validate: company.tier = $0", ("'free'", "'paid'")),
            ("validate: active = $0", ("true", "false", "email")),
            ("validate: company.$0", ("name", "city", "tier")),
            ("validate: company.c$0", ("city",)),
            ("validate: input.$0", OWN),
            ("validate: status $0", ("=", "AND", "IS NULL", "IS NOT NULL")),
            ("validate: note IS $0", ("NULL", "NOT NULL")),
            ("validate: note IS NOT $0", ("NULL",)),
            ("validate: status = 'lead' AND $0", OWN),
            ("validate: status = 'lead' A$0", ("AND",)),
            ("validate: coal$0", ("coalesce",)),
            ("validate: note = $n$0", ("$note",)),
            ("if: $0", OWN),
            ("update: Contact $0", ("SET", "WHERE")),
            ("update: Contact SET $0", OWN),
            ("update: Contact SET note = 'x', $0", ("email", "status", "active", "company")),
            ("update: Contact SET status = $0", ("'lead'", "'qualified'", "'customer'")),
            ("update: Contact SET status = 'l$0'", ("lead",)),
            ("update: Contact SET status $0", ("=",)),
            ("update: Contact SET note = 'x' $0", ("WHERE",)),
            ("update: Contact SET note = 'x' WHERE $0", OWN),
            ("update: Company SET $0", ("name", "city", "tier")),
            ("update: Company SET tier = $0", ("'free'", "'paid'")),
            ("update: Company SET tier = 'free' WHERE c$0", ("city",)),
            ("update: crm.Comp$0", ("Company",)),
            ("delete: Contact $0", ("WHERE",)),
            ("delete: Company WHERE $0", ("name", "city", "tier")),
            ("insert: Company($0", ("name", "city", "tier")),
            ("insert: Company(name = 'x', $0", ("city", "tier")),
            ("find: Company WHERE tier = $0", ("'free'", "'paid'")),
            ("notify: $0", ("email", "company")),
            ("notify: company($0", ("email", "sms", "push")),
            ("call: f($0", OWN),
        ],
    )
    def test_in_a_step(self, step: str, expected: tuple[str, ...]) -> None:
        assert tuple(labels(f"{STEPS}{step}\n")[: len(expected)]) == expected

    def test_no_entity_and_no_framework_column_in_a_set_list(self) -> None:
        assert set(labels(f"{STEPS}update: Contact SET $0\n")) == set(self.OWN)

    @pytest.mark.parametrize(
        "step",
        [
            "validate: EXISTS (SELECT 1 FROM $0)",
            "update: Contact SET company.$0",
            "validate: 12$0",
            "validate: note -- $0",
        ],
    )
    def test_where_nothing_is_known(self, step: str) -> None:
        assert labels(f"{STEPS}{step}\n") == []

    def test_a_function_has_its_arguments_and_says_that_the_release_refuses_it(self) -> None:
        (item,) = [each for each in offered(f"{STEPS}validate: coal$0\n") if each.label == "coalesce"]
        assert (item.signature, item.detail) == ("(value, …)", "anyelement")
        assert item.description == "refused by SpecQL 0.9.2"
        assert item.snippet == "coalesce($1)$0"

    def test_variables_of_the_action(self) -> None:
        text = f"{STEPS}assign: v_total := 1\n      - validate: v_$0\n"
        assert labels(text)[0] == "v_total"

    def test_functions_that_the_file_calls_and_errors_that_it_has(self) -> None:
        assert labels(f"{STEPS}call: recalculate(a = 1)\n      - call: $0\n") == ["recalculate"]
        text = f"{STEPS}reject: not_a_lead\n      - validate: note = 'a'\n        error: $0\n"
        assert labels(text) == ["not_a_lead"]

    @pytest.mark.parametrize(
        ("before", "label", "after"),
        [
            ("validate: status = $0", "'lead'", "validate: status = 'lead'"),
            ("validate: status = 'l$0'", "lead", "validate: status = 'lead'"),
            ("validate: 'status = $0'", "'lead'", "validate: 'status = ''lead'''"),
            ("validate: 'status = ''l$0'''", "lead", "validate: 'status = ''lead'''"),
            ('validate: "status = $0"', "'lead'", "validate: \"status = 'lead'\""),
            ("validate: no$0 = 'x'", "note", "validate: note = 'x'"),
            ("validate: no$0te = 'x'", "note", "validate: note = 'x'"),
            ("validate: company.ci$0", "city", "validate: company.city"),
            ("update: Con$0 SET a = 1", "Contact", "update: Contact SET a = 1"),
            ("update:Con$0", "Contact", "update: Contact"),
        ],
    )
    def test_accepting_keeps_what_is_around(self, before: str, label: str, after: str) -> None:
        result = accepted(f"{STEPS}{before}\n", label)
        assert result == f"{STEPS}{after}\n"
        assert yaml.safe_load(result)
