"""YAML 1.1 as PyYAML reads it, decided without building anything: is a text YAML, and where does it cease to be?

tree-sitter finds structure in broken text, but places errors vaguely and refuses some valid YAML.
"""

from specql_lsp.syntax.pyyaml.construction import construction_faults
from specql_lsp.syntax.pyyaml.productions import first_error, parse_events
from specql_lsp.syntax.pyyaml.tokens import MAX_DEPTH, Kind, Token, Trouble, YamlError

__all__ = ["MAX_DEPTH", "Kind", "Token", "Trouble", "YamlError", "construction_faults", "first_error", "parse_events"]
