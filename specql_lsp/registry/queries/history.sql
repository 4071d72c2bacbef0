-- Events, newest first, without those of counters. Each filter that is NULL filters nothing.
-- An entity is followed by its row (pk) through its names, and through a removal and a registration in one transaction,
-- which is how it moves. A row alone is not enough: a registry that was made again gives out the same keys.
WITH RECURSIVE found (pk, name) AS (
    SELECT e.pk, pg_catalog.lower(e.entity_name COLLATE pg_catalog."C")
    FROM specql_registry_lsp.tb_event e
    WHERE e.entity_name IS NOT NULL AND e.table_code IS NOT NULL
        AND (pg_catalog.lower(e.entity_name COLLATE pg_catalog."C") = %(entity)s::text
            OR pg_catalog.upper(e.table_code) = %(code)s::text)
    UNION
    SELECT e.pk, pg_catalog.lower(e.entity_name COLLATE pg_catalog."C")
    FROM specql_registry_lsp.tb_event e
    WHERE e.entity_name IS NOT NULL AND e.before IS NOT NULL AND e.after IS NOT NULL
        AND (pg_catalog.lower((e.before ->> 'entity_name') COLLATE pg_catalog."C") = %(entity)s::text
            OR pg_catalog.upper(e.before ->> 'table_code') = %(code)s::text)
    UNION
    SELECT n.pk, n.name
    FROM found f
    CROSS JOIN LATERAL (
        SELECT e.pk, pg_catalog.lower(x.name COLLATE pg_catalog."C") AS name
        FROM specql_registry_lsp.tb_event e
        CROSS JOIN LATERAL (VALUES (e.before ->> 'entity_name'), (e.after ->> 'entity_name')) AS x (name)
        WHERE e.pk = f.pk AND e.entity_name IS NOT NULL AND e.before IS NOT NULL AND e.after IS NOT NULL
            AND f.name IN (
                pg_catalog.lower((e.before ->> 'entity_name') COLLATE pg_catalog."C"),
                pg_catalog.lower((e.after ->> 'entity_name') COLLATE pg_catalog."C"))
        UNION ALL
        SELECT o.pk, f.name
        FROM specql_registry_lsp.tb_event e
        JOIN specql_registry_lsp.tb_event o ON o.transaction = e.transaction
        WHERE pg_catalog.lower(e.entity_name COLLATE pg_catalog."C") = f.name AND e.entity_name IS NOT NULL
            AND e.pk = f.pk AND e.action IN ('entity-registered', 'entity-removed')
            AND pg_catalog.lower(o.entity_name COLLATE pg_catalog."C") = f.name
            AND o.action IN ('entity-registered', 'entity-removed') AND o.action <> e.action
    ) AS n
)
SELECT
    e.id, e.transaction::text, e.at, e.session_role, e.current_role_name, e.application, e.author, e.workspace, e.action,
    e.domain_number, e.subdomain_number, e.entity_name, e.table_code, e.before, e.after
FROM specql_registry_lsp.tb_event e
WHERE e.action <> 'subdomain-counter-changed'
    AND ((%(entity)s::text IS NULL AND %(code)s::text IS NULL)
        OR (e.pk, pg_catalog.lower(e.entity_name COLLATE pg_catalog."C")) IN (SELECT f.pk, f.name FROM found f)
        OR (e.pk, pg_catalog.lower((e.before ->> 'entity_name') COLLATE pg_catalog."C"))
            IN (SELECT f.pk, f.name FROM found f)
        -- The leases of a code, and those from which the entity got its codes.
        OR (e.table_name = 'tb_lease' AND (e.table_code = %(code)s::text OR EXISTS (
            SELECT FROM specql_registry_lsp.tb_event r
            WHERE r.transaction = e.transaction AND r.action = 'entity-registered'
                AND pg_catalog.upper(r.table_code) = e.table_code
                AND (r.pk, pg_catalog.lower(r.entity_name COLLATE pg_catalog."C")) IN (SELECT f.pk, f.name FROM found f)
        ))))
    AND (%(domain)s::text IS NULL
        OR pg_catalog.upper(e.domain_number) = %(domain)s::text
        OR pg_catalog.upper(e.before ->> 'domain_number') = %(domain)s::text)
ORDER BY e.id DESC
LIMIT %(limit)s
