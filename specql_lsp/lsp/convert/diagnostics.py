"""Findings → the protocol's diagnostics."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Encoding, Positions, place_range

SOURCE = "specql"
"""The ``source`` of every diagnostic."""


class DiagnosticConverter:
    """Turns findings into diagnostics, with what the client takes.

    Args:
        encoding: in which positions are counted.
        uri_for: the client's spelling of a URI of ours.
        code_descriptions: whether a code may link to its page.
        tags: whether a diagnostic may be tagged.
    """

    def __init__(self, encoding: Encoding, uri_for: UriFor, *, code_descriptions: bool, tags: bool) -> None:
        self._encoding = encoding
        self._uri_for = uri_for
        self._description = types.CodeDescription(DIAGNOSTICS_URI) if code_descriptions else None
        self._unnecessary = [types.DiagnosticTag.Unnecessary] if tags else None

    def diagnostic(self, finding: Finding, positions: Positions) -> types.Diagnostic:
        """A finding as the protocol's diagnostic."""
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(self._uri_for(r.place.uri), place_range(r.place, self._encoding)), r.message
            )
            for r in finding.related
        ]
        return types.Diagnostic(
            range=positions.range(finding.span),
            message=finding.message,
            severity=types.DiagnosticSeverity(finding.severity.value),
            code=finding.code,
            code_description=self._description,
            source=SOURCE,
            related_information=related or None,
            tags=self._unnecessary if finding.unnecessary else None,
        )
