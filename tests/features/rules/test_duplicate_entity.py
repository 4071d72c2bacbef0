"""``duplicate-entity``."""

from __future__ import annotations

from tests.features.rules.support import found


def test_both_files_say_where_the_other_one_is() -> None:
    found("""
    -- entities/crm/contact.yaml --
    entity: Contact
            ^^^^^^^ duplicate-entity: person.yaml defines Contact in the schema crm, too
    schema: crm
    -- entities/crm/person.yaml --
    entity: contact
            ^^^^^^^ duplicate-entity: contact.yaml defines
    schema: crm
    """)


def test_another_schema_has_an_entity_of_its_own() -> None:
    found("""
    -- entities/crm/contact.yaml --
    entity: Contact
    schema: crm
    -- entities/catalog/contact.yaml --
    entity: Contact
    schema: catalog
    """)
