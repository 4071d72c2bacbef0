-- The rows that prevent the unique index on table codes: those that share a code, in a fixed order.
SELECT
    pg_catalog.upper(e.table_code), d.domain_number, d.domain_name, s.subdomain_number, s.subdomain_name, e.entity_name
FROM specql_registry.tb_entity_registration e
JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = e.fk_subdomain
JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
WHERE pg_catalog.to_regclass('specql_registry.uq_entity_registration_table_code') IS NULL
    AND pg_catalog.upper(e.table_code) IN (
        SELECT pg_catalog.upper(table_code) FROM specql_registry.tb_entity_registration
        GROUP BY pg_catalog.upper(table_code) HAVING pg_catalog.count(*) > 1
    )
ORDER BY 1, 2, 4, 6
