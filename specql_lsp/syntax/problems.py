"""What the parser cannot read as YAML."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.syntax.text import Span


class SyntaxProblem(NamedTuple):
    """A place that is not YAML. ``missing`` names what should be there, where the parser knows."""

    span: Span
    missing: str | None = None
