-- Locks, then looks. The entity's lock comes first, so that one asked for in two subdomains at once gets one code.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%(key)s, 0));

-- The subdomain, and those whose codes could be the same because their digits begin alike, always in one order, with
-- the first columns of load.sql. FOR UPDATE also keeps out the inserts of programs that know nothing of our locks.
SELECT
    d.pk_domain, d.domain_number, d.domain_name, d.description, d.multi_tenant, d.aliases,
    s.pk_subdomain, s.subdomain_number, s.subdomain_name, s.description, s.next_entity_sequence
FROM specql_registry.tb_subdomain s
JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
WHERE s.pk_subdomain = ANY (%(locked)s::integer[])
ORDER BY s.pk_subdomain
FOR UPDATE OF s;

-- A statement of its own, so that it sees what was committed while the locks were waited for.
-- Of all entities those that matter: this one, and the holders of codes that could be given out. `registry install`
-- makes an index for each of the two; without them the whole table is read.
SELECT fk_subdomain, entity_name, table_code, entity_sequence
FROM specql_registry.tb_entity_registration
WHERE pg_catalog.upper(table_code) BETWEEN %(first)s AND %(last)s
    OR pg_catalog.lower(entity_name COLLATE pg_catalog."C") = %(entity)s
