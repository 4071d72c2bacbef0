"""What is offered in each place of an entity file, as a client orders it, and what accepting it writes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from specql_lsp.config import LanguageSettings, Settings
from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.model import CompletionItem, DocumentationKey
from specql_lsp.workspace.documents import Document
from tests.benchmarks.completion_quality import as_shown
from tests.features.completion_support import NOW, URI, analysis, split_cursor

COMPANY = "entity: Company\nschema: crm\nfields:\n  name: text!\n  city: text\n  tier: enum(free, paid)\n"
FILES = {
    "entities/crm/company.yaml": COMPANY,
    "entities/catalog/brand.yaml": "entity: Brand\nschema: catalog\nfields:\n  owner: ref(Company)\n",
    "entities/sales/company.yaml": "entity: Company\nschema: sales\n",
    "stdlib/actions/billing/close.yaml": (
        "pattern: billing/close\ndescription: Closes it\nparameters:\n"
        "  - {name: note, type: string}\n  - {name: day, type: string, required: true}\n"
    ),
    "registry/service_registry.yaml": (
        "services:\n"
        "  - {name: mail, type: email, category: text, operations: [{name: send, input_schema: {to: s, text: s}}]}\n"
        "  - {name: pay, type: payment, category: money, operations: [{name: charge}, {name: refund}]}\n"
    ),
}
HEAD = "entity: Contact\nschema: crm\n"
FIELDS = f"""{HEAD}fields:
  email: email!
  note: text
  status: enum(lead, qualified, customer) = lead
  active: boolean
  company: ref(Company)
"""
STEPS = f"{FIELDS}actions:\n  - name: close\n    steps:\n      - "


def offered(text: str, *, uri: str = URI) -> list[CompletionItem]:
    """The items at the cursor in a client's order."""
    source, offset = split_cursor(text)
    document = Document(uri, source)
    return as_shown(document, offset, complete(analysis(FILES), document, offset, NOW).items)


def without_release(text: str) -> list[CompletionItem]:
    """The items at the cursor where the settings name no release whose limits are reported."""
    source, offset = split_cursor(text)
    settings = Settings(language=LanguageSettings(release=""))
    return list(complete(replace(analysis(FILES), settings=settings), Document(URI, source), offset, NOW).items)


def labels(text: str) -> list[str]:
    return [item.label for item in offered(text)]


def accepted(text: str, label: str, *, as_snippet: bool = False) -> str:
    """The text with an item accepted, as it is without snippets, or as they are."""
    source, _ = split_cursor(text)
    item = next(item for item in offered(text) if item.label == label)
    start, end = item.replace
    return source[:start] + (item.snippet or item.new_text if as_snippet else item.new_text) + source[end:]


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


def test_the_documentation_of_a_field_says_its_type() -> None:
    text, offset = split_cursor(f"{STEPS}validate: em$0")
    (item,) = [each for each in complete(analysis(), Document(URI, text), offset, NOW).items if each.label == "email"]
    assert item.documentation is not None
    shown = document_item(analysis(), item.documentation, NOW)
    assert shown.startswith("**email** · field · `email!`\n\n`email`: ")


@pytest.mark.parametrize(
    "key",
    [
        DocumentationKey("function", {"name": "coalesce"}),
        DocumentationKey("pattern", {"name": "temporal_non_overlapping_daterange"}),
    ],
)
def test_the_documentation_says_nothing_of_a_release_that_is_not_named(key: DocumentationKey) -> None:
    silent = replace(analysis(), settings=Settings(language=LanguageSettings(release="")))
    assert "SpecQL 0.9.2" in document_item(analysis(), key, NOW)
    assert "SpecQL 0.9.2" not in document_item(silent, key, NOW)


def test_the_documentation_of_a_pattern_of_the_workspace() -> None:
    key = DocumentationKey("pattern", {"name": "billing/close"})
    assert document_item(analysis(FILES), key, NOW).startswith("**billing/close** · action pattern · [close.yaml]")
    parameter = DocumentationKey("pattern", {"name": "billing/close", "parameter": "day"})
    assert "parameter of billing/close · `string` · required" in document_item(analysis(FILES), parameter, NOW)


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


@pytest.mark.parametrize("below", ["    type: email\n", "\n    # a remark\n    type: email\n", "    email\n"])
def test_no_value_is_offered_above_one(below: str) -> None:
    """With what is accepted there, the lines below would be no YAML, or something else."""
    assert labels(f"{HEAD}fields:\n  email:$0\n{below}") == []
    assert labels(f"{HEAD}fields:\n  email: $0 # its type\n{below}") == []
    assert labels(f"{HEAD}fields:\n  email: $0\n  note:\n{below}") != []


def test_no_value_is_offered_above_a_list() -> None:
    assert labels(f"{HEAD}fields:\n  email: text\nidentifier:\n  components: $0\n  - email\n") == []
    assert labels(f"{HEAD}fields:\n  email: text\nactions:\n- name: a\n  steps:\n  - validate: $0\n  - call: a\n") != []
