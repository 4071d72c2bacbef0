-- Deletes events that are older than a moment, and records that as an event. Gives how many were deleted. Who follows
-- the events and has not seen the last of them reads everything (tb_horizon).
WITH pruned AS (
    DELETE FROM specql_registry_lsp.tb_event WHERE at < %(before)s::timestamp with time zone RETURNING id, transaction
), moved AS (
    UPDATE specql_registry_lsp.tb_horizon h SET transaction = last.transaction
    FROM (SELECT transaction FROM pruned ORDER BY transaction DESC LIMIT 1) AS last
    WHERE last.transaction > h.transaction
), noted AS (
    INSERT INTO specql_registry_lsp.tb_event (table_name, action, after)
    SELECT 'tb_event', 'history-pruned', pg_catalog.jsonb_build_object(
        'before', %(before)s::timestamp with time zone, 'events', pg_catalog.count(*))
    FROM pruned HAVING pg_catalog.count(*) > 0
)
SELECT pg_catalog.count(*) FROM pruned
