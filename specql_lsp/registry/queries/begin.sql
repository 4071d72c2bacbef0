-- Opens a transaction under our limits. Everything is local to it, as PgBouncer demands. One statement, because each SET
-- costs as much as it, and it can be prepared. Operators are named with their schema: until it has run, the search path
-- is anybody's.
-- search_path: a function that a user created in public must not replace one of PostgreSQL's.
-- row_security: where a policy would hide rows, an error, because a hidden code is not a free one.
-- DateStyle: a database may have any; moments.py reads ISO.
-- idle_in_transaction_session_timeout: a writer that falls asleep (a laptop's lid) must not hold its locks.
-- synchronous_commit: a role or a database that has it off loses in a crash what was answered: its codes would be given
-- out again. What is stricter stays. A transaction that only reads pays nothing for it.
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT
    pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
    pg_catalog.set_config('row_security', 'off', true),
    pg_catalog.set_config('DateStyle', 'ISO', true),
    pg_catalog.set_config('statement_timeout', %(statement_ms)s::pg_catalog.text, true),
    pg_catalog.set_config('lock_timeout', %(lock_ms)s::pg_catalog.text, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', '15000', true),
    CASE
        WHEN pg_catalog.current_setting('synchronous_commit')
            OPERATOR(pg_catalog.=) ANY (ARRAY['off', 'local', 'remote_write'])
        THEN pg_catalog.set_config('synchronous_commit', 'on', true)
    END
