-- A role or a database with synchronous_commit = off loses in a crash what was answered: its codes would be given out
-- again. Local to the transaction; what is stricter stays. A transaction that has read only pays nothing for it.
SELECT pg_catalog.set_config('synchronous_commit', 'on', true)
WHERE pg_catalog.current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');

COMMIT
