"""Findings → the protocol's diagnostics."""

from __future__ import annotations

from typing import Any, TypeAlias

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.locations import UriFor, location_json
from specql_lsp.lsp.positions import Encoding, PlacedRange, Positions, place_range

SOURCE = "specql"
"""The ``source`` of every diagnostic."""
UNNECESSARY = 1
"""``DiagnosticTag.Unnecessary``."""

Diagnostic: TypeAlias = dict[str, Any]
"""A diagnostic as JSON. An edit has hundreds converted and sent, and lsprotocol's types take a third of its time."""


class DiagnosticConverter:
    """Turns findings into diagnostics, with what the client takes.

    Args:
        encoding: in which positions are counted.
        uri_for: the client's spelling of a URI of ours.
        code_descriptions: whether a code may link to its page.
        tags: whether a diagnostic may be tagged.
        related: whether a diagnostic may point at further places.
    """

    def __init__(
        self, encoding: Encoding, uri_for: UriFor, *, code_descriptions: bool, tags: bool, related: bool
    ) -> None:
        self._encoding = encoding
        self._uri_for = uri_for
        self._code_descriptions = code_descriptions
        self._tags = tags
        self._related = related

    def diagnostic(self, finding: Finding, positions: Positions) -> Diagnostic:
        """A finding as the protocol's diagnostic."""
        return self.placed(finding, positions.place(finding.span))

    def placed(self, finding: Finding, place: PlacedRange) -> Diagnostic:
        """A finding as the protocol's diagnostic at a range, whose text need not be at hand."""
        converted: Diagnostic = {
            "range": place.json,
            "message": finding.message,
            "severity": finding.severity.value,
            "code": finding.code,
            "source": SOURCE,
        }
        if self._code_descriptions:
            converted["codeDescription"] = {"href": DIAGNOSTICS_URI}
        if finding.related and self._related:
            converted["relatedInformation"] = [
                {
                    "location": location_json(self._uri_for(r.place.uri), place_range(r.place, self._encoding)),
                    "message": r.message,
                }
                for r in finding.related
            ]
        if finding.unnecessary and self._tags:
            converted["tags"] = [UNNECESSARY]
        return converted
