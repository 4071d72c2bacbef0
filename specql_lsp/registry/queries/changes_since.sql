-- What has changed since a position, in one exchange with the end of the transaction. See following.sql.
SELECT specql_registry_lsp.fn_changes_since(%(position)s);

COMMIT
