"""Why a YAML is not migrated: what YAML, SpecQL's reader and ours would read otherwise, and shapes that none would."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from specql_lsp.registry.migration.migrate import migrate_file
from tests.registry.migration_support import GOOD, check, problems
from tests.support.sources import postgresql_source


def test_codes_that_yaml_reads_as_numbers(database_url: str, tmp_path: Path) -> None:
    marked = """\
domains:
  '2':
    name: crm
    subdomains:
      '03':
        name: customer
        entities:
          Contact: {table_code: 012031, entity_code: CNT}
                                ^ YAML 1.1 reads the table code 012031 as the octal integer 5145; quote it.
          Company:
            table_code: 123456
                        ^ YAML 1.1 reads the table code 123456 as the integer 123456; quote it.
          Quote: 112:0
                 ^ YAML 1.1 reads the table code 112:0 as the sexagesimal integer 6720; quote it.
          Tag: !!int '012034'
                     ^ The tag !!int is not read here: take it away.
          Fine: 01203A
          Also: 012038
          Bad: [012031]
               ^ The entity Bad holds neither a table code nor a mapping; this value is not read.
          Worse: {table_code: ['012031']}
                              ^ The table code must be a text; this value is not read.
          First: &code '012039'
          Other: *code
          Third: {table_code: *code}
          None: {entity_code: NON}
          ^ The table code of entity None in subdomain 03 in domain 2 is missing.
          Empty: ''
                 ^ The table code of entity Empty in subdomain 03 in domain 2 is missing.
          Null: ~
                ^ The table code of entity Null in subdomain 03 in domain 2 is missing.
          Missing:
          ^ The table code of entity Missing in subdomain 03 in domain 2 is missing.
          Sequence: {table_code: '01203F', sequence: first}
                                                     ^ The key sequence must be an integer; this value is not …
"""
    # "None" and "Null" are no nulls to YAML 1.1 but "Null" is; so it is quoted.
    check(
        marked.replace("          Null: ~\n                ^", "          'Null': ~\n                  ^"),
        database_url,
        tmp_path,
    )


def test_names_and_numbers_that_yaml_reads_as_something_else(database_url: str, tmp_path: Path) -> None:
    check(
        """\
domains:
  2:
    name: no
          ^ YAML 1.1 reads no as the boolean false; quote it.
    description: 2025-11-21
                 ^ YAML 1.1 reads 2025-11-21 as a date; quote it.
    aliases: [on, 'off', 12]
              ^ YAML 1.1 reads on as the boolean true; quote it.
    subdomains:
      01:
      ^ YAML 1.1 reads 01 as the octal integer 1; quote it.
        name: customer
      08:
        name: eight
      ~: {name: none}
      ^ This subdomain has no number.
      10:
        name: ten
        entities:
          Yes: '012031'
          ^ YAML 1.1 reads Yes as the boolean true; quote it.
          Null: '012032'
          ^ This entity has no name.
""",
        database_url,
        tmp_path,
    )


def test_shapes_that_would_not_be_read(database_url: str, tmp_path: Path) -> None:
    check(
        """\
base: &base {name: base}
domains:
  [1, 2]: {name: list}
  ^ SpecQL's reader refuses a key that is a list or a mapping.
  '1': nothing
       ^ The domain 1 holds no mapping; this value is not read.
  '2':
    name: [crm]
          ^ The key name must hold a text; this value is not read.
    description: {en: Customers}
                 ^ The key description must hold a text; this value is not read.
    multi_tenant: maybe
                  ^ The key multi_tenant must be true or false.
    aliases: [one, [two], {three: 3}]
                   ^ Every item of aliases must be a text; this value is not read.
                          ^ Every item of aliases must be a text; this value is not read.
    subdomains:
      '03':
        name: customer
        next_entity_sequence: many
                              ^ The key next_entity_sequence must be an integer; this value is not read.
        entities:
          - Contact
          ^ The key entities must hold a mapping; this value is not read.
      '04':
        <<: *base
        name: sales
      '05':
      ^ The name of subdomain 05 in domain 2 is missing.
        entities: []
  '3':
    name: catalog
    aliases: one
             ^ The key aliases must hold a list of texts.
    subdomains: [core]
                ^ The key subdomains must hold a mapping; this value is not read.
  '4':
    name: billing
    multi_tenant: 'yes'
    aliases: ~
    description: null
    subdomains: {}
  '5': &five
    name: five
    read_entities: [whatever, may, stand, here]
  '6': *five
""",
        database_url,
        tmp_path,
    )


@pytest.mark.parametrize(
    "lost",
    [
        "  : {name: lost}\n",
        "  &a :\n    name: lost\n",
        "  ?\n  : {name: lost}\n",
        "  '3': {name: x, subdomains: {: {name: lost}, '01': {name: y}}}\n",
    ],
)
def test_what_has_no_key_is_missed(database_url: str, tmp_path: Path, lost: str) -> None:
    for text in (f"domains:\n{lost}  '2': {{name: crm}}\nx: 1\n", f"domains:\n  '2': {{name: crm}}\n{lost}"):
        assert any("a key is missing" in p.message for p in problems(text, database_url, tmp_path)), text


def test_what_specqls_reader_would_refuse_or_read_otherwise_anywhere(database_url: str, tmp_path: Path) -> None:
    check(
        """\
