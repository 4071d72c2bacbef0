-- Step 4: from when on leases leave events, too. What does that is made again each time (recording_leases.sql).
INSERT INTO specql_registry_lsp.tb_version (version, step) VALUES (4, 'lease_events') ON CONFLICT DO NOTHING
