"""YAML 1.1 as PyYAML reads it, decided without building anything: is a text YAML, and where does it cease to be?

tree-sitter finds structure in broken text, but places errors vaguely and refuses some valid YAML.

The functions here import what they call when they are called: most texts are simple enough to need none of it
(``simple_text``), and the server's start waits for every import.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from specql_lsp.syntax.pyyaml.tokens import MAX_DEPTH, ErrorKind, Kind, Token, YamlError

if TYPE_CHECKING:
    from specql_lsp.syntax.problems import SyntaxProblem
    from specql_lsp.syntax.pyyaml.validator import Parsed

__all__ = [
    "MAX_DEPTH",
    "ErrorKind",
    "Kind",
    "Token",
    "YamlError",
    "composition_problems",
    "construction_problems",
    "first_error",
    "parse_events",
]


def parse_events(text: str, start: int = 0) -> Parsed:
    """As ``validator.parse_events``."""
    from specql_lsp.syntax.pyyaml import validator

    return validator.parse_events(text, start)


def first_error(text: str, start: int = 0) -> YamlError | None:
    """As ``validator.first_error``."""
    return parse_events(text, start).error


def construction_problems(text: str, parsed: Parsed) -> Iterator[SyntaxProblem]:
    """As ``construction.construction_problems``."""
    from specql_lsp.syntax.pyyaml import construction

    return construction.construction_problems(text, parsed)


def composition_problems(text: str, parsed: Parsed) -> Iterator[SyntaxProblem]:
    """As ``construction.composition_problems``."""
    from specql_lsp.syntax.pyyaml import construction

    return construction.composition_problems(text, parsed)
