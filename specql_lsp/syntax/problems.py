"""Where a text is not YAML."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.syntax.text import Span


class SyntaxProblem(NamedTuple):
    """A place that is not YAML, or not what SpecQL's reader reads as meant.

    ``message`` is a sentence that says what is wrong and what to do; empty where only tree-sitter says that something
    is, as it does not say what.
    """

    span: Span
    message: str = ""
