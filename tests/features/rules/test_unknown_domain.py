"""``unknown-domain``."""

from __future__ import annotations

from tests.features.rules.fixes import fix, titles
from tests.features.rules.support import found


def test_a_schema_that_is_no_domain() -> None:
    found("""
    entity: Contact
    schema: crn
            ^^^ unknown-domain: Did you mean crm?
    """)


def test_the_nearest_domain() -> None:
    fix(
        """
        entity: Contact
        schema: 'crn$0'
        """,
        "Change to crm",
        """
        entity: Contact
        schema: 'crm'
        """,
    )
    assert titles("entity: Contact\nschema: warehousing$0\n") == []
