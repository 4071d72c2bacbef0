-- What a migration has to know of the database beside its content, in one row: whether a table code may stand only
-- once, in whatever case (the unique index that `registry install` makes, by whatever name); the role; and the rights
-- that it lacks. Asks the catalogue, so that nothing raises.
SELECT
    EXISTS (
        SELECT FROM pg_catalog.pg_index i
        WHERE i.indrelid = pg_catalog.to_regclass('specql_registry.tb_entity_registration')
            AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL
            AND pg_catalog.pg_get_indexdef(i.indexrelid, 1, false) ~ '^(upper|lower)\(\(?table_code\)?(::text)?\)$'
    ),
    current_user::text,
    ARRAY(
        SELECT r.missing
        FROM (VALUES ('tb_domain'), ('tb_subdomain'), ('tb_entity_registration')) AS t (name)
        JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass('specql_registry.' || t.name)
        CROSS JOIN LATERAL (
            SELECT 'INSERT on specql_registry.' || t.name WHERE NOT pg_catalog.has_table_privilege(c.oid, 'INSERT')
            UNION ALL
            -- What it takes to keep other writers out meanwhile.
            SELECT 'UPDATE on specql_registry.' || t.name
            WHERE NOT pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
            UNION ALL
            SELECT 'USAGE on the sequence ' || q.oid::pg_catalog.regclass
            FROM pg_catalog.pg_depend p
            JOIN pg_catalog.pg_class q ON q.oid = p.objid
            WHERE p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND p.refobjid = c.oid AND p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND p.deptype = 'a'
                -- CASE keeps the order: the function refuses what is no sequence.
                AND CASE WHEN q.relkind = 'S' THEN NOT pg_catalog.has_sequence_privilege(q.oid, 'USAGE') ELSE false END
        ) AS r (missing)
    )
