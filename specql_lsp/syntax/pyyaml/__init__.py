"""YAML 1.1 as PyYAML reads it, decided without building anything: is a text YAML, and where does it cease to be?

tree-sitter finds structure in broken text, but places errors vaguely and refuses some valid YAML.
"""

from specql_lsp.syntax.pyyaml.construction import construction_problems
from specql_lsp.syntax.pyyaml.tokens import MAX_DEPTH, ErrorKind, Kind, Token, YamlError
from specql_lsp.syntax.pyyaml.validator import first_error, parse_events

__all__ = [
    "MAX_DEPTH",
    "ErrorKind",
    "Kind",
    "Token",
    "YamlError",
    "construction_problems",
    "first_error",
    "parse_events",
]
