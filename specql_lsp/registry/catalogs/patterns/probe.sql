-- What there is of the pattern library, and what the role may do with it. Asks the catalogue, so that nothing raises. The
-- registry's connection is kept busy for a second at most. One row for each column that is read; one without a column
-- where the schema, or the table in it, has none.
SET LOCAL statement_timeout = 1000;
SET LOCAL lock_timeout = 200;
SELECT
    current_user::text,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
    c.relkind::text,
    pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    a.attname::text,
    -- What a type that a user made does when it is read is not known.
    t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'domain_patterns'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname IN (
        'id', 'name', 'category', 'description', 'parameters', 'deprecated', 'deprecated_reason',
        'replacement_pattern_id', 'times_instantiated'
    )
LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE n.nspname = 'pattern_library'
