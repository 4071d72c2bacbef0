"""Why a YAML is not migrated: every reason at its line, the same ones in a dry run, and nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.migration.migrate import Migration, MigrationFinding, MigrationRefused, migrate, migrate_file
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.yaml.source import RegistryFileMissingError, YamlSource
from tests.support.corpus import REGISTRIES, name_of
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source

GOOD = """\
version: 1.0.0
domains:
  '2':
    name: crm
    description: Customers
    multi_tenant: true
    aliases: [management]
    subdomains:
      '03':
        name: customer
        next_entity_sequence: 3
        entities:
          Contact: {table_code: '012031', entity_code: CNT}
          Company: '012032'
reserved_codes: []
"""

_EXPECTATION = re.compile(r"[ ]*(?P<caret>\^) (?P<message>.+)\Z")


def problems(text: str, url: str, folder: Path, *, name: str = "it.yaml") -> tuple[MigrationFinding, ...]:
    """Why a text is refused: in a dry run and in earnest alike, with nothing written."""
    path = folder / "registry.yaml"
    path.write_bytes(text.encode())
    source = postgresql_source(url)
    before = source.load()
    refusals = []
    for dry_run in (True, False):
        with pytest.raises(MigrationRefused) as caught:
            migrate_file(path, source, dry_run=dry_run, name=name)
        refusals.append(caught.value)
    assert refusals[0].findings == refusals[1].findings
    assert [r.kind for r in refusals] == [refusals[0].kind] * 2
    count = len(refusals[0].findings)
    reasons = "one reason" if count == 1 else f"{count} reasons"
    assert refusals[1].message == f"{name} cannot be migrated for {reasons}; nothing was changed."
    assert source.load() is before
    source.close()
    return refusals[0].findings


def check(marked: str, url: str, folder: Path) -> None:
    """Migrates a text in which ``^ message`` below a line expects a problem at that column; no other may be found.

    The message is the whole one, or its beginning where it ends with an ellipsis.
    """
    kept: list[str] = []
    expected: list[tuple[int, int, str]] = []
    for line in marked.split("\n"):
        found = _EXPECTATION.match(line)
        if found is None:
            kept.append(line)
        else:
            expected.append((len(kept), found.start("caret") + 1, found["message"]))
    actual = [(p.line, p.column, p.message) for p in problems("\n".join(kept), url, folder)]
    assert [a[:2] for a in actual] == [e[:2] for e in expected], actual
    for (_, _, message), (_, _, wanted) in zip(actual, expected, strict=True):
        assert message.startswith(wanted[:-1]) if wanted.endswith("…") else message == wanted


@pytest.mark.parametrize("installed", [False, True], ids=["without the index", "with the index"])
@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries_migrate_with_nothing_lost(database_url: str, path: Path, *, installed: bool) -> None:
    if installed:
        assert install(RegistrySettings(database_url=database_url)).obstacles == ()
    source = postgresql_source(database_url)
    yaml = YamlSource(path).load()
    expected = Migration(len(yaml.domains), yaml.subdomain_count, yaml.entity_count)
    assert migrate_file(path, source, dry_run=True) == expected
    assert source.load().domains == ()
    assert migrate_file(path, source) == expected
    written = source.load()
    assert compare(written, yaml) == ()
    assert migrate_file(path, source) == Migration()
    assert source.load() is written
    source.close()


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries_that_contradict_one_another_are_refused_at_every_line(
    database_url: str, tmp_path: Path, path: Path
) -> None:
    source = postgresql_source(database_url)
    for first in REGISTRIES:
        with psycopg.connect(database_url) as connection:
            connection.execute("TRUNCATE specql_registry.tb_domain CASCADE")
        migrate_file(first, source)
        differing = [d for d in compare(source.load(), YamlSource(path).load()) if d.attribute is not None]
        if not differing:
            continue
        found = problems(path.read_text(encoding="utf-8"), database_url, tmp_path)
        assert sorted(p.message for p in found) == sorted(d.message for d in differing)
        lines = path.read_text(encoding="utf-8").split("\n")
        for problem in found:
            assert problem.line is not None and problem.column is not None
            assert lines[problem.line - 1][problem.column - 1 :].strip()
    source.close()


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
                 ^ White space at the end of a line of this text is not read: delete it.
      Customers\x20\x20
    subdomains:
      '02':
        name: |+
              ^ The sign behind | or > is not read here: write this text between quotes.
          two
        description: >2
                     ^ The sign behind | or > is not read here: write this text between quotes.
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


def test_what_the_tables_cannot_take(database_url: str, tmp_path: Path) -> None:
    name, code = "n" * 101, "0" * 21
    marked = f"""\
