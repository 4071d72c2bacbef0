"""YAML 1.1 as PyYAML reads it, decided without building anything: is a text YAML, and where does it cease to be?

tree-sitter finds structure in broken text, but places errors vaguely and refuses some valid YAML.
"""

from specql_lsp.syntax.grammar.construction import construction_faults
from specql_lsp.syntax.grammar.model import MAX_DEPTH, Kind, Token, Trouble, YamlError
from specql_lsp.syntax.grammar.productions import first_error, parse_events

__all__ = ["MAX_DEPTH", "Kind", "Token", "Trouble", "YamlError", "construction_faults", "first_error", "parse_events"]
