-- What the triggers of recording.sql record of the writing program's user; local to the transaction.
SELECT
    pg_catalog.set_config('specql_lsp.author', %(author)s, true),
    pg_catalog.set_config('specql_lsp.workspace', %(workspace)s, true)
