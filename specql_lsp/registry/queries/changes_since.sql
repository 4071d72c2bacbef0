-- The events of transactions that are not visible at a position, in one exchange with the end of the transaction; one
-- row without an event where there is none. The horizon is the last transaction of which events may have been deleted.
-- The time is that by which leases end. JSON as text: a client reads all of it at once, which costs it less.
-- Planned with each call, as a pooler lets no client prepare statements: so it is one plain look into one index.
-- A dump keeps the numbers of the transactions of the server that it was made on: xmin, which is this server's own, shows
-- where a number is none of this server's (following.py).
SELECT
    pg_catalog.pg_current_snapshot()::text, u.last_value + u.is_called::integer, h.transaction::text,
    pg_catalog.clock_timestamp(), e.table_name, e.before::text, e.after::text, h.xmin, e.transaction, e.xmin
FROM specql_registry_lsp.tb_horizon h
CROSS JOIN specql_registry_lsp.sq_unrecorded u
LEFT JOIN specql_registry_lsp.tb_event e
    ON e.transaction >= pg_catalog.pg_snapshot_xmin(%(position)s::pg_catalog.pg_snapshot)
    AND e.transaction < pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
    AND NOT pg_catalog.pg_visible_in_snapshot(e.transaction, %(position)s::pg_catalog.pg_snapshot)
ORDER BY e.id;

COMMIT
