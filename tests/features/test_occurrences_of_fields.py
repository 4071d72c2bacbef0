"""Occurrences of fields, enum values and anchors."""

from __future__ import annotations

from tests.features.occurrences_support import check_occurrences
from tests.features.test_navigation import check_definition


def test_a_field_in_every_place_that_names_it() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          email: text
          ^^^^^ def
          company: ref(Company)
          other: text
        translations: {enabled: true, fields: [email, other]}
                                               ^^^^^ ref
        identifier: {components: [email, {field: email}]}
                                  ^^^^^ ref
                                                 ^^^^^ ref
        table_views:
          extra_filter_columns: [email]
                                 ^^^^^ ref
        actions:
          - name: a
            steps:
              - validate: email IS NOT NULL AND company.email = 'x'
                          ^^^^^ ref
              - update: Contact SET other = 1, EMAIL = lower(email) WHERE Contact.email = 'a'
                                               ^^^^^ set
                                                             ^^^^^ ref
                                                                                  ^^^^^ ref
              - notify: email(channel, "email")
                        ^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        fields: {contact: ref(Contact), email: text}
        actions:
          - name: a
            steps:
              - validate: contact.email = email
                                  ^^^^^ ref
              - update: Contact SET email = 'x' WHERE company.email = email
                                    ^^^^^ set
                                                                      ^^^^^ ref
              - insert: Contact SET email = $email
                                    ^^^^^ set
        table_views:
          include_relations: [{Contact: {fields: [email]}}]
                                                  ^^^^^ ref
        -- crm/company.yaml --
        entity: Company
        schema: crm
        fields: {email: text}
        -- far/deal.yaml --
        entity: Deal
        fields: {lead: ref(Lead)}
        actions:
          - name: a
            steps:
              - validate: lead.contact.email = 'a' AND lead.email = 'b'
                                       ^^^^^ ref
        -- far/away.yaml --
        entity: Away
        fields: {email: text}
        """
    )


def test_an_enum_value_in_every_place_that_names_it() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        fields:
          status: enum(lead, open) = lead
                       ^^^^ def
                                     ^^^^ ref
          kind: enum(lead)
        actions:
          - name: lead
            steps:
              - validate: status = 'lead' OR kind = 'lead' OR status IN ('open', 'lead')
                                    ^^^^ ref
                                                                                  ^^^^ ref
              - update: "Contact SET status = 'lead'"
                                               ^^^^ ref
        -- crm/deal.yaml --
        entity: Deal
        fields: {contact: ref(Contact), status: enum(lead)}
        actions:
          - name: a
            steps:
              - if: contact.status <> 'lead' AND status = 'lead'
                                       ^^^^ ref
        """
    )


def test_an_enum_in_a_mapping() -> None:
    check_occurrences(
        """
        entity: Contact
        fields:
          rate: {type: "enum(low, high)", default: low}
                             ^^^ def
                                                   ^^^ ref
        """
    )


def test_anchors_of_two_documents() -> None:
    check_occurrences(
        """
        entity: A
        x: &base {a: text}
           ^^^^^ def
        fields: *base
                ^^^^^ ref
        ---
        entity: B
        x: &base {a: text}
        fields: *base
        """
    )


def test_a_field_in_queries_and_patterns() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields: {iban: text, opened: date}
                 ^^^^ def
        patterns:
          - type: temporal_scd_type2_helper
            params: {natural_key: [iban], version_field: iban}
                                   ^^^^ ref
                                                         ^^^^ ref
        -- crm/deal.yaml --
        entity: Deal
        schema: crm
        fields: {iban: text}
        actions:
          - name: a
            pattern: multi_entity/coordinated_update
            config:
              operations:
                - {entity: Contact, set: {iban: 1}, where: iban = 2 AND opened = 3}
                                          ^^^^ set
                                                           ^^^^ ref
                - {set: {iban: 1}, where: iban = 2}
          - name: b
            steps: [{query: {sql: SELECT c.iban FROM tb_contact c WHERE iban = 1}}]
                                           ^^^^ ref
                                                                        ^^^^ ref
        """
    )


def test_what_an_alias_repeats() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: crm
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        x: &x ref(Contact)
                  ^^^^^^^ ref
        y: &y {insert: Contact}
                       ^^^^^^^ ref
        fields: {a: *x, b: *x}
        actions: [{name: a, steps: [*y]}]
        """
    )
    check_occurrences(
        """
        entity: Lead
        fields: {kind: &x "enum(open, done)", other: text}
                                ^^^^ def
        y: &y kind = 'open'
                      ^^^^ ref
        actions: [{name: a, steps: [{validate: *y}, {validate: "CASE kind WHEN 'open' THEN 1 END"}]}]
                                                                                ^^^^ ref
        """
    )


def test_an_alias_of_nothing_ends() -> None:
    check_definition("entity: Lead\nx: &x te$0xt\ny: *x\nz: *x\n")
