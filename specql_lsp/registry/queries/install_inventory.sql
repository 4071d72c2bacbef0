-- What there is of the schemas: a phrase for each thing, the text of a function, and whether a trigger fires. Asks the
-- catalogue by names, so that a role without rights on the schemas may ask, too.
SELECT 'schema ' || n.nspname AS thing, NULL::text AS source, true AS fires
FROM pg_catalog.pg_namespace n
WHERE n.nspname IN ('specql_registry', 'specql_registry_lsp')
UNION ALL
SELECT
    CASE WHEN c.relkind IN ('i', 'I') THEN 'index ' WHEN c.relkind = 'S' THEN 'sequence ' ELSE 'table ' END
        || n.nspname || '.' || c.relname,
    NULL,
    true
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_catalog.pg_class r ON r.oid = i.indrelid
WHERE n.nspname IN ('specql_registry', 'specql_registry_lsp')
    AND (
        c.relkind IN ('r', 'p')
        OR (c.relkind = 'S' AND n.nspname = 'specql_registry_lsp')
        -- An index counts only on the table that it is for, and the one on codes only if it is unique.
        OR (c.relkind IN ('i', 'I') AND n.nspname = 'specql_registry_lsp')
        OR (c.relkind IN ('i', 'I')
            AND r.relname = 'tb_entity_registration'
            AND (c.relname <> 'uq_entity_registration_table_code' OR i.indisunique))
    )
UNION ALL
SELECT 'function ' || n.nspname || '.' || p.proname, p.prosrc, true
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ('specql_registry', 'specql_registry_lsp')
UNION ALL
SELECT 'trigger ' || t.tgname || ' on ' || n.nspname || '.' || c.relname, NULL, t.tgenabled IN ('O', 'A')
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = n.oid
WHERE (n.nspname, c.relname, p.proname) IN (
    ('specql_registry', 'tb_domain', 'fn_record_domain'), ('specql_registry', 'tb_subdomain', 'fn_record_subdomain'),
    ('specql_registry', 'tb_entity_registration', 'fn_record_entity'),
    ('specql_registry_lsp', 'tb_lease', 'fn_record_lease'))
UNION ALL
SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname, NULL, true
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('specql_registry', 'specql_registry_lsp') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY thing
