-- The whole registry in one statement: a row for each subdomain, its entities as three arrays (a third of the time of
-- a row for each entity). A domain without subdomains has one row with nulls. The reader sorts.
-- FULL JOIN, so that a row whose parent is missing is seen: a registry without foreign keys can hold one.
SELECT
    d.pk_domain, d.domain_number, d.domain_name, d.description, d.multi_tenant, d.aliases,
    s.pk_subdomain, s.subdomain_number, s.subdomain_name, s.description, s.next_entity_sequence,
    e.names, e.table_codes, e.sequences
FROM specql_registry.tb_domain d
FULL JOIN specql_registry.tb_subdomain s ON s.fk_domain = d.pk_domain
FULL JOIN (
    SELECT
        fk_subdomain,
        pg_catalog.array_agg(entity_name::text) AS names,
        pg_catalog.array_agg(table_code::text) AS table_codes,
        pg_catalog.array_agg(entity_sequence) AS sequences
    FROM specql_registry.tb_entity_registration
    GROUP BY fk_subdomain
) e ON e.fk_subdomain = s.pk_subdomain
