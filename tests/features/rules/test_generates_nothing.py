"""Steps that SpecQL reads and generates nothing for."""

from __future__ import annotations

from tests.features.rules.support import found


def test_each_kind() -> None:
    found(
        """
        entity: Contact
        fields: {status: text}
        actions:
          - name: act
            steps:
              - validate: status = 'a'
              - refresh_table_view: {scope: self}
              - update: Contact SET status = 'a'
              - update: Contact SET status = 'a' WHERE status = 'b'
                                                 ^^^^^^^^^^^^^^^^^^ generates-nothing: drops the WHERE
              - update: 'Contact SET status = ''a'' WHERE status = ''b'''
                                                    ^^^^^^^^^^^^^^^^^^^^ generates-nothing: drops the WHERE
              - insert: Contact
                ^^^^^^ generates-nothing: generates nothing for it
              - delete: Contact WHERE status = 'a'
                ^^^^^^ generates-nothing
              - find: Contact
                ^^^^ generates-nothing
              - call: f()
                ^^^^ generates-nothing: a comment
              - notify: owner(email, "x")
                ^^^^^^ generates-nothing
              - reject: nope
                ^^^^^^ generates-nothing
              - if: status = 'a'
                ^^ generates-nothing: and the steps beneath it
                then:
                  - reject: nope
              - declare: v_n integer
                ^^^^^^^ generates-nothing
              - for_query: {query: SELECT 1, body: [{reject: x}]}
                ^^^^^^^^^ generates-nothing
              - cursor_close: c
                ^^^^^^^^^^^^ generates-nothing
        """
    )


def test_what_is_refused_is_not_said_to_generate_nothing() -> None:
    found(
        """
        entity: Contact
        fields: {status: text}
        actions:
          - name: act
            steps:
              - call: f
                      ^ invalid-step
              - raw_sql: SELECT 1
                ^^^^^^^ specql-refuses
              - foreach: x in y
                ^^^^^^^ unknown-step
              - insert: {entity: Contact}
                ^^^^^^ invalid-step
              - find:
                ^^^^ invalid-step
        """
    )


def test_actions_for_which_specql_has_a_template() -> None:
    found(
        """
        entity: Contact
        fields: {status: text}
        actions:
          - name: create_contact
                  ^^^^^^^^^^^^^^ generates-nothing: for a name that begins with create it writes a function of its own
            steps:
              - validate: status = 'a'
              - insert: Contact
          - name: Updated
                  ^^^^^^^ generates-nothing: begins with update
            steps:
              - update: Contact SET status = 'a'
          - name: recreate
            steps:
              - validate: status = 'a'
          - name: delete_contact
            steps: []
        """
    )
