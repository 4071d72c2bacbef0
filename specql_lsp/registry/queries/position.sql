-- From where a reader follows what it reads after this (changes_since.sql).
SELECT pg_catalog.pg_current_snapshot()::text, last_value + is_called::integer
FROM specql_registry_lsp.sq_unrecorded
