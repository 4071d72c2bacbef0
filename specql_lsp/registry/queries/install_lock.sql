-- One installation at a time: two would make the same things.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('specql_registry:install', 0))
