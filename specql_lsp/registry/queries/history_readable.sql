-- Whether there is a history, and what the role may do with it. Asks the catalogue, so that nothing raises. No row
-- where there is none.
SELECT
    current_user::text,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
    pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    pg_catalog.has_table_privilege(c.oid, 'DELETE')
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'tb_event' AND c.relkind IN ('r', 'p')
WHERE n.nspname = 'specql_registry_lsp'
