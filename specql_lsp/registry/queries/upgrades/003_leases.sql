-- Step 3: leases: codes that are reserved for a while for a machine that will be away. Safe to run again, also after
-- later steps.
DO $leases$
BEGIN
    IF pg_catalog.to_regclass('specql_registry_lsp.tb_lease') IS NULL THEN
        -- A row for each leased code. Whether a lease has ended is judged by this server's clock and no other. Rows of
        -- ended leases are deleted with the next lease.
        CREATE TABLE specql_registry_lsp.tb_lease (
            table_code pg_catalog.text PRIMARY KEY,  -- in upper case
            token pg_catalog.text NOT NULL,  -- of the workspace folder that holds the lease; no secret
            holder pg_catalog.text NOT NULL,  -- for people
            domain_number pg_catalog.text NOT NULL,
            subdomain_number pg_catalog.text NOT NULL,
            session_role pg_catalog.text NOT NULL DEFAULT session_user,
            leased_at timestamp with time zone NOT NULL DEFAULT pg_catalog.clock_timestamp(),
            expires_at timestamp with time zone NOT NULL
        );
    END IF;
END
$leases$;

INSERT INTO specql_registry_lsp.tb_version (version, step) VALUES (3, 'leases') ON CONFLICT DO NOTHING
