-- Whether the version of this server's own schema can be asked for. Asks the catalogue, so that nothing raises.
SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'tb_version'
WHERE n.nspname = 'specql_registry_lsp'
