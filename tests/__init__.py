"""The tests of specql-lsp; the folders mirror the package."""
