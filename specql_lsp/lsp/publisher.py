"""Publishing diagnostics: of the newest version only, and only what has changed; and delays by key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from specql_lsp.features.model import Finding
from specql_lsp.lsp.convert.diagnostics import Diagnostic, DiagnosticConverter
from specql_lsp.lsp.positions import Positions
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client

_FindingKey: TypeAlias = tuple[Span, str, str]
"""A finding apart from its severity, which the settings change."""


class Publisher:
    """Sends diagnostics to the client.

    Args:
        client: to which they are sent.
        client_uri: the client's spelling of a URI of ours.
    """

    def __init__(self, client: Client, client_uri: Callable[[str], str]) -> None:
        self._client = client
        self._client_uri = client_uri
        self._converter = DiagnosticConverter(
            client.encoding,
            client_uri,
            code_descriptions=client.code_descriptions,
            tags=client.diagnostic_tags,
            related=client.related_information,
        )
        self._converted: dict[str, dict[_FindingKey, Diagnostic]] = {}
        """What was found in each file, whether it is shown or not: converted while the file's text is there."""
        self._sent: dict[str, list[Diagnostic]] = {}

    def publish(self, document: Document, found: Iterable[Finding], shown: Iterable[Finding]) -> None:
        """Sends what is shown of a file that was checked, if that has changed; always for an open document."""
        positions = Positions(document.lines, self._client.encoding)
        converted = {_key(finding): self._converter.diagnostic(finding, positions) for finding in found}
        self._converted.pop(document.uri, None)
        if converted:
            self._converted[document.uri] = converted
        self._send(document.uri, shown, document.version, is_checked=True)

    def publish_again(self, uri: str, shown: Iterable[Finding], version: int | None) -> None:
        """Sends what is shown of a file from now on, if that has changed. The file was published before."""
        self._send(uri, shown, version, is_checked=False)

    def clear(self, uri: str) -> None:
        """Takes away every diagnostic of a file."""
        self._converted.pop(uri, None)
        if self._sent.pop(uri, None):
            self._client.publish(self._client_uri(uri), [], None)

    def _send(self, uri: str, shown: Iterable[Finding], version: int | None, *, is_checked: bool) -> None:
        converted = self._converted.get(uri, {})
        diagnostics = [
            _with_severity(converted[key], finding) for finding in shown if (key := _key(finding)) in converted
        ]
        if diagnostics == self._sent.get(uri, []) and (version is None or not is_checked):
            return
        self._sent.pop(uri, None)
        if diagnostics:
            self._sent[uri] = diagnostics
        self._client.publish(self._client_uri(uri), diagnostics, version)


def _key(finding: Finding) -> _FindingKey:
    return (finding.span, finding.code, finding.message)


def _with_severity(diagnostic: Diagnostic, finding: Finding) -> Diagnostic:
    severity = finding.severity.value
    return diagnostic if diagnostic["severity"] == severity else {**diagnostic, "severity": severity}


class Debouncer:
    """Runs the last of a burst of calls by key, a while after it."""

    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def call(self, key: str, delay_ms: float, run: Callable[[], None]) -> None:
        """Runs ``run`` after ``delay_ms`` milliseconds, unless the same key is called again before."""
        self.cancel(key)

        def due() -> None:
            self._timers.pop(key, None)
            run()

        self._timers[key] = asyncio.get_running_loop().call_later(delay_ms / 1000, due)

    def is_pending(self, key: str) -> bool:
        """Whether a call of a key is still to come."""
        return key in self._timers

    def cancel(self, key: str) -> None:
        """Forgets the pending call of a key."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Forgets every pending call."""
        for key in list(self._timers):
            self.cancel(key)
