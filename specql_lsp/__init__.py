"""specql-lsp: the language server for SpecQL YAML."""

__version__ = "0.1.0"
