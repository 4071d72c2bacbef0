-- Step 2: from when on there are events, so that a reader that follows them knows when it has missed some. Safe to run
-- again, also after later steps.
DO $horizon$
BEGIN
    IF pg_catalog.to_regclass('specql_registry_lsp.tb_horizon') IS NULL THEN
        -- One row. Events of this transaction and of those before it may have been deleted.
        CREATE TABLE specql_registry_lsp.tb_horizon (
            is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
            transaction xid8 NOT NULL
        );
        INSERT INTO specql_registry_lsp.tb_horizon (transaction) VALUES (pg_catalog.pg_current_xact_id());
    END IF;
END
$horizon$;

INSERT INTO specql_registry_lsp.tb_version (version, step) VALUES (2, 'horizon') ON CONFLICT DO NOTHING
