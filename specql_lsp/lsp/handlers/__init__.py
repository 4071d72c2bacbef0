"""One file for each method and command: convert, call a feature, convert. The table of them is ``lsp/routes.py``."""
