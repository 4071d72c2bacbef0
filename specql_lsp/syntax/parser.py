"""The old place of ``parse`` and ``SyntaxTree``."""

from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.tree import SyntaxTree

__all__ = ["SyntaxTree", "parse"]
