-- How many events are older than a moment.
SELECT pg_catalog.count(*) FROM specql_registry_lsp.tb_event WHERE at < %(before)s::timestamp with time zone
