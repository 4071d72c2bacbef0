-- How many changes could not be recorded as events; NULL where the role may not read that, or the counter is missing.
SELECT COALESCE(pg_catalog.pg_sequence_last_value(c.oid::pg_catalog.regclass) + 1, 0)
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'sq_unrecorded' AND c.relkind = 'S'
WHERE n.nspname = 'specql_registry_lsp' AND pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
