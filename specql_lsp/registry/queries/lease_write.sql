-- Deletes what has ended, then leases codes, or extends what the same folder has leased already.
DELETE FROM specql_registry_lsp.tb_lease WHERE expires_at <= pg_catalog.clock_timestamp();

INSERT INTO specql_registry_lsp.tb_lease AS held (
    table_code, token, holder, domain_number, subdomain_number, expires_at)
SELECT
    code, %(token)s, %(holder)s, %(domain)s, %(subdomain)s,
    pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => %(seconds)s)
FROM pg_catalog.unnest(%(codes)s::pg_catalog.text[]) AS wanted (code)
ON CONFLICT (table_code) DO UPDATE
SET expires_at = GREATEST(held.expires_at, EXCLUDED.expires_at), holder = EXCLUDED.holder
WHERE held.token = EXCLUDED.token
