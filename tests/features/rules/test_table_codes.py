"""A file's table code: findings below the lines."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.features import diagnostics
from specql_lsp.features.model import Severity
from tests.features.support import REGISTRY_URI, analysis, check, document

ENTITY = "entity: Contact\nschema: crm\norganization:\n  table_code: "


def test_the_registered_code_is_right() -> None:
    assert check(ENTITY + "'012034'\n") == ()


def test_an_alias_names_the_domain() -> None:
    check("entity: Contact\nschema: management\norganization: {table_code: '012034'}\n")


@pytest.mark.parametrize("code", ["'01203'", "'0120345'", "'01203G'", "crm", "'012034 '", "01203581"])
def test_what_is_no_code(code: str) -> None:
    (found,) = check(f"{ENTITY}{code}\n{' ' * 14}{'^' * len(code)} invalid-table-code: six hexadecimal digits\n")
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("code", "reading"),
    [("012034", "the octal integer 5148"), ("912034", "the integer 912034")],
)
def test_a_code_without_quotes(code: str, reading: str) -> None:
    found = diagnostics.check(analysis(), document(ENTITY + code + "\n"))
    said = {f.code: f.message for f in found}
    assert said["unquoted-table-code"] == f"YAML 1.1 reads {code} as {reading}; quote it."


def test_the_other_checks_go_on_without_quotes() -> None:
    check(
        """\
        entity: Contact
        schema: crm
        organization:
          table_code: 012035
                      ^^^^^^ unquoted-table-code: octal
                      ^^^^^^ table-code-taken: Company
                      ^^^^^^ table-code-differs: 012034
        """
    )


@pytest.mark.parametrize("code", ["012038", "01A203", "0120E1", "01203581"])
def test_what_yaml_reads_as_text_needs_no_quotes(code: str) -> None:
    assert isinstance(yaml.safe_load(code), str)
    found = diagnostics.check(analysis(), document(ENTITY + code + "\n"))
    assert "unquoted-table-code" not in {f.code for f in found}


@given(st.text("0123456789abcdefABCDEF_:.+-xob", min_size=1, max_size=8))
def test_unquoted_means_that_pyyaml_reads_no_string(code: str) -> None:
    try:
        value = yaml.safe_load(ENTITY + code + "\n")["organization"]["table_code"]
    except (yaml.YAMLError, TypeError, ValueError):
        return
    if value is None:
        return
    found = diagnostics.check(analysis(), document(ENTITY + code + "\n"))
    assert ("unquoted-table-code" in {f.code for f in found}) == (not isinstance(value, str))


def test_a_reserved_code() -> None:
    check(ENTITY + "'01203e'\n              ^^^^^^^^ reserved-table-code: 01203E is reserved\n")


def test_an_unknown_layer() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '072036'\n              ^^^^^^^^ unknown-schema-layer: 01 (write_side)\n"
    )


def test_an_unknown_domain_number() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '017036'\n              ^^^^^^^^ unknown-domain-number: 2 (crm)\n"
    )


def test_an_unknown_subdomain() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012996'\n              ^^^^^^^^ unknown-subdomain: 03 (customer)\n"
    )


def test_a_code_of_another_domain() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '013022'\n              ^^^^^^^^ domain-mismatch: domain 3 (catalog), but the schema crm\n"
    )


def test_core_is_a_domain_where_the_registry_has_one() -> None:
    check(
        "entity: New\nschema: core\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ domain-mismatch: the schema core is domain 1\n"
    )


def test_a_framework_schema_may_use_any_domains_code() -> None:
    check(
        "entity: New\nschema: common\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ unregistered-table-code\n"
    )


def test_a_code_of_another_entity_points_at_the_registry() -> None:
    (found,) = check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012035'\n              ^^^^^^^^ table-code-taken: registered to Company\n"
    )
    (related,) = found.related
    assert related.place.uri == REGISTRY_URI
    assert related.place.line_text.strip() == "table_code: '012035'"


def test_a_code_that_another_file_uses() -> None:
    (found,) = check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ table-code-taken: used by Other\n",
        "entity: Other\nschema: crm\norganization:\n  table_code: '012036'\n",
    )
    place = found.related[0].place
    assert (place.start, place.end) == ((3, 14), (3, 22))


def test_a_code_that_another_file_uses_needs_no_registry() -> None:
    check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ table-code-taken: used by Other\n",
        "entity: Other\nschema: crm\norganization:\n  table_code: '012036'\n",
        registry=None,
    )


def test_the_same_entity_in_two_files_takes_nothing_from_itself() -> None:
    check(ENTITY + "'012034'\n", "entity: contact\nschema: management\norganization: {table_code: '012034'}\n")


def test_the_same_name_in_another_domain_is_another_entity() -> None:
    check(
        "entity: Contact\nschema: catalog\norganization:\n"
        "  table_code: '012034'\n"
        "              ^^^^^^^^ table-code-taken: in domain 2 (crm)\n"
        "              ^^^^^^^^ domain-mismatch\n"
    )


def test_another_code_than_the_registered_one() -> None:
    (found,) = check(
        "entity: contact\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ table-code-differs: The registry has 012034 for Contact\n"
    )
    assert found.related


def test_a_free_code() -> None:
    (found,) = check(
        "entity: New\nschema: crm\norganization:\n"
        "  table_code: '012036'\n              ^^^^^^^^ unregistered-table-code: register it for New\n"
    )
    assert found.severity is Severity.WARNING


def test_no_code() -> None:
    (found,) = check("entity: New\n        ^^^ missing-table-code: domain 2 (crm)\nschema: crm\n")
    assert found.severity is Severity.HINT
    check("entity: Contact\n        ^^^^^^^ missing-table-code: the registry has 012034\nschema: crm\n")


def test_no_code_at_the_key_that_waits_for_it() -> None:
    check("entity: New\nschema: crm\norganization:\n  table_code:\n  ^^^^^^^^^^ missing-table-code\n")
    check("entity: New\nschema: crm\norganization:\n^^^^^^^^^^^^ invalid-structure\n")


def test_no_code_where_no_domain_could_give_one() -> None:
    check("entity: New\nschema: common\n")
    check("entity: New\n")


def test_a_list_or_an_empty_text_is_no_code() -> None:
    check("entity: N\nschema: crm\norganization:\n  table_code: [1]\n              ^^^ invalid-table-code\n")
    check("entity: N\nschema: crm\norganization:\n  table_code: ''\n              ^^ invalid-table-code: empty\n")


@pytest.mark.parametrize("code", ["'012035'", "'079999'", "'012996'", "'999999'"])
def test_without_a_registry_nothing_is_said_that_needs_one(code: str) -> None:
    check(f"entity: New\nschema: nowhere\norganization:\n  table_code: {code}\n", registry=None)
