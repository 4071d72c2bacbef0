"""Findings → the protocol's diagnostics, as the text of their JSON.

An edit has hundreds converted and sent, a workspace ten thousand: lsprotocol's types and ``json`` take five times as
long.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as quoted
from typing import TypeAlias

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.locations import UriFor, location_json
from specql_lsp.lsp.positions import Encoding, PlacedRange, Positions, place_range

SOURCE = "specql"
"""The ``source`` of every diagnostic."""
UNNECESSARY = 1
"""``DiagnosticTag.Unnecessary``."""

DiagnosticText: TypeAlias = str
"""A diagnostic as the text of its JSON, which is ASCII."""
_DESCRIBED = f',"codeDescription":{{"href":{quoted(DIAGNOSTICS_URI)}}}'
_SOURCED = f',"source":{quoted(SOURCE)}'


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

    def diagnostic(self, finding: Finding, positions: Positions) -> DiagnosticText:
        """A finding as the protocol's diagnostic."""
        return self.placed(finding, positions.place(finding.span))

    def placed(self, finding: Finding, place: PlacedRange) -> DiagnosticText:
        """A finding as the protocol's diagnostic at a range, whose text need not be at hand."""
        code = quoted(finding.code)
        text = f'{{"range":{place.json_text},"message":{quoted(finding.message)},"severity":{finding.severity.value}'
        text = f'{text},"code":{code}{_SOURCED}'
        if self._code_descriptions:
            text += _DESCRIBED
        if finding.related and self._related:
            related = [
                {
                    "location": location_json(self._uri_for(r.place.uri), place_range(r.place, self._encoding)),
                    "message": r.message,
                }
                for r in finding.related
            ]
            text += f',"relatedInformation":{json.dumps(related)}'
        if finding.unnecessary and self._tags:
            text += f',"tags":[{UNNECESSARY}]'
        return f"{text}}}"
