-- What the triggers of recording.sql record of the writing program's user; local to the transaction.
SET LOCAL specql_lsp.author = %(author)s;
SET LOCAL specql_lsp.workspace = %(workspace)s
