-- The leases that have not ended, with the seconds that are left of each.
SELECT
    table_code, token, holder, domain_number, subdomain_number, session_role, leased_at, expires_at,
    EXTRACT(EPOCH FROM expires_at - pg_catalog.clock_timestamp())::double precision
FROM specql_registry_lsp.tb_lease
WHERE expires_at > pg_catalog.clock_timestamp()
ORDER BY table_code
