"""From YAML to PostgreSQL: all of it or nothing, and no drift straight afterwards."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry.consistency.comparison import compare, compare_all
from specql_lsp.registry.migration.migrate import Migration, MigrationRefused, migrate
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.yaml.source import YamlSource
from specql_lsp.registry.state import DiscrepancyType
from tests.support.corpus import REGISTRIES, name_of
from tests.support.registries import large_registry, small_registry, without_sequences, yaml_text
from tests.support.sources import fill, postgresql_source


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries_migrate_without_drift(database_url: str, path: Path) -> None:
    yaml = YamlSource(path).load()
    source = postgresql_source(database_url)
    done = migrate(yaml, source)
    assert done == Migration(len(yaml.domains), yaml.subdomain_count, yaml.entity_count)
    assert compare_all(source.load(), yaml) == ()
    assert migrate(yaml, source) == Migration()
    source.close()


def test_a_yaml_file_migrates_without_drift(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(yaml_text(small_registry()), encoding="utf-8")
    source = postgresql_source(database_url)
    migrate(YamlSource(path).load(), source)
    assert source.load().domains == small_registry().domains
    source.close()


def test_sequences_come_from_the_codes_else_are_the_next_free(database_url: str) -> None:
    entities = tuple(Entity(name, code) for name, code in (("A", "01203A"), ("B", "0120345"), ("C", "99X"), ("D", "9")))
    yaml = Snapshot((Domain("2", "crm", subdomains=(Subdomain("03", "customer", None, None, entities),)),))
    source = postgresql_source(database_url)
    migrate(yaml, source)
    loaded = source.load().domains[0].subdomains[0]
    assert {e.name: e.sequence for e in loaded.entities} == {"A": 10, "B": 0x45, "C": 0x46, "D": 0x47}
    assert loaded.next_entity_sequence == 1
    source.close()


def test_what_is_there_is_kept_and_the_rest_is_added(database_url: str) -> None:
    source = postgresql_source(database_url)
    source.register_domain("9", "extra")
    first = Snapshot(small_registry().domains[:1])
    assert migrate(first, source) == Migration(1, 2, 3)
    assert migrate(without_sequences(small_registry()), source, dry_run=True) == Migration(2, 2, 1)
    assert migrate(without_sequences(small_registry()), source) == Migration(2, 2, 1)
    assert source.load().domain("extra") is not None
    source.close()


def test_every_conflict_is_named_and_nothing_changes(database_url: str) -> None:
    source = postgresql_source(database_url)
    migrate(small_registry(), source)
    crm, catalog, _ = small_registry().domains
    core, customer = crm.subdomains
    other = Snapshot(
        (
            crm._replace(
                description="Other", subdomains=(core, customer._replace(entities=(Entity("Contact", "01203F"),)))
            ),
            catalog._replace(multi_tenant=True),
            Domain("7", "new"),
        )
    )
    before = source.load()
    for dry_run in (True, False):
        with pytest.raises(MigrationRefused) as caught:
            migrate(other, source, dry_run=dry_run)
        assert caught.value.kind is RefusalKind.CONFLICT
        assert caught.value.message == "The YAML's registry cannot be migrated for 3 reasons; nothing was changed."
        assert [(p.message, p.line, p.column) for p in caught.value.findings] == [
            (
                'Domain 2 (crm): the description is "Customer relations" in PostgreSQL and "Other" in the YAML.',
                None,
                None,
            ),
            (
                (
                    "Entity Contact (domain 2 (crm), subdomain 03 (customer)): "
                    'the table code is "012031" in PostgreSQL and "01203F" in the YAML.'
                ),
                None,
                None,
            ),
            ("Domain 3 (catalog): multi_tenant is false in PostgreSQL and true in the YAML.", None, None),
        ]
        assert source.load() is before
    source.close()


def test_a_failure_in_the_middle_leaves_nothing(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "ALTER TABLE specql_registry.tb_entity_registration ADD CHECK (entity_name <> 'Manufacturer')"
        )
    source = postgresql_source(database_url)
    with pytest.raises(Refused, match="PostgreSQL refused the change: the constraint"):
        migrate(small_registry(), source)
    assert source.load().domains == ()
    source.close()


def test_creating_the_schema_again_changes_nothing(empty_database_url: str) -> None:
    create_schema(empty_database_url)
    source = postgresql_source(empty_database_url)
    migrate(small_registry(), source)
    with psycopg.connect(empty_database_url) as connection:
        create_schema(connection)
    assert source.load().domains == small_registry().domains
    source.close()


def test_a_large_registry_migrates(database_url: str) -> None:
    source = postgresql_source(database_url)
    yaml = without_sequences(large_registry(9, 80, 15))
    assert migrate(yaml, source).entities == 10_800
    assert source.load().entity_count == 10_800
    source.close()


def with_entities(counter: int, *added: Entity) -> Snapshot:
    """The small registry with more customers, and with that counter."""
    crm, *others = small_registry().domains
    core, customer = crm.subdomains
    customer = customer._replace(next_entity_sequence=counter, entities=(*customer.entities, *added))
    return Snapshot((crm._replace(subdomains=(core, customer)), *others))


FRESH, OTHER = Entity("Fresh", "012036", 6), Entity("Other", "012035", 5)


@pytest.mark.parametrize(
    ("there", "yaml", "entities", "counter"),
    [
        (with_entities(5), with_entities(7, FRESH), 1, 7),
        (with_entities(6, OTHER), with_entities(5), 0, 6),
        (with_entities(6, OTHER), with_entities(7, FRESH), 1, 7),
        (with_entities(7, FRESH), with_entities(6, OTHER), 1, 7),
        (with_entities(426), with_entities(426, FRESH), 1, 426),
    ],
)
def test_a_counter_that_differs_only_because_entities_do_is_no_reason_against_it(
    database_url: str, there: Snapshot, yaml: Snapshot, entities: int, counter: int
) -> None:
    source = postgresql_source(database_url)
    fill(source, there)
    assert migrate(yaml, source, dry_run=True) == Migration(entities=entities)
    assert source.load() == there
    assert migrate(yaml, source) == Migration(entities=entities)
    customer = source.load().domains[0].subdomain("customer")
    assert customer is not None and customer.next_entity_sequence == counter
    only_in_postgresql = {DiscrepancyType.MISSING_ENTITY_IN_YAML}
    assert {each.type for each in compare(source.load(), yaml)} <= only_in_postgresql
    assert migrate(yaml, source) == Migration()
    source.close()


def test_a_counter_that_differs_by_itself_is_a_conflict_still(database_url: str) -> None:
    source = postgresql_source(database_url)
    fill(source, with_entities(5))
    for yaml in (with_entities(9), with_entities(9, FRESH), with_entities(4)):
        with pytest.raises(MigrationRefused) as caught:
            migrate(yaml, source)
        assert caught.value.kind is RefusalKind.CONFLICT
        assert ["next_entity_sequence is 5 in PostgreSQL" in each.message for each in caught.value.findings] == [True]
    assert source.load() == with_entities(5)
    source.close()
