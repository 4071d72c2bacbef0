"""The domain that a file names: findings below the lines."""

from __future__ import annotations

import pytest

from tests.features.support import check


def test_a_schema_that_is_no_domain_says_the_nearest() -> None:
    check(
        """\
        entity: Thing
        schema: crn
                ^^^ unknown-domain: Did you mean crm?
        """
    )


@pytest.mark.parametrize("schema", ["common", "app", "public", "Common"])
def test_a_schema_of_the_framework_needs_no_domain(schema: str) -> None:
    check(f"entity: Thing\nschema: {schema}\n")


def test_the_organization_names_a_domain() -> None:
    check(
        """\
        entity: Thing
        schema: common
        organization:
          domain_name: zzz
                       ^^^ unknown-domain: no domain or alias named zzz
          table_code: '00101F'
                      ^^^^^^^^ unregistered-table-code
        """
    )


def test_a_domain_without_a_neighbour_is_not_guessed() -> None:
    found = check("entity: Thing\nschema: 'warehousing'\n        ^^^^^^^^^^^^^ unknown-domain\n")
    assert "Did you mean" not in found[0].message