domains:
  '2':
    name: &name crm
    description: |
      Customers\x20\x20
        \x20
    subdomains:
      '02':
        name: |+
          two
        description: >2
            spaces first
      *name : {name: customer}
owner: {{a: 1}: b}
        ^ SpecQL's reader refuses a key that is a list or a mapping.
team: !!int none
      ^ SpecQL's reader cannot read this as !!int: take the tag away.
crew: !!str # not so!
      ^ SpecQL's reader cannot read a list as !!str: take the tag away.
  - x
fine: !!seq [x]
this: &team {a: 1}
that: &team {b: 2}
      ^ The anchor &team is defined above already: give one another name.
text: "&team"  # &team
sign: =
      ^ SpecQL's reader refuses = as a value: quote it.
both: {<<: *team, c: 3}
some: {<<: x}
       ^ SpecQL's reader merges mappings only: give << a mapping or an alias of one.
also:  # so!
  - x
lead: !person x
      ^ SpecQL's reader knows no tag !person: take it away, or quote the value if it is a text.
since: !!int 012
note: "a\u2028b"
        ^ U+2028 is a line break to SpecQL's reader: delete it, or write an escape.
""",
        database_url,
        tmp_path,
    )


@pytest.mark.parametrize(
    "written",
    [
        "|\n      Customers\x20\x20\n        \x20\n",
        "|+\n      two\n      lines\n\n\n",
        ">+2\n        spaces first\n      then none\n\n",
        "|2-\n        spaces first\n",
        ">\n      folded\n      lines\n      # and no comment\n    # a comment\n",
    ],
)
def test_a_block_scalar_is_migrated_as_specql_reads_it(database_url: str, tmp_path: Path, written: str) -> None:
    text = f"domains:\n  '2':\n    name: crm\n    description: {written}    subdomains: {{}}\n"
    path = tmp_path / "registry.yaml"
    path.write_text(text)
    source = postgresql_source(database_url)
    migrate_file(path, source)
    (domain,) = source.load().domains
    assert domain.description == yaml.safe_load(text)["domains"]["2"]["description"]


def test_keys_that_stand_twice(database_url: str, tmp_path: Path) -> None:
    check(
        """\
domains:
  '2': {name: old}
  '2':
  ^ The key 2 is already on line 2: SpecQL keeps only the last value. Delete one.
    name: crm
    description: One
    description: Two
    ^ The key description is already on line 5: SpecQL keeps only the last value. Delete one.
    subdomains:
      '0a': {name: lower}
      '0A': {name: upper}
      ^ The subdomain 0A differs from 0a only in case, which SpecQL does not regard.
      '03':
        name: customer
        entities:
          Contact: '012031'
          Company: '012032'
          Contact: '012033'
          ^ The key Contact is already on line 13: SpecQL keeps only the last value. Delete one.
          contact: '012034'
          ^ The entity contact differs from Contact only in case, which SpecQL does not regard.
unknown: 1
unknown: 2
""",
        database_url,
        tmp_path,
    )
    check(
        """\
domains: {}
domains: {'1': {name: core}}
^ The key domains is already on line 1: SpecQL keeps only the last value. Delete one.
""",
        database_url,
        tmp_path,
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "The key domains is missing: a registry holds its domains under it."),
        ("version: 1\nschema_layers: {}\n", 1, "The key domains is missing: a registry holds its domains under it."),
        ("version: 1\ndomains:\n", 2, "The key domains must hold a mapping from domain numbers to domains."),
        ("version: 1\ndomains: [a]\n", 2, "The key domains must hold a mapping from domain numbers to domains."),
        (
            "domains: {}\n---\ndomains: {}\n",
            2,
            "The file holds more than one YAML document; a registry is one: delete the others.",
        ),
        ("domains: {}\n...\nx: 1\n", 1, "The file holds more than one YAML document; a registry is one: delete …"),
        ("domains:\n  '1': {name: a\nversion: 1\n", 2, "This { is not closed: add a }."),
        ("domains:\n  '1':\n    name: a\n   x: 1\n", 4, ""),
        ("domains:\n  '1':\n\tname: a\n", 3, ""),
        ("domains:\n  '1': {name: *gone}\n", 2, "No anchor &gone is defined before this alias: define it, or quote …"),
        (
            "domains: {}\n<<<<<<< HEAD\nx: 1\n",
            2,
            "Unresolved merge conflict: keep the lines of one side, or of both, and delete …",
        ),
        ("domains: {}\nx: 'a\x07'\n", 2, "YAML allows no U+0007 character: delete it, or write it as an escape …"),
    ],
)
def test_what_is_no_registry(database_url: str, tmp_path: Path, text: str, line: int, message: str) -> None:
    found = problems(text, database_url, tmp_path)
    assert found[0].line == line
    assert found[0].message.startswith(message.removesuffix("…"))
    assert found[0].message.endswith(".")


def test_every_broken_section_is_named(database_url: str, tmp_path: Path) -> None:
    text = "domains:\n  '1': {name: a\nreserved_codes: [a\nversion: 1\n"
    assert {p.line for p in problems(text, database_url, tmp_path)} == {2, 3}


def test_white_space_between_the_lines_of_a_text_is_read(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(GOOD.replace("description: Customers", "description: |\n      Customers\x20\n       \n      More"))
    source = postgresql_source(database_url)
    migrate_file(path, source)
    (domain,) = source.load().domains
    source.close()
    assert domain.description == "Customers \n \nMore\n"
