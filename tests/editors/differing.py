"""A database that holds more than the registry YAML."""

from __future__ import annotations

import psycopg


def differ(url: str) -> None:
    """Gives PostgreSQL seven entities and nine subdomains that the YAML lacks."""
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO specql_registry.tb_entity_registration
                (fk_subdomain, entity_name, table_code, entity_sequence)
            SELECT pk_subdomain, 'Thing' || number, '01101' || to_hex(number), number
            FROM specql_registry.tb_subdomain, generate_series(3, 9) AS number WHERE subdomain_name = 'accounts'
            """
        )
        connection.execute(
            """
            INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)
            SELECT pk_domain, '2' || number, 'area_' || number
            FROM specql_registry.tb_domain, generate_series(1, 9) AS number WHERE domain_name = 'crm'
            """
        )
