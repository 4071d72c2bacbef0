"""Why a YAML is not migrated: what tables cannot take, what PostgreSQL has already, what does not arrive as written."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.migration.migrate import Migration, MigrationRefused, migrate, migrate_file
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.registry.migration_support import GOOD, check
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source


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
    assert compare_all(source.load(), YamlSource(path).load()) == ()
    source.close()


def test_conflicts_stand_at_the_values_that_differ(database_url: str, tmp_path: Path) -> None:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    source.close()
    check(
        """\
domains:
  '2':
  ^ Domain 2 (crm): the list of aliases is "management" in PostgreSQL and empty in the YAML.
    name: crm
    description: Other
                 ^ Domain 2 (crm): the description is "Customer relations" in PostgreSQL and "Other" in the YAML.
    multi_tenant: yes
    subdomains:
      '03':
        name: people
              ^ Subdomain 03 of domain 2 (crm): the name is "customer" in PostgreSQL and "people" in the YAML.
        description:
        ^ Subdomain 03 (customer) of domain 2 (crm): the description is "Customers" in PostgreSQL and missing in the …
        next_entity_sequence: 9
                              ^ Subdomain 03 (customer) of domain 2 (crm): next_entity_sequence is 5 in PostgreSQL and …
        entities:
          contact: '01203F'
                   ^ Entity Contact (domain 2 (crm), subdomain 03 (customer)): the table code is "012031" in …
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
                'the table code is "999999" in PostgreSQL and "012031" in the YAML.'
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
