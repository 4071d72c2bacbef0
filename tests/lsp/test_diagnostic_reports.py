"""The reports of diagnostics: a result id is another one exactly when what is shown is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specql_lsp.features.model import Finding, Severity
from specql_lsp.lsp.client import Client
from specql_lsp.lsp.client_json import ClientObject
from specql_lsp.lsp.diagnostic_reports import DiagnosticReports
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

URI = "file:///w/a.yaml"
OTHER = "file:///w/b.yaml"


def finding(start: int, message: str = "m", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(Span(start, start + 1), "unknown-key", severity, message)


class Reports:
    """Reports, and what was delivered."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, bool]] = []
        client = Client(None, ClientObject({}))  # type: ignore[arg-type]
        self.reports = DiagnosticReports(client, lambda uri: uri, self._deliver)

    def _deliver(self, uri: str, *, is_checked: bool) -> None:
        self.delivered.append((uri, is_checked))

    def check(self, text: str, *found: Finding, uri: str = URI) -> str:
        self.reports.checked(Document(uri, text, 1), found, found)
        return self.id(uri)

    def id(self, uri: str = URI) -> str:
        return self.reports.report(uri).result_id

    def lines(self) -> list[Any]:
        return [each["range"]["start"]["line"] for each in json.loads(self.reports.report(URI).items)]


@pytest.fixture
def reports() -> Reports:
    return Reports()


def test_an_id_changes_with_what_is_shown_only(reports: Reports) -> None:
    first = reports.check("a: 1\n", finding(0))
    assert reports.check("a: 2\n", finding(0)) == first
    second = reports.check("a: 2\n", finding(1))
    assert second != first
    assert reports.check("a: 2\n", finding(0)) not in {first, second}
    assert reports.delivered == [(URI, True)] * 4


def test_an_id_changes_with_the_line_of_an_offset(reports: Reports) -> None:
    first = reports.check("# a\nb: 1\n", finding(4))
    second = reports.check("#\n#\nb: 1\n", finding(4))
    assert first != second
    assert reports.lines() == [2]


def test_an_id_changes_with_a_severity_and_with_what_waits(reports: Reports) -> None:
    ids = [reports.check("a: 1\nb: 2\n", finding(0), finding(5))]
    reports.reports.shown(URI, [finding(0), finding(5)], 1)
    assert reports.id() == ids[0]
    for shown in ([finding(0)], [finding(0, severity=Severity.HINT)], []):
        reports.reports.shown(URI, shown, 1)
        ids.append(reports.id())
    assert len(set(ids)) == 4
    assert reports.reports.report(URI).version == 1
    assert reports.delivered[1:] == [(URI, False)] * 4


def test_a_file_without_diagnostics_costs_nothing(reports: Reports) -> None:
    empty = reports.check("a: 1\n")
    assert reports.check("b: 1\n", uri=OTHER) == empty
    assert reports.reports.uris == ()
    reports.check("a: 1\n", finding(0))
    assert reports.reports.uris == (URI,)
    reports.reports.shown(URI, [], None)  # of a file that is not open
    assert reports.reports.report(URI) == (empty, [], None)


def test_no_id_of_an_open_document_comes_again(reports: Reports) -> None:
    ids = [reports.check("a: 1\n"), reports.check("a: 1\n", finding(0)), reports.check("a: 1\n")]
    assert reports.check("a: 2\n") == ids[-1]
    ids.append(reports.check("a: 1\n", finding(0)))
    reports.reports.clear(URI)  # its text is not known any more
    ids.append(reports.id())
    assert len(set(ids)) == 5


def test_no_other_process_has_the_same_ids() -> None:
    one, other = Reports(), Reports()
    assert {one.check("a: 1\n", finding(0)), one.id(OTHER)}.isdisjoint(
        {other.check("a: 1\n", finding(0)), other.id(OTHER)}
    )
