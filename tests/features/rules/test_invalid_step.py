"""Steps whose kind SpecQL knows and whose shape it refuses."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, titles
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"generates-nothing"}
HEAD = """
entity: Contact
fields: {status: text, name: text}
actions:
  - name: act
    steps:
"""


def of(steps: str) -> None:
    lines = steps.strip("\n").split("\n")
    margin = len(lines[0]) - len(lines[0].lstrip())
    found(HEAD + "".join(f"      {line[margin:]}\n" for line in lines), ignoring=QUIET)


def test_an_update_without_set() -> None:
    of(
        """
        - update: Contact
                  ^^^^^^^ invalid-step: Write update: Contact SET field = value instead.
        - update: "Contact WHERE status = 'set'"
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ invalid-step: sets nothing
        - update: Contact set status = 'a'
                          ^^^ invalid-step: only in capitals
        - update: |
            Contact
            SET status = 'a'
            ^^^ invalid-step: Join the lines
        - update: |
            Contact SET
                    ^^^ invalid-step: Join the lines
            status = 'a'
        - update: Contact
            SET status = 'a'
        - update: >
            Contact
            SET status = 'a'
        - update: 'Contact SET '
        """
    )


def test_calls_and_notifications() -> None:
    of(
        """
        - call: send_mail
                ^^^^^^^^^ invalid-step: Write send_mail() instead.
        - call: crm.send(a = 1)
                ^^^^^^^^ invalid-step: Write send(…) instead.
        - call: send(a = 1
                ^^^^^^^^^^ invalid-step: not closed
        - call: send a mail
                ^^^^^^^^^^^ invalid-step: needs parentheses
        - call: "(a)"
                 ^^^ invalid-step: begins with a name
        - call: send(a = 1) and more
        - call: send (a)
        - notify: owner
                  ^^^^^ invalid-step: needs parentheses
        - notify: owner()
                  ^^^^^^^ invalid-step: needs a channel and a text
        - notify: owner(email)
                  ^^^^^^^^^^^^ invalid-step: needs a text behind the channel
        - notify: crm.owner(email, "x")
                  ^^^^^^^^^ invalid-step: Write owner(…) instead.
        - notify: owner(email, "It is done")
        """
    )


def test_values_that_are_no_texts() -> None:
    of(
        """
        - validate:
          ^^^^^^^^ invalid-step: The validate step has no value
        - validate: true
                    ^^^^ invalid-step: the boolean true
        - validate: 5
                    ^ invalid-step: the integer 5
        - validate: {condition: status}
          ^^^^^^^^ invalid-step: followed by a mapping
        - if: [status]
          ^^ invalid-step: followed by a list
        - insert:
          ^^^^^^ invalid-step: The insert step has no value
        - insert: {entity: Contact}
          ^^^^^^ invalid-step: Write insert: Entity instead.
        - delete: null
                  ^^^^ invalid-step: null
        - find: 2024-01-01
                ^^^^^^^^^^ invalid-step: a date
        - update: {entity: Contact}
          ^^^^^^ invalid-step: mapping
        - call: {function: x}
          ^^^^ invalid-step: mapping
        - notify: {to: x}
          ^^^^^^ invalid-step: mapping
        - declare: [{name: v}]
          ^^^^^^^ invalid-step: followed by a list
        - query:
          ^^^^^ invalid-step: has no value
        - query: {sql: SELECT 1}
        - return:
        - reject:
        - reject: {code: x}
        """
    )


def test_conditions_are_not_looked_at_without_fields() -> None:
    text = "entity: Contact\nactions:\n  - name: act\n    steps:\n      - validate: true\n      - validate:\n"
    found(text, ignoring=QUIET)


def test_lists_of_steps() -> None:
    of(
        """
        - if: status = 'a'
          then:
          ^^^^ invalid-step: then of if is a list of steps
        - if: status = 'a'
          then: [{reject: a}]
          else: {reject: a}
          ^^^^ invalid-step: else
        - if: status = 'a'
          then: {}
        - if: status = 'a'
        - for_query: SELECT 1
                     ^^^^^^^^ invalid-step: needs a mapping
        - for_query:
            query: SELECT 1
            body: x
            ^^^^ invalid-step: body of for_query
        - for_query: {query: SELECT 1}
        - validate name
          ^^^^^^^^^^^^^ invalid-step: A step is a mapping
        - [validate]
           ^^^^^^^^ invalid-step: A step is a mapping
        - 5
          ^ invalid-step: A step is a mapping
        -
        ^ invalid-step: The step is empty
        - if: status = 'a'
          then:
            - reject: a
            -
            ^ invalid-step: The step is empty
            - update: Contact
                      ^^^^^^^ invalid-step
        """
    )


def test_the_dash_that_was_just_typed() -> None:
    found(HEAD + "      - reject: a\n      - \n      ^ invalid-step: The step is empty\n", ignoring=QUIET)
    found(HEAD + "      -\n      ^ invalid-step: The step is empty\n", ignoring=QUIET)


def test_refreshes() -> None:
    of(
        """
        - refresh_table_view:
          ^^^^^^^^^^^^^^^^^^ invalid-step: needs a mapping
        - refresh_table_view: contact_view
                              ^^^^^^^^^^^^ invalid-step: needs a mapping
        - refresh_table_view: {scope: everything}
                                      ^^^^^^^^^^ invalid-step: Write self, related, propagate or batch.
        - refresh_table_view:
            scope: relted
                   ^^^^^^ invalid-step: Did you mean related?
            strategy: later
                      ^^^^^ invalid-step: no strategy
            propagate: Company
                       ^^^^^^^ invalid-step: propagate is a list
        - refresh_table_view: {scope:}
                               ^^^^^ invalid-step: null is no scope
        - refresh_table_view: {scope: batch, strategy: deferred, propagate: [Contact]}
        - refresh_table_view: {}
        """
    )


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        ("call: send$0_mail", "Change to send_mail()", "call: send_mail()"),
        ("call: crm$0.send(a = 1)", "Change to send", "call: send(a = 1)"),
        ("call: crm.se$0nd", "Change to send()", "call: send()"),
        ("call: send(a = 1$0", "Change to send(a = 1)", "call: send(a = 1)"),
        ("validate: tr$0ue", "Change to 'true'", "validate: 'true'"),
        ("update: Contact s$0et status = 'a'", "Change to SET", "update: Contact SET status = 'a'"),
        (
            "update: |\n          Contact\n          SE$0T status = 'a',\n            name = 'b'",
            "Join the lines of the update",
            "update: Contact SET status = 'a', name = 'b'",
        ),
        (
            "update: |\n          Contact\n          SE$0T name = 'a: b'\n      - reject: x",
            "Join the lines of the update",
            "update: 'Contact SET name = ''a: b'''\n      - reject: x",
        ),
        (
            "update: \"Contact\\nSE$0T status = 'a'\"",
            "Join the lines of the update",
            "update: \"Contact SET status = 'a'\"",
        ),
        (
            "update: Cont$0act\n        SET: status = 'a'\n        # which\n        where: name = 'b'\n        x: y",
            "Write it on one line",
            "update: Contact SET status = 'a' WHERE name = 'b'\n        # which\n        x: y",
        ),
        (
            "{update: Cont$0act, SET: \"status = 'a'\"}",
            "Write it on one line",
            "{update: Contact SET status = 'a'}",
        ),
        ("ins$0ert: {entity: Contact}", "Write it as insert: Contact", "insert: Contact"),
        (
            "valid$0ate:\n          condition: status = 'a'\n        error: x",
            "Write it as validate: status = 'a'",
            "validate: status = 'a'\n        error: x",
        ),
        (
            "refresh_table_view: {scope: rel$0ted}",
            "Change to related",
            "refresh_table_view: {scope: related}",
        ),
        (
            "refresh_table_view: {propagate: Cont$0act}",
            "Change to [Contact]",
            "refresh_table_view: {propagate: [Contact]}",
        ),
    ],
)
def test_fixes(before: str, title: str, after: str) -> None:
    fix(f"{HEAD}      - {before}\n", title, f"{HEAD}      - {after}\n")


def test_no_fix_where_nothing_is_certain() -> None:
    for step in [
        "call: send$0 a mail",
        "call: s$0end(a = (1)",
        "update: Cont$0act",
        "insert$0: {entity: Contact, a: b}",
    ]:
        assert not titles(f"{HEAD}      - {step}\n"), step


@pytest.mark.parametrize(
    "step", ["ins$0ert: !!map {entity: Contact}", "refresh_table_view: {propagate: !!str Con$0tact, scope: propagate}"]
)
def test_a_tag_that_would_not_fit_what_is_written(step: str) -> None:
    offered = titles(f"entity: Contact\nactions:\n  - name: act\n    steps:\n      - {step}\n")
    assert not any(title.startswith(("Write it as", "Change to [")) for title in offered)
