-- What there is of SpecQL's tables, what the role may do with them, and whether their changes are notified. Asks the
-- catalogue, so that nothing raises. One row for each table that exists, and one for the schema where it holds none.
SELECT
    current_user::text,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
    pg_catalog.current_setting('transaction_read_only')::boolean,
    pg_catalog.pg_is_in_recovery(),
    c.relname,
    pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    pg_catalog.has_table_privilege(c.oid, 'INSERT') OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT'),
    pg_catalog.has_any_column_privilege(c.oid, 'UPDATE'),
    -- The sequence of the primary key, where the role may not draw from it.
    (
        SELECT q.relname
        FROM pg_catalog.pg_depend p
        JOIN pg_catalog.pg_class q ON q.oid = p.objid
        WHERE p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND p.refobjid = c.oid AND p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND p.deptype = 'a'
            -- CASE keeps the order: the function refuses what is no sequence.
            AND CASE WHEN q.relkind = 'S' THEN NOT pg_catalog.has_sequence_privilege(q.oid, 'USAGE') ELSE false END
        LIMIT 1
    ),
    (
        SELECT pg_catalog.count(*) = 3
        FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A')
            AND t.tgname IN ('tr_notify_insert', 'tr_notify_update', 'tr_notify_delete')
    ),
    -- Whether changes are recorded for a reader that follows them, and the role may read what is recorded.
    (
        SELECT pg_catalog.count(*) = 4
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = n.oid
        WHERE t.tgrelid = c.oid AND t.tgenabled IN ('O', 'A')
            AND p.proname IN ('fn_record_domain', 'fn_record_subdomain', 'fn_record_entity')
    ) AND EXISTS (
        SELECT
        FROM pg_catalog.pg_namespace o
        JOIN pg_catalog.pg_class r ON r.relnamespace = o.oid
            AND r.relname IN ('tb_event', 'tb_horizon', 'sq_unrecorded')
        WHERE o.nspname = 'specql_registry_lsp' AND pg_catalog.has_schema_privilege(o.oid, 'USAGE')
            AND pg_catalog.has_table_privilege(r.oid, 'SELECT')
        HAVING pg_catalog.count(*) = 3
    ),
    -- Whether what changes of the leases is recorded, too; NULL where there are none, or the role may not read them.
    (
        SELECT (
            SELECT pg_catalog.count(*) = 4
            FROM pg_catalog.pg_trigger t
            JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
            WHERE t.tgrelid = l.oid AND t.tgenabled IN ('O', 'A') AND p.proname = 'fn_record_lease'
        )
        FROM pg_catalog.pg_namespace o
        JOIN pg_catalog.pg_class l ON l.relnamespace = o.oid AND l.relname = 'tb_lease' AND l.relkind = 'r'
        WHERE o.nspname = 'specql_registry_lsp' AND pg_catalog.has_schema_privilege(o.oid, 'USAGE')
            AND pg_catalog.has_table_privilege(l.oid, 'SELECT') AND NOT pg_catalog.row_security_active(l.oid)
    )
FROM pg_catalog.pg_namespace n
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND c.relname IN ('tb_domain', 'tb_subdomain', 'tb_entity_registration')
WHERE n.nspname = 'specql_registry'
