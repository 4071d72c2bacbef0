"""Findings as the protocol's diagnostics, by what the client takes."""

from __future__ import annotations

import json

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.model import Finding, Related, Severity
from specql_lsp.index.symbols import Place
from specql_lsp.lsp.convert.diagnostics import DiagnosticConverter
from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.syntax.text import LineIndex, Position, Span

RELATED = Related(Place("file:///b.yaml", Span(0, 6), Position(0, 0), Position(0, 6), "entity: B"), "It is there.")
FINDING = Finding(Span(0, 6), "key-not-read", Severity.HINT, "It is not read.", related=(RELATED,), unnecessary=True)
POSITIONS = Positions(LineIndex("entity: A\n"), Encoding.UTF16)


def test_a_code_links_to_its_page_what_is_unnecessary_is_tagged_and_places_are_related() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=True, tags=True, related=True)
    diagnostic = json.loads(converter.diagnostic(FINDING, POSITIONS))
    assert diagnostic["codeDescription"] == {"href": DIAGNOSTICS_URI}
    assert diagnostic["tags"] == [1]
    assert [each["message"] for each in diagnostic["relatedInformation"]] == ["It is there."]


def test_a_client_that_takes_none_gets_none_of_them() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=False, tags=False, related=False)
    diagnostic = json.loads(converter.diagnostic(FINDING, POSITIONS))
    assert not {"codeDescription", "tags", "relatedInformation"} & set(diagnostic)
