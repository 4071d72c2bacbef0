"""Findings as the protocol's diagnostics, by what the client takes."""

from __future__ import annotations

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.model import Finding, Related, Severity
from specql_lsp.index.symbols import Place
from specql_lsp.lsp.convert.diagnostics import DiagnosticConverter
from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.syntax.text import LineIndex, Position, Span

PLACE = Place("file:///b.yaml", Span(0, 6), Position(0, 0), Position(0, 6), "entity: B")
FINDING = Finding(
    Span(0, 6),
    "key-not-read",
    Severity.HINT,
    "It is not read.",
    (Related(PLACE, "It is read here."),),
    unnecessary=True,
)
POSITIONS = Positions(LineIndex("entity: A\n"), Encoding.UTF16)


def test_a_code_links_to_its_page_and_what_is_unnecessary_is_tagged() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=True, tags=True, related=True)
    diagnostic = converter.diagnostic(FINDING, POSITIONS)
    assert diagnostic["codeDescription"] == {"href": DIAGNOSTICS_URI}
    assert diagnostic["tags"] == [1]


def test_other_places_are_named_where_the_client_shows_them() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=True, tags=True, related=True)
    (related,) = converter.diagnostic(FINDING, POSITIONS)["relatedInformation"]
    assert (related["message"], related["location"]["uri"]) == ("It is read here.", "file:///b.yaml")


def test_a_client_that_takes_none_of_it_gets_none() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=False, tags=False, related=False)
    diagnostic = converter.diagnostic(FINDING, POSITIONS)
    assert not {"codeDescription", "tags", "relatedInformation"} & set(diagnostic)
