-- Opens a transaction under our limits. Everything is local to it, as PgBouncer demands. A writer that falls asleep
-- (a laptop's lid) must not hold its locks.
-- search_path: a function that a user created in public must not replace one of PostgreSQL's.
-- row_security: where a policy would hide rows, an error, because a hidden code is not a free one.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL statement_timeout = %(statement_ms)s;
SET LOCAL lock_timeout = %(lock_ms)s;
SET LOCAL idle_in_transaction_session_timeout = 15000
