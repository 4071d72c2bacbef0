"""``invalid-sql``; ``tests/specql/test_invalid_sql.py`` holds it to PostgreSQL's parser."""

from __future__ import annotations

import pytest

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"unknown-domain", "unknown-entity", "generates-nothing", "key-not-read"}


def sql(snippet: str) -> None:
    found(snippet, ignoring=QUIET)


def test_names() -> None:
    sql("""
    entity: My Task
            ^^^^^^^ invalid-sql: cannot be a part of a table's name
    schema: order
            ^^^^^ invalid-sql: A schema cannot be called order without quotes
    fields:
      order: integer
      ^^^^^ invalid-sql: order is a reserved word of SQL, and SpecQL does not quote names
      'due-date': date
       ^^^^^^^^ invalid-sql: A column cannot be called due-date without quotes
      user: ref(User)
      'is done': ref(User)
       ^^^^^^^ invalid-sql
      owner: ref(My User)
             ^^^^^^^^^^^^ invalid-sql: My User is no name of a table
      größe: integer
    actions:
      - name: do-it
              ^^^^^ invalid-sql: A function cannot be called do-it
      - name: order
    """)


def test_enumerations() -> None:
    sql("""
    entity: Task
    fields:
      a: enum('x', 'y') = x!
         ^^^^^^^^^^^^^^ invalid-sql: SpecQL puts quotes around the values itself
      b: 'enum("x")'
      c: enum(it''s)
    """)


def test_one_column_twice() -> None:
    sql("""
    entity: Task
    fields:
      name: text
      Name: text
      ^^^^ invalid-sql: PostgreSQL takes Name and name for one column
      ID: text
      ^^ invalid-sql: PostgreSQL takes ID for id, a column that SpecQL adds
      Title: text
      title: ref(Title)
    """)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("|\n  One.\n  Two.\n", "several lines"),
        ("|\n  One.\n", "ends with a line break"),
        ("It's one.\n", "an apostrophe"),
        ("|\n  It's one.\n  Two.\n", "several lines and an apostrophe"),
    ],
)
def test_descriptions(text: str, part: str) -> None:
    [finding] = found(f"entity: A\ndescription: {text}", ignoring={"invalid-sql"})["a.yaml"]
    assert part in finding.message
    assert (finding.span.start, finding.span.end) == (10, 21)


def test_descriptions_that_do_no_harm() -> None:
    sql("entity: A\ndescription: One''s line, folded\n  twice\n")
    sql("entity: A\ndescription: >-\n  One\n  line.\n")
    sql("entity: {name: A, description: d}\nfields: {a: {type: text, description: it's}}\ndescription: it's\n")
    sql("entity: A\nactions: [{name: a, description: it's}]\n")


def test_steps_that_are_told_of_in_comments() -> None:
    sql("""
    entity: A
    actions:
      - name: archive
        steps:
          - insert: A(name = 'x')
                    ^^^^^^^^^^^^^ invalid-sql: its apostrophe ends the text
      - name: qualify_it
        steps: [{insert: A(name = 'x')}]
      - name: late
        steps: [{insert: A}, {notify: 'a(b, "c")'}, {insert: A(name = 'x')}]
    """)


def test_a_description_in_one_line() -> None:
    fix(
        "entity: A\ndescription$0: |\n  It's one.\n  Two: it is.\nfields: {a: text}\n",
        "Make the description one line",
        "entity: A\ndescription: 'It’s one. Two: it is.'\nfields: {a: text}\n",
    )
    fix("entity: A\ndescription$0: It's\n", "Write ’ for the apostrophe", "entity: A\ndescription: It’s\n")


def test_another_name() -> None:
    assert quick_fixes("entity: A\nfields:\n  order$0: text\n") == ["Change to order_"]
    assert quick_fixes("entity: A\nfields:\n  'due-date$0': text\n") == ["Change to due_date"]
    assert quick_fixes("entity: A\nfields:\n  a: enum('x'$0, 'y') = x\n") == ["Change to enum(x, y)"]


def test_another_name_everywhere() -> None:
    fix(
        "entity: A\nfields: {order$0: integer}\nactions:\n  - {name: a, steps: [{validate: order > 1}]}\n",
        "Change to order_",
        "entity: A\nfields: {order_: integer}\nactions:\n  - {name: a, steps: [{validate: order_ > 1}]}\n",
    )
    assert quick_fixes("entity: A\nfields: {order$0: text, order_: text}\n") == []
    assert quick_fixes("entity: A\nfields: {Name$0: text, name: text}\n") == []


def test_a_field_called_description() -> None:
    fix(
        "entity: A\nfields:\n  description: enum('a'$0)\n",
        "Change to enum(a)",
        "entity: A\nfields:\n  description: enum(a)\n",
    )
    assert quick_fixes("entity: A\nfields:\n  description: enum('a'$0)\n") == ["Change to enum(a)"]
