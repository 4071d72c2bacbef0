-- What there is of the schema and of what installing adds: a phrase for each thing.
SELECT 'schema specql_registry' AS thing WHERE pg_catalog.to_regnamespace('specql_registry') IS NOT NULL
UNION ALL
SELECT CASE WHEN c.relkind IN ('i', 'I') THEN 'index' ELSE 'table' END || ' specql_registry.' || c.relname
FROM pg_catalog.pg_class c
WHERE c.relnamespace = pg_catalog.to_regnamespace('specql_registry')
    AND (
        (c.relkind IN ('r', 'p') AND c.relname IN ('tb_domain', 'tb_subdomain', 'tb_entity_registration'))
        OR (c.relkind IN ('i', 'I')
            AND EXISTS (
                SELECT FROM pg_catalog.pg_index i
                WHERE i.indexrelid = c.oid
                    AND i.indrelid = pg_catalog.to_regclass('specql_registry.tb_entity_registration')
                    AND (c.relname = 'idx_entity_registration_lower_name'
                        OR (c.relname = 'uq_entity_registration_table_code' AND i.indisunique))
            ))
    )
UNION ALL
SELECT 'function specql_registry.fn_notify_change'
WHERE pg_catalog.to_regprocedure('specql_registry.fn_notify_change()') IS NOT NULL
UNION ALL
SELECT 'trigger ' || t.tgname || ' on specql_registry.' || c.relname
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = pg_catalog.to_regnamespace('specql_registry')
    AND t.tgfoid = pg_catalog.to_regprocedure('specql_registry.fn_notify_change()')
ORDER BY thing
