"""Findings → the protocol's diagnostics."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Encoding, Positions, place_range

SOURCE = "specql"
"""The ``source`` of every diagnostic."""


def diagnostic(finding: Finding, positions: Positions, encoding: Encoding, uri_for: UriFor) -> types.Diagnostic:
    """A finding as the protocol's diagnostic."""
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri_for(r.place.uri), place_range(r.place, encoding)), r.message
        )
        for r in finding.related
    ]
    return types.Diagnostic(
        range=positions.range(finding.span),
        message=finding.message,
        severity=types.DiagnosticSeverity(finding.severity.value),
        code=finding.code,
        source=SOURCE,
        related_information=related or None,
        tags=[types.DiagnosticTag.Unnecessary] if finding.unnecessary else None,
    )
