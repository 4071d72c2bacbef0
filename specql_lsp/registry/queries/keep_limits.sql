-- Has the session keep what begin.sql has set for this transaction, which costs each transaction a tenth of a
-- millisecond. Only for connections that lead to one process of the server for as long as they live.
-- plan_cache_mode: otherwise the first five uses of each prepared statement are planned anew, for their values.
SELECT
    pg_catalog.set_config('row_security', 'off', false),
    pg_catalog.set_config('DateStyle', pg_catalog.current_setting('DateStyle'), false),
    pg_catalog.set_config('statement_timeout', pg_catalog.current_setting('statement_timeout'), false),
    pg_catalog.set_config('lock_timeout', pg_catalog.current_setting('lock_timeout'), false),
    pg_catalog.set_config(
        'idle_in_transaction_session_timeout',
        pg_catalog.current_setting('idle_in_transaction_session_timeout'), false),
    pg_catalog.set_config('synchronous_commit', pg_catalog.current_setting('synchronous_commit'), false),
    pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', false)
