"""Names of entities that several files define, with none that is nearer."""

from __future__ import annotations

import textwrap

from tests.features.rules.fixes import fix
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing"}
TWO = """
-- entities/catalog/address.yaml --
entity: Address
schema: catalog
-- entities/core/address.yaml --
entity: Address
schema: core
"""


def beside_two(snippet: str) -> str:
    return TWO + textwrap.dedent(snippet).lstrip("\n")


def test_in_types_steps_and_views() -> None:
    findings = found(
        beside_two("""
        -- entities/crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          home: ref(Address)
                    ^^^^^^^ ambiguous-entity: 2 files define Address
          work: ref(core.Address)
        actions:
          - name: act
            steps:
              - insert: address
                        ^^^^^^^ ambiguous-entity: address.yaml
        table_views:
          include_relations:
            - Address: {fields: [street]}
              ^^^^^^^ ambiguous-entity
        """),
        ignoring=QUIET,
    )
    finding = next(f for f in findings["entities/crm/contact.yaml"] if f.code == "ambiguous-entity")
    assert [related.place.uri.rpartition("entities/")[2] for related in finding.related] == [
        "catalog/address.yaml",
        "core/address.yaml",
    ]


def test_the_nearest_one_is_meant() -> None:
    found("-- entities/catalog/item.yaml --\nentity: Item\nschema: crm\nfields: {at: ref(Address)}\n" + TWO)
    found("-- entities/crm/item.yaml --\nentity: Item\nschema: core\nfields: {at: ref(Address)}\n" + TWO)


def test_in_one_schema_only_a_new_name_helps() -> None:
    snippet = beside_two("""
        -- entities/crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          home: ref(Address)
                    ^^^^^^^ ambiguous-entity: Rename one of them.
        """)
    found(snippet.replace("schema: core", "schema: catalog"), ignoring={*QUIET, "duplicate-entity"})


def test_the_schemas_are_offered() -> None:
    before = TWO + "-- entities/crm/a.yaml --\nentity: A\nschema: crm\nfields:\n  home: ref(Addr$0ess)\n"
    fix(before, "Change to core.Address", "entity: A\nschema: crm\nfields:\n  home: ref(core.Address)\n")