domains:
  '12345678901':
  ^ The number of domain 12345678901 has 11 characters; PostgreSQL's table takes 10.
    name: {name}
          ^ The name of domain 12345678901 has 101 characters; PostgreSQL's table takes 100.
    description: "a\\0b"
                 ^ The description of domain 12345678901 holds the character U+0000, which PostgreSQL cannot store.
    aliases: [fine, "\\uD800"]
    ^ One of the aliases of domain 12345678901 holds the character U+D800, which PostgreSQL cannot store.
    subdomains:
      '12345678901':
      ^ The number of subdomain 12345678901 in domain 12345678901 has 11 characters; PostgreSQL's table takes 10.
        name: ''
              ^ The name of subdomain 12345678901 in domain 12345678901 is missing.
        next_entity_sequence: 2147483648
                              ^ The next_entity_sequence of subdomain 12345678901 in domain 12345678901 is 2147483648…
        entities:
          {name}: '012031'
          ^ The name of entity {name} in subdomain 12345678901 in domain 12345678901 has 101 characters; …
          Contact: '{code}'
                   ^ The table code of entity Contact in subdomain 12345678901 in domain 12345678901 has 21 …
          Company: {{table_code: '012032', sequence: -2147483649}}
                                                    ^ The sequence of entity Company in subdomain 12345678901 in …
  '9':
  ^ The name of domain 9 is missing.
    description: Nine
"""
    marked = marked.replace("    ^ One of the aliases", "             ^ One of the aliases")
    check(marked, database_url, tmp_path)


def test_values_at_the_limits_of_the_tables_are_taken(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(
        f"""\
domains:
  'ABCDEF0123':
    name: {"n" * 100}
    subdomains:
      '0123456789':
        name: {"é" * 100}
        next_entity_sequence: 2147483647
        entities:
          {"E" * 100}: {{table_code: '{"0" * 20}', sequence: -2147483648}}
""",
        encoding="utf-8",
    )
    source = postgresql_source(database_url)
    assert migrate_file(path, source) == Migration(1, 1, 1)
    assert compare(source.load(), YamlSource(path).load()) == ()
    source.close()


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
        ("domains: {}\n<<<<<<< HEAD\nx: 1\n", 2, "A merge conflict is not resolved here: keep one side and delete …"),
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


def test_conflicts_stand_at_the_values_that_differ(database_url: str, tmp_path: Path) -> None:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    check(
        """\
domains:
  '2':
  ^ Domain 2 (crm): the list of aliases is management in PostgreSQL and empty in the YAML.
    name: crm
    description: Other
                 ^ Domain 2 (crm): the description is Customer relations in PostgreSQL and Other in the YAML.
    multi_tenant: yes
    subdomains:
      '03':
        name: people
              ^ Subdomain 03 of domain 2 (crm): the name is customer in PostgreSQL and people in the YAML.
        description:
        ^ Subdomain 03 (customer) of domain 2 (crm): the description is Customers in PostgreSQL and missing in the YAML.
        next_entity_sequence: 9
                              ^ Subdomain 03 (customer) of domain 2 (crm): next_entity_sequence is 5 in PostgreSQL and …
        entities:
          contact: '01203F'
                   ^ Entity Contact (domain 2 (crm), subdomain 03 (customer)): the table code is 012031 in PostgreSQL …
          Company: {table_code: '012032', sequence: 3}
                                                    ^ Entity Company (domain 2 (crm), subdomain 03 (customer)): the …
          Fresh: '012033'
  'A': {name: ''}
              ^ The name of domain A is missing.
