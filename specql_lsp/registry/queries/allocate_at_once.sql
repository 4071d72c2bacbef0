-- The whole of an allocation in one exchange: what allocate_look.sql and allocate_write.sql do in two, where the client
-- says which codes it would decide for, and the lowest one that is free is registered. Anything else than the usual case
-- ends with an error that says "look first": nothing was changed, and the two exchanges follow.
-- The locks are those of allocate_look.sql, in the same order.
SELECT
    d.pk_domain, d.domain_number, d.domain_name, d.description, d.multi_tenant, d.aliases,
    s.pk_subdomain, s.subdomain_number, s.subdomain_name, s.description, s.next_entity_sequence
FROM (
    SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%(key)s, 0))
    OFFSET 0  -- it is waited for while the rows are looked for; they are locked when all are found
) AS first
CROSS JOIN specql_registry.tb_subdomain s
JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
WHERE s.pk_subdomain = ANY (%(locked)s::integer[])
ORDER BY s.pk_subdomain
FOR UPDATE OF s;

-- Nothing where the entity is registered, in whatever domain, or where the place has another number or name by now. What was
-- chosen is kept in settings of this transaction, because a trigger may store something else.
WITH chosen AS MATERIALIZED (
    SELECT p.code, p.sequence
    FROM (
        SELECT %(prefix)s || pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(n)), %(width)s, '0') AS code, n AS sequence
        FROM pg_catalog.generate_series(1, %(last)s) AS n
        OFFSET 0  -- each code is made once, in their order, and only up to the first one that is free
    ) p
    WHERE p.code <> ALL (%(kept_back)s::text[])
        AND p.code NOT IN (
            SELECT pg_catalog.upper(table_code)
            FROM specql_registry.tb_entity_registration
            WHERE pg_catalog.upper(table_code) BETWEEN %(prefix)s AND %(prefix)s || 'G'  -- no digit comes after F
        )
    LIMIT 1
), registered AS (
    INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
    SELECT
        s.pk_subdomain, %(entity)s,
        pg_catalog.set_config('specql_lsp.code', c.code, true),
        pg_catalog.set_config('specql_lsp.sequence', c.sequence::text, true)::integer
    FROM chosen c
    JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = %(subdomain)s
    JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
    WHERE s.subdomain_number = %(subdomain_number)s AND s.subdomain_name = %(subdomain_name)s
        AND d.domain_number = %(domain_number)s AND d.domain_name = %(domain_name)s
        AND NOT EXISTS (
            SELECT FROM specql_registry.tb_entity_registration r
            WHERE pg_catalog.lower(r.entity_name COLLATE pg_catalog."C") = %(folded)s
        )
    RETURNING 1
)
UPDATE specql_registry.tb_subdomain s
SET next_entity_sequence = greatest(s.next_entity_sequence, c.sequence + 1)
FROM chosen c, registered
WHERE s.pk_subdomain = %(subdomain)s;

SET CONSTRAINTS ALL IMMEDIATE;
-- A trigger may have changed the search path.
SET LOCAL search_path = pg_catalog, pg_temp;

-- What was registered; where that is not what was chosen, a text that is no integer.
SELECT
    w.code, w.sequence,
    CASE
        WHEN r.number IS DISTINCT FROM 1 OR pg_catalog.upper(r.code) IS DISTINCT FROM w.code
            OR r.sequence IS DISTINCT FROM w.sequence OR s.next_entity_sequence IS NULL
            OR s.next_entity_sequence <= w.sequence
        THEN pg_catalog.concat('specql-lsp: look first ', r.number)::integer
    END
FROM (
    SELECT
        pg_catalog.current_setting('specql_lsp.code', true) AS code,
        nullif(pg_catalog.current_setting('specql_lsp.sequence', true), '')::integer AS sequence
) AS w
CROSS JOIN (
    SELECT
        pg_catalog.count(*) AS number, pg_catalog.min(table_code) AS code, pg_catalog.min(entity_sequence) AS sequence
    FROM specql_registry.tb_entity_registration
    WHERE fk_subdomain = %(subdomain)s AND entity_name = %(entity)s
) AS r
LEFT JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = %(subdomain)s;

COMMIT
