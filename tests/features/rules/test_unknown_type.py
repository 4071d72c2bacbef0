"""``unknown-type``: what is lost, and which type was meant."""

from __future__ import annotations

import pytest

from specql_lsp.language.type_repair import meant_types
from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import UNASKED, found

QUIET = UNASKED | {"unknown-entity", "key-not-read"}
MEANT = {
    "text! = x": ["text = x!"],
    "ref(Company)?": ["ref(Company)"],
    "ref (Company)": ["ref(Company)"],
    "ref Company": ["ref(Company)"],
    "Reference(Company)!": ["ref(Company)!"],
    "ref(Company) not null": ["ref(Company)!"],
    "timestamp": ["datetime"],
    "timestamp with time zone": ["datetime"],
    "decimal(10, 2)": ["money", "float"],
    "numeric! = 0": ["money = 0!", "float = 0!"],
    "enum[a, b]": ["enum(a, b)"],
    "enum('a', \"b\")?": ["enum(a, b)"],
    "enum(a, b)! = a": ["enum(a, b) = a!"],
    "enum(a,b)= a": ["enum(a, b) = a"],
    "Choice(a, b)": ["enum(a, b)"],
    "enmu(a, b)": ["enum(a, b)"],
    "Email": ["email"],
    "emial!": ["email!"],
    "boolen": ["boolean"],
    "int = 3": ["integer = 3"],
    "varchar(255)!": ["text!"],
    "varchar not null": ["text!"],
    "character varying(20)": ["text"],
    "double precision": ["float"],
    "text(100)": ["text"],
    "text[]": ["list(text)"],
    "array<string>": ["list(text)"],
    "List(ref(Tag))": ["list(ref(Tag))"],
    "optional(int)": ["integer"],
    "Garage": ["ref(Garage)"],
    "hex": [],
    "enum": [],
    "": [],
}


@pytest.mark.parametrize("text", MEANT)
def test_what_is_meant(text: str) -> None:
    assert [meant.text for meant in meant_types(text)] == MEANT[text]


def test_what_is_lost() -> None:
    found(
        """
        entity: Item
        fields:
          a: text! = x
             ^^^^^^^^^ unknown-type: text! = x is not read as text: SpecQL 0.9.2 makes a nullable TEXT column of it, without NOT NULL. Write text = x! instead.
          b: ref(Company)?
             ^^^^^^^^^^^^^ unknown-type: without the foreign key to Company. Write ref(Company) instead.
          c: 'enum[x, y]'
              ^^^^^^^^^^ unknown-type: without the CHECK. Write enum(x, y) instead.
          d: decimal(10, 2)
             ^^^^^^^^^^^^^^ unknown-type: Write money for an amount, float for another number.
          e: {type: uuid!}
                    ^^^^^ unknown-type: Write uuid, and nullable: false beside it.
          f: {type: enum, values: [x]}
                    ^^^^ unknown-type: enum has no values: SpecQL 0.9.2 makes a TEXT column of it, without the CHECK, and does not read values. Write enum(x) instead.
          g: hex
             ^^^ unknown-type: hex is no type: SpecQL 0.9.2 makes a TEXT column of it. If a text is meant, write text.
          h:
          ^ unknown-type: The field h has no type
          i: [x, y]
             ^^^^^^ unknown-type: The field i has a list instead of a type
          j: yes
             ^^^ unknown-type: has a boolean instead of a type
        """,  # noqa: E501 - a message of one line
        ignoring=QUIET,
    )


def test_types() -> None:
    found(
        """
        entity: Item
        fields:
          a: text!
          b: 'enum(x, y) = x!'
          c: list(ref(Company))
          d: ref(Company|Person)!
          e: {type: money, nullable: false}
          f: {description: d}
          g: phone
          h: MoneyAmount
        """,
        ignoring=QUIET,
    )


def test_a_type_that_is_read_in_two_places() -> None:
    found(
        """
        entity: Item
        _x: &x Strange
        fields:
          a: *x
             ^^ unknown-type
        """,
        ignoring=QUIET,
    )


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        ("text!$0 = x", "Change to text = x!", "text = x!"),
        ("decimal$0(10, 2)", "Change to float", "float"),
        ('"enum[a, b]$0"', "Change to enum(a, b)", '"enum(a, b)"'),
        ("{type: uuid!$0}", "Write uuid, nullable: false", "{type: uuid, nullable: false}"),
        ("{type: uuid!$0, nullable: true}", "Write uuid, nullable: false", "{type: uuid, nullable: false}"),
        ("{type: int = 3$0}", "Write integer, default: 3", "{type: integer, default: '3'}"),
        ("{type: timestamp$0}", "Change to datetime", "{type: datetime}"),
        ("{type: enum$0, values: [a, b]}", "Write enum(a, b)", "{type: 'enum(a, b)'}"),
        ("[a, b]$0", "Change to enum(a, b)", "enum(a, b)"),
    ],
)
def test_the_type_that_was_meant(before: str, title: str, after: str) -> None:
    fix(f"entity: A\nfields:\n  a: {before}\n", title, f"entity: A\nfields:\n  a: {after}\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a:\n  - x$0\n  - y\n  b: text\n", "  a: enum(x, y)\n  b: text\n"),
        ("  a:\n    - x$0\n", "  a: enum(x)\n"),
        ("  a: # c\n  - x$0\n  - y # d\n", "  a: enum(x, y) # c # d\n"),
        ("  a:\n  - x$0\n  -\n  - # c\n  b: [y]\n", "  a: enum(x) # c\n  b: [y]\n"),
        ("  a: &k !!seq [x$0, y] # c\n", "  a: &k enum(x, y) # c\n"),
        ("  a: !!seq\n    - x$0\n", "  a: enum(x)\n"),
        ("  ? a\n  : - x$0\n    - y\n", "  ? a\n  : enum(x, y)\n"),
        ("  {a: [x$0, y], b: text}\n", "  {a: 'enum(x, y)', b: text}\n"),
    ],
)
def test_a_list_of_values_in_any_style(before: str, after: str) -> None:
    values = "x, y" if "enum(x, y)" in after else "x"
    fix(f"entity: A\nfields:\n{before}", f"Change to enum({values})", f"entity: A\nfields:\n{after}")


def test_in_a_block() -> None:
    fix(
        "entity: A\nfields:\n  a:\n    type: enum(a, b)!$0 = a # ours\n    description: d\n",
        "Write enum(a, b), nullable: false, default: a",
        "entity: A\nfields:\n  a:\n    type: enum(a, b) # ours\n    nullable: false\n    default: a\n"
        "    description: d\n",
    )


def test_no_type_yet() -> None:
    fix("entity: A\nfields:\n  a$0:\n  b: text\n", "Write text", "entity: A\nfields:\n  a: text\n  b: text\n")
    assert quick_fixes("entity: A\nfields:\n  a: hex$0\n") == ["Change to text"]


def test_a_reference_that_is_not_closed_names_the_nearest_entity() -> None:
    before = """
        -- entities/crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          company: ref(Comp$0
        -- entities/crm/company.yaml --
        entity: Company
        schema: crm
        """
    assert quick_fixes(before) == ["Change to ref(Comp)", "Change to ref(Company)"]
    fix(
        before,
        "Change to ref(Company)",
        """
        -- entities/crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          company: ref(Company)
        """,
    )