""",
        database_url,
        tmp_path,
    )


def test_codes_must_be_unique_where_the_database_says_so(database_url: str, tmp_path: Path) -> None:
    text = """\
domains:
  '2':
    name: crm
    subdomains:
      '03':
        name: customer
        entities:
          Contact: {table_code: '01203a'}
          Company: '012032'
          Person: '01203A'
                  ^ The code 01203A of Person is also that of Contact in domain 2 (crm), subdomain 03 (customer); …
      '04':
        name: sales
        entities:
          Quote: '013021'
                 ^ The code 013021 of Quote is in PostgreSQL already, registered to Manufacturer in domain 3 …
          company: {table_code: '012032'}
                                ^ The code 012032 of company is also that of Company in domain 2 (crm), subdomain 03 …
"""
    plain = tmp_path / "plain.yaml"
    plain.write_text("\n".join(line for line in text.split("\n") if "^ " not in line))
    source = postgresql_source(database_url)
    catalog = small_registry().domains[1]
    source.register_domain(catalog.number, catalog.name)
    source.register_subdomain("3", "02", "manufacturer")
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO specql_registry.tb_entity_registration"
            " (fk_subdomain, entity_name, table_code, entity_sequence)"
            " SELECT pk_subdomain, 'Manufacturer', '013021', 1 FROM specql_registry.tb_subdomain"
        )
    assert migrate_file(plain, source, dry_run=True) == Migration(1, 2, 5)
    # By any name: what counts is what the index says.
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE UNIQUE INDEX ON specql_registry.tb_entity_registration (upper(table_code))")
    check(text, database_url, tmp_path)
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP INDEX specql_registry.tb_entity_registration_upper_idx")
        # Other indexes say nothing of it.
        connection.execute("CREATE INDEX ON specql_registry.tb_entity_registration (upper(table_code))")
        connection.execute(
            "CREATE UNIQUE INDEX ON specql_registry.tb_entity_registration (upper(table_code))"
            " WHERE entity_sequence > 99"
        )
        connection.execute(
            "CREATE UNIQUE INDEX ON specql_registry.tb_entity_registration (fk_subdomain, upper(entity_name))"
        )
    assert migrate_file(plain, source) == Migration(1, 2, 5)
    source.close()


def test_an_entity_that_is_there_already_does_not_stand_in_its_own_way(database_url: str, tmp_path: Path) -> None:
    install(RegistrySettings(database_url=database_url))
    path = tmp_path / "registry.yaml"
    path.write_text(GOOD)
    source = postgresql_source(database_url)
    assert migrate_file(path, source) == Migration(1, 1, 2)
    assert migrate_file(path, source) == Migration()
    path.write_text(GOOD.replace("Company: '012032'", "company: '012032'\n          Tag: '012033'"))
    assert migrate_file(path, source) == Migration(0, 0, 1)
    source.close()


@pytest.mark.parametrize(
    ("meddling", "message"),
    [
        (
            "new.table_code := '999999'",
            (
                "Entity Contact (domain 2 (crm), subdomain 03 (customer)): "
                "the table code is 999999 in PostgreSQL and 012031 in the YAML."
            ),
        ),
        (
            "new.entity_sequence := 7",
            (
                "Entity Contact (domain 2 (crm), subdomain 03 (customer)): "
                "the sequence is 7 in PostgreSQL and 1 in the YAML."
            ),
        ),
        (
            "RETURN NULL",
            (
                "Entity Contact (domain 2 (crm), subdomain 03 (customer)) with table code 012031 "
                "is in the YAML but not in PostgreSQL."
            ),
        ),
        (
            "UPDATE specql_registry.tb_domain SET domain_name = 'changed' WHERE domain_number = '9'",
            "Domain 9 was changed meanwhile, as a trigger in the database can do.",
        ),
        (
            "DELETE FROM specql_registry.tb_domain WHERE domain_number = '9'",
            "Domain 9 was changed meanwhile, as a trigger in the database can do.",
        ),
    ],
)
def test_what_does_not_arrive_as_written_is_rolled_back_and_shown(
    database_url: str, tmp_path: Path, meddling: str, message: str
) -> None:
    source = postgresql_source(database_url)
    source.register_domain("9", "extra")
    before = source.load()
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF new.entity_name = 'Contact' THEN {meddling}; END IF; RETURN new; END $$"
        )
        connection.execute(
            "CREATE TRIGGER meddle BEFORE INSERT ON specql_registry.tb_entity_registration"
            " FOR EACH ROW EXECUTE FUNCTION meddle()"
        )
    path = tmp_path / "registry.yaml"
    path.write_text(GOOD)
    with pytest.raises(MigrationRefused) as caught:
        migrate_file(path, source)
    assert caught.value.kind is RefusalKind.CONFLICT
    assert caught.value.message == "PostgreSQL did not hold what was written to it in one place; nothing was changed."
    line = None if "Domain 9" in message else 13
    assert [(p.message, p.line) for p in caught.value.findings] == [(message, line)]
    assert source.load() is before
    source.close()


def test_a_code_in_another_case_is_the_same_code(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " new.table_code := lower(new.table_code); RETURN new; END $$"
        )
        connection.execute(
            "CREATE TRIGGER lowered BEFORE INSERT ON specql_registry.tb_entity_registration"
            " FOR EACH ROW EXECUTE FUNCTION lowered()"
        )
    path = tmp_path / "registry.yaml"
    path.write_text(GOOD.replace("012031", "01203A"))
    source = postgresql_source(database_url)
    assert migrate_file(path, source) == Migration(1, 1, 2)
    assert source.load().by_entity("Contact")[0].entity.table_code == "01203a"
    source.close()


@pytest.mark.parametrize(
    "right", ["INSERT ON specql_registry.tb_domain", "USAGE ON SEQUENCE specql_registry.tb_subdomain_pk_subdomain_seq"]
)
def test_a_missing_right_is_found_in_a_dry_run(database_url: str, tmp_path: Path, right: str) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(GOOD)
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP ROLE IF EXISTS migrator")
        connection.execute("CREATE ROLE migrator LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA specql_registry TO migrator")
        connection.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA specql_registry TO migrator")
        connection.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA specql_registry TO migrator")
        connection.execute(f"REVOKE {right} FROM migrator")
    source = postgresql_source(database_url.replace("postgres@", "migrator@"))
    name = right.split()[-1]
    for dry_run in (True, False):
        with pytest.raises(Refused) as caught:
            migrate_file(path, source, dry_run=dry_run)
        assert caught.value.kind is RefusalKind.REGISTRY_READ_ONLY
        assert name in caught.value.message
    # What is wrong with the file is told all the same.
    path.write_text(GOOD.replace("'012032'", "012032"))
    with pytest.raises(MigrationRefused) as refused:
        migrate_file(path, source, dry_run=True)
    assert [p.line for p in refused.value.findings] == [14]
    path.write_text(GOOD)
    with psycopg.connect(database_url) as connection:
        connection.execute(f"GRANT {right} TO migrator")
    assert migrate_file(path, source, dry_run=True) == Migration(1, 1, 2)
    assert migrate_file(path, source) == Migration(1, 1, 2)
    source.close()
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP OWNED BY migrator")
        connection.execute("DROP ROLE migrator")


def test_files_that_cannot_be_read_at_all(database_url: str, tmp_path: Path) -> None:
    source = postgresql_source(database_url)
    with pytest.raises(RegistryFileMissingError, match=r"The registry file the\.yaml does not exist"):
        migrate_file(tmp_path / "none.yaml", source, name="the.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"domains:\n  '1': {name: caf\xe9}\n")
    with pytest.raises(SourceUnavailableError, match=r"is not UTF-8 \(line 2\)"):
        migrate_file(path, source)
    source.close()


def test_windows_line_endings_and_a_byte_order_mark(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").replace("'012032'", "012032").encode())
    source = postgresql_source(database_url)
    with pytest.raises(MigrationRefused) as caught:
        migrate_file(path, source)
    assert [(p.line, p.column) for p in caught.value.findings] == [(14, 20)]
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert migrate_file(path, source) == Migration(1, 1, 2)
    source.close()
