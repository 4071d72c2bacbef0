-- One installation at a time: two would make the same things.
SELECT pg_advisory_xact_lock(hashtextextended('specql_registry:install', 0))
