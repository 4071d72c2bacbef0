-- Registers the entity, moves the counter (never back: others read it), reads both back, commits.
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
VALUES (%(subdomain)s, %(entity)s, %(code)s, %(sequence)s);

UPDATE specql_registry.tb_subdomain
SET next_entity_sequence = greatest(next_entity_sequence, %(sequence)s + 1)
WHERE pk_subdomain = %(subdomain)s;

-- What is deferred until the commit is done now, so that the next statement sees it.
SET CONSTRAINTS ALL IMMEDIATE;
-- A trigger may have changed the search path.
SET LOCAL search_path = pg_catalog, pg_temp;

-- A trigger or a rule may have stored nothing, or something else. Then this gives a row, whose text is no integer: the
-- error ends the exchange before the commit, and says what was found. It costs no exchange of its own.
SELECT
    pg_catalog.concat(
        'specql-lsp read back: ', pg_catalog.jsonb_build_object('codes', r.codes, 'counter', s.next_entity_sequence)
    )::integer
FROM (
    SELECT pg_catalog.array_agg(table_code::text) AS codes, pg_catalog.array_agg(entity_sequence::bigint) AS sequences
    FROM specql_registry.tb_entity_registration
    WHERE fk_subdomain = %(subdomain)s AND entity_name = %(entity)s
) AS r
LEFT JOIN specql_registry.tb_subdomain s ON s.pk_subdomain = %(subdomain)s
WHERE pg_catalog.upper(pg_catalog.array_to_string(r.codes, ',')) IS DISTINCT FROM %(code)s
    OR r.sequences IS DISTINCT FROM ARRAY[%(sequence)s]::bigint[]
    OR s.next_entity_sequence IS NULL OR s.next_entity_sequence <= %(sequence)s;

COMMIT
