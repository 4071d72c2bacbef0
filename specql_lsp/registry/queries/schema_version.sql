-- The version of this server's own schema: the highest of the steps that were applied.
SELECT pg_catalog.max(version) FROM specql_registry_lsp.tb_version
