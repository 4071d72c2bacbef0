-- The events of transactions that are not visible at a position, in one exchange with the end of the transaction. The
-- horizon is the last transaction of which events may have been deleted. The time is that by which leases end.
-- All events are one text, a JSON array of [table, transaction, xmin, before, after], as a client reads many columns of
-- many rows more slowly; NULL where there is none. Of a domain or subdomain that has changed the key says what was
-- before.
-- Planned with each call behind a pooler, which lets no client prepare statements: so it is one plain look into one index.
-- A dump keeps the numbers of the transactions of the server that it was made on: xmin, which is this server's own, shows
-- where a number is none of this server's (following.py).
SELECT
    pg_catalog.pg_current_snapshot()::text, u.last_value + u.is_called::integer, h.transaction::text, h.xmin,
    pg_catalog.clock_timestamp(),
    (
        SELECT '[' || pg_catalog.string_agg(
            pg_catalog.concat(
                '["', e.table_name, '",', e.transaction, ',', e.xmin, ',',
                CASE
                    WHEN e.before IS NULL THEN 'null'
                    WHEN e.table_name = 'tb_domain' THEN '{"pk_domain":' || e.pk || '}'
                    WHEN e.table_name = 'tb_subdomain' THEN '{"pk_subdomain":' || e.pk || '}'
                    ELSE e.before::text
                END,
                ',', coalesce(e.after::text, 'null'), ']'),
            ',' ORDER BY e.id) || ']'
        FROM specql_registry_lsp.tb_event e
        WHERE e.transaction >= pg_catalog.pg_snapshot_xmin(%(position)s::pg_catalog.pg_snapshot)
            AND e.transaction < pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
            AND NOT pg_catalog.pg_visible_in_snapshot(e.transaction, %(position)s::pg_catalog.pg_snapshot)
    )
FROM specql_registry_lsp.tb_horizon h
CROSS JOIN specql_registry_lsp.sq_unrecorded u;

COMMIT
