-- The leases as rows of JSON, as the events of them have them, each with the time by this server's clock. Few: those
-- that have ended go with the next lease.
SELECT pg_catalog.to_jsonb(l), pg_catalog.clock_timestamp() FROM specql_registry_lsp.tb_lease l
