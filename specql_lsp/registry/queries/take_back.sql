-- Constraints are deferred again, as far as they were.
ROLLBACK TO SAVEPOINT specql_lsp;
RELEASE SAVEPOINT specql_lsp
