"""Folding and selection ranges as the protocol's, as JSON: there may be thousands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from specql_lsp.features.folding_ranges import FoldingRange
from specql_lsp.lsp.positions import Positions
from specql_lsp.syntax.text import Span


def folding_ranges_json(ranges: Iterable[FoldingRange]) -> list[dict[str, Any]]:
    """Ranges of whole lines as FoldingRange."""
    return [
        {"startLine": first, "endLine": last, **({"kind": kind.value} if kind is not None else {})}
        for first, last, kind in ranges
    ]


def selection_range_json(spans: Sequence[Span], positions: Positions) -> dict[str, Any]:
    """Spans, innermost first, as one SelectionRange with its parents."""
    made: dict[str, Any] = {}
    for span in reversed(spans):
        made = {"range": positions.json_range(span), **({"parent": made} if made else {})}
    return made
