-- Whether there are leases and all programs keep to them, and what the role may do with them; no row where the table is
-- missing. Asks the catalogue, so that nothing raises.
SELECT
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    pg_catalog.has_table_privilege(c.oid, 'INSERT') AND pg_catalog.has_table_privilege(c.oid, 'UPDATE')
        AND pg_catalog.has_table_privilege(c.oid, 'DELETE'),
    -- The triggers refuse leased codes to whatever program.
    (
        SELECT pg_catalog.count(*) = 2
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = pg_catalog.to_regclass('specql_registry.tb_entity_registration')
            AND t.tgenabled IN ('O', 'A') AND t.tgname IN ('tr_notify_insert', 'tr_notify_update')
            AND p.pronamespace = pg_catalog.to_regnamespace('specql_registry') AND p.proname = 'fn_record_entity'
            AND p.prosrc LIKE '%%tb_lease%%'
    ),
    current_user::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'specql_registry_lsp' AND c.relname = 'tb_lease' AND c.relkind = 'r'
