"""Registries for tests: a small one, one of any size, and a snapshot as YAML text."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.snapshot import Snapshot


def small_registry() -> Snapshot:
    """Three domains: crm with entities, catalog with an empty subdomain, billing with nothing."""
    customer = Subdomain(
        "03",
        "customer",
        "Customers",
        5,
        (Entity("Contact", "012031", 1), Entity("Company", "012032", 2), Entity("Account", "012034", 4)),
    )
    crm = Domain("2", "crm", "Customer relations", True, ("management",), (Subdomain("01", "core", None, 1), customer))
    manufacturer = Subdomain("02", "manufacturer", None, 934, (Entity("Manufacturer", "013021", 1),))
    catalog = Domain("3", "catalog", None, False, (), (Subdomain("01", "core", "Basics", 1), manufacturer))
    return Snapshot((crm, catalog, Domain("5", "billing")))


def add_subdomains(url: str) -> None:
    """Adds eight subdomains to the domain ``2`` of a database: more than a list of code actions shows."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)"
            " SELECT pk_domain, '1' || n, 'part_' || n FROM specql_registry.tb_domain, generate_series(1, 8) n"
            " WHERE domain_number = '2'"
        )


def large_registry(domains: int = 9, subdomains: int = 20, entities: int = 10) -> Snapshot:
    """A registry of ``domains × subdomains × entities`` entities with descriptions of usual length."""
    return Snapshot(
        Domain(
            format(d, "X"),
            f"domain_{d}",
            f"The domain number {d}, with a description of usual length",
            d % 2 == 0,
            (f"alias_{d}",),
            tuple(
                Subdomain(
                    format(s, "02X"),
                    f"subdomain_{s}",
                    f"The subdomain number {s} of domain {d}, with a description",
                    entities + 1,
                    tuple(Entity(f"Entity{d}x{s}x{e}", f"01{d:X}{s:02X}{e:X}", e) for e in range(1, entities + 1)),
                )
                for s in range(1, subdomains + 1)
            ),
        )
        for d in range(1, domains + 1)
    )


def yaml_text(snapshot: Snapshot, *, sequences: bool = False) -> str:
    """A snapshot as the text of a registry YAML (JSON is YAML), rules included."""
    return json.dumps(
        {
            "version": "1.0.0",
            "schema_layers": dict(snapshot.rules.schema_layers),
            "domains": {domain.number: _domain(domain, sequences=sequences) for domain in snapshot.domains},
            "reserved_codes": sorted(snapshot.rules.reserved_codes),
            "subdomain_inference": {
                domain: {subdomain: {"patterns": list(patterns)} for subdomain, patterns in subdomains.items()}
                for domain, subdomains in snapshot.rules.subdomain_inference.items()
            },
        },
        indent=2,
        ensure_ascii=False,
    )


def with_rules(**rules: Any) -> Rules:
    """Rules with some of their parts given."""
    return Rules(**rules)


def without_sequences(snapshot: Snapshot) -> Snapshot:
    """The snapshot as YAML can hold it: no sequences."""
    return Snapshot(
        (
            domain._replace(
                subdomains=tuple(
                    s._replace(entities=tuple(e._replace(sequence=None) for e in s.entities)) for s in domain.subdomains
                )
            )
            for domain in snapshot.domains
        ),
        snapshot.rules,
    )


def _domain(domain: Domain, *, sequences: bool) -> dict[str, Any]:
    return {
        "name": domain.name,
        "description": domain.description,
        "multi_tenant": domain.multi_tenant,
        "aliases": list(domain.aliases),
        "subdomains": {
            s.number: {
                "name": s.name,
                "description": s.description,
                "next_entity_sequence": s.next_entity_sequence,
                "entities": {e.name: {"table_code": e.table_code} for e in s.entities},
            }
            for s in domain.subdomains
        },
    }
