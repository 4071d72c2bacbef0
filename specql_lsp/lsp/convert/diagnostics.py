"""Findings → the protocol's diagnostics."""

from __future__ import annotations

from typing import Any, TypeAlias

from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.locations import UriFor, location_json
from specql_lsp.lsp.positions import Encoding, Positions, place_range

SOURCE = "specql"
"""The ``source`` of every diagnostic."""
UNNECESSARY = 1
"""``DiagnosticTag.Unnecessary``."""

Diagnostic: TypeAlias = dict[str, Any]
"""A diagnostic as JSON. An edit has hundreds converted and sent, and lsprotocol's types take a third of its time."""


def diagnostic(finding: Finding, positions: Positions, encoding: Encoding, uri_for: UriFor) -> Diagnostic:
    """A finding as the protocol's diagnostic."""
    converted: Diagnostic = {
        "range": positions.json_range(finding.span),
        "message": finding.message,
        "severity": finding.severity.value,
        "code": finding.code,
        "source": SOURCE,
    }
    if finding.related:
        converted["relatedInformation"] = [
            {"location": location_json(uri_for(r.place.uri), place_range(r.place, encoding)), "message": r.message}
            for r in finding.related
        ]
    if finding.unnecessary:
        converted["tags"] = [UNNECESSARY]
    return converted
