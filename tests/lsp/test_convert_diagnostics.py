"""Findings as the protocol's diagnostics, by what the client takes."""

from __future__ import annotations

from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.model import Finding, Severity
from specql_lsp.lsp.convert.diagnostics import DiagnosticConverter
from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.syntax.text import LineIndex, Span

FINDING = Finding(Span(0, 6), "key-not-read", Severity.HINT, "It is not read.", unnecessary=True)
POSITIONS = Positions(LineIndex("entity: A\n"), Encoding.UTF16)


def test_a_code_links_to_its_page_and_what_is_unnecessary_is_tagged() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=True, tags=True)
    diagnostic = converter.diagnostic(FINDING, POSITIONS)
    assert diagnostic["codeDescription"] == {"href": DIAGNOSTICS_URI}
    assert diagnostic["tags"] == [1]


def test_a_client_that_takes_neither_gets_neither() -> None:
    converter = DiagnosticConverter(Encoding.UTF16, str, code_descriptions=False, tags=False)
    diagnostic = converter.diagnostic(FINDING, POSITIONS)
    assert not {"codeDescription", "tags"} & set(diagnostic)
