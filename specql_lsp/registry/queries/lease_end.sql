-- Ends leases of a folder.
DELETE FROM specql_registry_lsp.tb_lease
WHERE token = %(token)s AND table_code = ANY (%(codes)s::pg_catalog.text[])
