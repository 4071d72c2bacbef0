-- Deletes events that are older than a moment, and records that as an event. Gives how many were deleted.
WITH pruned AS (
    DELETE FROM specql_registry_lsp.tb_event WHERE at < %(before)s::timestamp with time zone RETURNING id
), noted AS (
    INSERT INTO specql_registry_lsp.tb_event (table_name, action, after)
    SELECT 'tb_event', 'history-pruned', pg_catalog.jsonb_build_object(
        'before', %(before)s::timestamp with time zone, 'events', pg_catalog.count(*))
    FROM pruned HAVING pg_catalog.count(*) > 0
)
SELECT pg_catalog.count(*) FROM pruned
