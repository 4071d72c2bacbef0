"""What is wrong in the registry's YAML by itself: findings below the lines."""

from __future__ import annotations

import pytest

from specql_lsp.features import diagnostics
from specql_lsp.features.model import Severity
from tests.features.support import REGISTRY, REGISTRY_URI, analysis, check, document


def registry_with(old: str, new: str) -> str:
    assert old in REGISTRY
    return REGISTRY.replace(old, new)


def test_a_sound_registry() -> None:
    check(REGISTRY, uri=REGISTRY_URI)
    check(REGISTRY, uri=REGISTRY_URI, registry=None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'012034'", "012034 # ^^^^^^ unquoted-table-code: octal"),
        ("'012034'", "'01234' # ^^^^^^^ invalid-table-code"),
        ("'012034'", "'999999' # ^^^^^^^^ reserved-table-code"),
        ("'012034'", "'092034' # ^^^^^^^^ unknown-schema-layer"),
        ("'012034'", "'018034' # ^^^^^^^^ unknown-domain-number"),
        ("'012034'", "'013034' # ^^^^^^^^ domain-mismatch: under domain 2 (crm)"),
        ("'012034'", "'012014' # ^^^^^^^^ subdomain-mismatch: digits 01, but it is under subdomain 03 (customer)"),
        ("'013021'", "'013211' # ^^^^^^^^ subdomain-mismatch: digits 21"),
    ],
)
def test_a_code_in_the_registry(old: str, new: str) -> None:
    value, _, expectation = new.partition(" # ")
    line = next(line for line in REGISTRY.split("\n") if old in line)
    column = line.index(old)
    text = registry_with(line, line.replace(old, value) + "\n" + " " * column + expectation)
    check(text, uri=REGISTRY_URI, registry=None)


def test_a_code_registered_twice() -> None:
    text = registry_with("table_code: '012035'", "table_code: '012034'")
    found = diagnostics.check(analysis(registry=None), document(text, REGISTRY_URI))
    assert [f.code for f in found] == ["table-code-taken", "table-code-taken"]
    assert "Company in crm / customer" in found[0].message
    assert found[0].related[0].place.span == found[1].span


def test_a_registration_without_a_code() -> None:
    text = registry_with("table_code: '012035'", "table_code:")
    (found,) = diagnostics.check(analysis(registry=None), document(text, REGISTRY_URI))
    assert (found.code, found.severity) == ("missing-table-code", Severity.HINT)


def test_an_inference_for_no_domain() -> None:
    text = registry_with("subdomain_inference:\n  crm:", "subdomain_inference:\n  crn:")
    (found,) = diagnostics.check(analysis(registry=None), document(text, REGISTRY_URI))
    assert found.code == "unknown-domain"
    assert "Did you mean crm?" in found.message


def test_what_a_syntax_error_hides_is_not_called_missing() -> None:
    text = REGISTRY.replace("  '3':\n    name: catalog", "  '3\n    name: catalog") + "  catalog: {}\n"
    codes = {f.code for f in diagnostics.check(analysis(), document(text, REGISTRY_URI))}
    assert codes == {"yaml-syntax"}
