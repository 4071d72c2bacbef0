-- Opens a transaction on a connection whose session has our limits (keep_limits.sql). The search path is set again: a
-- trigger may have changed it, and with another one every prepared statement is looked up anew.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL search_path = pg_catalog, pg_temp
