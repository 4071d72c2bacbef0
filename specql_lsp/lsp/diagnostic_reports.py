"""What the client is to be shown of each file, as the protocol's diagnostics, whichever way it gets them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.diagnostics import DiagnosticConverter, DiagnosticText
from specql_lsp.lsp.positions import PlacedRange, Positions
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client

_FindingKey: TypeAlias = tuple[Span, str, str]
"""A finding apart from its severity, which the settings change."""
_Placed: TypeAlias = tuple[tuple[Finding, ...], tuple[PlacedRange, ...]]
"""Findings, each with its range. Ten thousand files have tens of thousands, which as JSON take 1 kB each."""
_NOTHING: _Placed = (), ()


class Deliver(Protocol):
    """Delivers the report of a file."""

    def __call__(self, uri: str, *, is_checked: bool) -> None:
        """Delivers the report of a file, which was or was not checked for it."""


class Report(NamedTuple):
    """What is shown of one file."""

    result_id: str
    """Another one exactly when the diagnostics are others. Files that never had any share one.

    No id comes again: a client may have asked with an old one before it took the answer that replaced that.
    """
    diagnostics: list[DiagnosticText]
    version: int | None
    """Of the open document that was checked; None for a file that was read from the disk."""

    @property
    def items(self) -> str:
        """The diagnostics as the text of a JSON array."""
        return f"[{','.join(self.diagnostics)}]"


class _Shown(NamedTuple):
    """What a report is made of when it is asked for."""

    result_id: str
    placed: _Placed
    version: int | None


class DiagnosticReports:
    """The reports of all files.

    Args:
        client: what it takes is in the diagnostics, and no more.
        client_uri: the client's spelling of a URI of ours.
        deliver: called with a file whose report was made; it may be the same as before.
    """

    def __init__(self, client: Client, client_uri: Callable[[str], str], deliver: Deliver) -> None:
        self._encoding = client.encoding
        self._deliver = deliver
        self._converter = DiagnosticConverter(
            client.encoding,
            client_uri,
            code_descriptions=client.code_descriptions,
            tags=client.diagnostic_tags,
            related=client.related_information,
        )
        self._found: dict[str, _Placed] = {}
        """What was found in each file, whether it is shown or not: placed while the file's text is there."""
        self._prepared = _NOTHING
        """What was placed last on another thread."""
        self._shown: dict[str, _Shown] = {}
        """Of the files that have diagnostics."""
        self._versions: dict[str, int] = {}
        """Of the open documents."""
        self._emptied: dict[str, str] = {}
        """The result ids of open documents that had diagnostics and have none any more."""
        session = os.urandom(4).hex()  # an id of an earlier process means nothing to this one
        self._empty_id = f"{session}.0"
        self._result_ids = (f"{session}.{number}" for number in count(1))

    def report(self, uri: str) -> Report:
        """What is shown of a file; an empty report of one that nothing is known of."""
        known = self._shown.get(uri)
        if known is None:
            return Report(self._emptied.get(uri, self._empty_id), [], self._versions.get(uri))
        return Report(known.result_id, self._diagnostics(known.placed), known.version)

    def _diagnostics(self, placed: _Placed) -> list[DiagnosticText]:
        return list(map(self._converter.placed, *placed))

    def result_id(self, uri: str) -> str:
        """The result id of what is shown of a file: without making its report."""
        known = self._shown.get(uri)
        return known.result_id if known is not None else self._emptied.get(uri, self._empty_id)

    def has_diagnostics(self, uri: str) -> bool:
        """Whether anything is shown of a file."""
        return uri in self._shown

    @property
    def uris(self) -> tuple[str, ...]:
        """The files that have diagnostics."""
        return tuple(self._shown)

    def prepare(self, document: Document, found: tuple[Finding, ...]) -> None:
        """Places what was found in a document; on any thread, before ``checked``, as there may be hundreds."""
        self._prepared = self._place(document, found)

    def _place(self, document: Document, found: tuple[Finding, ...]) -> _Placed:
        place = Positions(document.lines, self._encoding).place
        return found, tuple([place(finding.span) for finding in found])

    def checked(self, document: Document, found: tuple[Finding, ...], shown: Iterable[Finding]) -> None:
        """Takes what was found in a document, and what is shown of it."""
        placed = self._prepared
        if placed[0] is found:
            self._prepared = _NOTHING
        else:
            placed = self._place(document, found)
        self._found.pop(document.uri, None)
        if found:
            self._found[document.uri] = placed
        self._report(document.uri, shown, document.version, is_open=document.version is not None)
        self._deliver(document.uri, is_checked=True)

    def shown(self, uri: str, shown: Iterable[Finding], version: int | None) -> None:
        """Takes what is shown from now on of what was found in a file when it was checked."""
        self._report(uri, shown, version, is_open=version is not None)
        self._deliver(uri, is_checked=False)

    def clear(self, uri: str) -> None:
        """Forgets a file."""
        self._found.pop(uri, None)
        self._report(uri, (), None, is_open=uri in self._versions)
        self._deliver(uri, is_checked=False)

    def _report(self, uri: str, shown: Iterable[Finding], version: int | None, *, is_open: bool) -> None:
        placed = findings, _ = _of(tuple(shown), self._found.get(uri, _NOTHING))
        if version is None:
            self._versions.pop(uri, None)
        else:
            self._versions[uri] = version
        before = self._shown.pop(uri, None)
        if findings:
            is_same = before is not None and self._are_same(before.placed, placed)
            result_id = before.result_id if before is not None and is_same else next(self._result_ids)
            self._shown[uri] = _Shown(result_id, placed, version)
        if findings or not is_open:
            self._emptied.pop(uri, None)
        elif before is not None:
            self._emptied[uri] = next(self._result_ids)

    def _are_same(self, one: _Placed, other: _Placed) -> bool:
        """Whether the diagnostics are the same: the offsets of a finding, and its fixes, are in none."""
        if one == other:
            return True
        if one[1] != other[1]:
            return False
        pairs = zip(*one, other[0], strict=True)
        return all(_look_alike(a, b) or self._is_same(a, b, place) for a, place, b in pairs)

    def _is_same(self, one: Finding, other: Finding, place: PlacedRange) -> bool:
        return self._converter.placed(one, place) == self._converter.placed(other, place)


def _of(shown: tuple[Finding, ...], found: _Placed) -> _Placed:
    """What is shown, as far as it was found, with the places at which it was found."""
    if shown == found[0]:
        return found
    places = {_key(finding): place for finding, place in zip(*found, strict=True)}
    findings = tuple([finding for finding in shown if _key(finding) in places])
    return findings, tuple([places[_key(finding)] for finding in findings])


def _look_alike(one: Finding, other: Finding) -> bool:
    """Whether the diagnostics of two findings are the same, if both are in one place: without making them."""
    return (
        one.message == other.message
        and one.code == other.code
        and one.severity is other.severity
        and one.unnecessary == other.unnecessary
        and one.related == other.related
    )


def _key(finding: Finding) -> _FindingKey:
    return (finding.span, finding.code, finding.message)
