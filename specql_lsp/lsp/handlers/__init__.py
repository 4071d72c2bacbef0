"""One file per LSP method or command: convert, call a feature, convert."""
