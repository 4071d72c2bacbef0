"""Steps of no kind that SpecQL knows."""

from __future__ import annotations

from tests.features.rules.fixes import fix, titles
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing"}


def test_the_key_that_was_meant_to_be_the_kind() -> None:
    found(
        """
        entity: Contact
        fields: {status: text}
        actions:
          - name: act
            steps:
              - valdate: status = 'a'
                ^^^^^^^ unknown-step: Did you mean validate?
              - error: nope
                conditon: status
                ^^^^^^^^ unknown-step: conditon is no kind of step
              - error: nope
                ^^^^^ unknown-step: error is no kind of step
              - {}
                ^^ unknown-step: The step is empty
              - cursor_opn: c
                ^^^^^^^^^^ unknown-step: Did you mean cursor_open?
              - "valdate": status = 'a'
                 ^^^^^^^ unknown-step
              - if: status = 'a'
                then:
                  - rejct: a
                    ^^^^^ unknown-step: Did you mean reject?
              - for_query:
                  query: SELECT 1
                  body:
                    - nonsense: a
                      ^^^^^^^^ unknown-step
        """,
        ignoring=QUIET,
    )


def test_kinds_that_only_the_documentation_has() -> None:
    found(
        """
        entity: Contact
        fields: {status: text}
        actions:
          - name: act
            steps:
              - foreach: item in items
                ^^^^^^^ unknown-step: use for_query
                do:
                  - nonsense: what is beneath is not read at all
              - partial_update: Contact
                ^^^^^^^^^^^^^^ unknown-step: use update
              - refresh: views
                ^^^^^^^ unknown-step: use refresh_table_view
        """
    )


def test_known_kinds_and_those_of_the_beta_line_are_never_unknown() -> None:
    found(
        """
        entity: Contact
        actions:
          - name: act
            steps:
              - validate: anything
              - return: 1
              - cursor_open: c
              - raw_sql: SELECT 1
                ^^^^^^^ specql-refuses: Unknown step type
              - call_service: {service: stripe, operation: charge, on_success: [{nonsense: x}]}
                ^^^^^^^^^^^^ specql-refuses: beta line
        """,
        ignoring=QUIET,
    )


def test_the_nearest_kind_is_offered() -> None:
    before = """
        entity: Contact
        actions:
          - name: act
            steps:
              - val$0date: status = 'a'
        """
    after = before.replace("val$0date", "validate")
    fix(before, "Change to validate", after)


TYPED = """
entity: Contact
fields: {title: text}
actions:
  - name: act
    steps:
      - ty$0pe: validate
        condition: "title IS NOT NULL"
        error_message: missing
"""


def test_a_kind_that_is_written_as_a_value() -> None:
    found(TYPED.replace("ty$0pe: validate\n", "type: validate\n        ^^^^ unknown-step: Write validate: …\n"))
    fix(
        TYPED,
        "Write it as validate: …",
        """
        entity: Contact
        fields: {title: text}
        actions:
          - name: act
            steps:
              - validate: "title IS NOT NULL"
                error: missing
        """,
    )
    assert not titles(TYPED.replace("validate", "insert").replace("condition", "table"))
    assert not titles(TYPED.replace("validate\n", "validate  # why\n"))
