"""Requests that look through a workspace, among 100 and among 10,000 files; and those about one file of 2,000 lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.benchmarks.client import OURS, Client
from tests.benchmarks.data import REFERRED, REFERRED_BY, SMALL, long_entity
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, ms

FEW, MANY = 100, 10_000
LINES = 2_000
LONG = "entities/domain_2/long.yaml"
_TYPED = (2, len("description: "))
"""Where a letter is typed before each request: line and character."""


class _Asked(NamedTuple):
    """A request.

    Attributes:
        what: its name in the table.
        method: LSP's.
        params: made of the document's URI.
        goal: in seconds; None where there is none.
        least: how many items the answer has at least, so that an empty one is not taken for a fast one.
        typed: whether a letter is typed before each request.
    """

    what: str
    method: str
    params: Callable[[str], dict[str, Any]]
    goal: float | None = None
    least: int = 1
    typed: bool = False


def _at(line: int, character: int, **more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda uri: {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        **more,
    }


def _whole(**more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda uri: {"textDocument": {"uri": uri}, **more}


_NAME = (1, len("entity: Lo"))
_FIELD = (11, len("  na"))
_AMONG_FILES = (
    _Asked("definition of an entity", "textDocument/definition", _at(*_NAME)),
    _Asked(
        "references of an entity",
        "textDocument/references",
        _at(*_NAME, context={"includeDeclaration": False}),
        0.300,
    ),
    _Asked(
        "references of a field of that entity",
        "textDocument/references",
        _at(*_FIELD, context={"includeDeclaration": True}),
    ),
    _Asked("rename of that entity", "textDocument/rename", _at(*_NAME, newName="Renamed"), 1.0),
    _Asked("rename of a field of that entity", "textDocument/rename", _at(*_FIELD, newName="renamed")),
    _Asked("workspace symbols, loc0", "workspace/symbol", lambda _: {"query": "loc0"}, 0.050),
    _Asked("workspace symbols, a table code", "workspace/symbol", lambda _: {"query": "0128"}, 0.050),
    _Asked("highlights of a field", "textDocument/documentHighlight", _at(*_FIELD)),
)
_LINES = {"start": {"line": 900, "character": 0}, "end": {"line": 960, "character": 0}}
_OF_ONE_FILE = (
    _Asked("semantic tokens, all", "textDocument/semanticTokens/full", _whole(), 0.030, typed=True),
    _Asked("semantic tokens, 60 lines", "textDocument/semanticTokens/range", _whole(range=_LINES)),
    _Asked("document symbols", "textDocument/documentSymbol", _whole(), 0.010, typed=True),
    _Asked("folding ranges", "textDocument/foldingRange", _whole(), least=100, typed=True),
    _Asked("selection ranges", "textDocument/selectionRange", _whole(positions=[{"line": 900, "character": 5}])),
    _Asked("inlay hints, 60 lines", "textDocument/inlayHint", _whole(range=_LINES), typed=True),
    _Asked("code lenses", "textDocument/codeLens", _whole(), least=0),
    _Asked(
        "formatting, nothing to do",
        "textDocument/formatting",
        _whole(options={"tabSize": 2, "insertSpaces": True}),
        least=0,
        typed=True,
    ),
)


def measure(setup: Setup) -> Iterator[Row]:
    """Every request, first those among files, then those about one of them."""
    for files in (FEW, MANY):
        with setup.client(OURS, setup.workspace(SMALL, files)) as client:
            client.initialize()
            client.initialized()
            client.wait_for_registry(SMALL)
            client.wait_idle(2.0)
            path = next(client.folder.glob(f"entities/**/local_{REFERRED:05d}.yaml"))
            uri = client.open(str(path.relative_to(client.folder)), path.read_text())
            client.wait_idle()
            for asked in _AMONG_FILES:
                least = files * REFERRED_BY // MANY if asked.what.startswith("references of an entity") else asked.least
                goal = asked.goal if files == MANY else None
                name = f"{asked.what}, used in {files * REFERRED_BY // MANY:,} of {files:,} files"
                yield _row(setup, client, uri, asked._replace(what=name, least=least, goal=goal))
            if files == FEW:
                client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
                yield from _of_one_file(setup, client)


def _of_one_file(setup: Setup, client: Client) -> Iterator[Row]:
    uri = client.open(LONG, long_entity(LINES))
    client.diagnostics_of(uri, 1)
    client.wait_idle()
    typist = _Typist(client, uri)
    for asked in _OF_ONE_FILE:
        yield _row(setup, client, uri, asked._replace(what=f"{asked.what}, {LINES:,} lines"), typist)
    yield _deltas(setup, client, uri, typist)


def _row(setup: Setup, client: Client, uri: str, asked: _Asked, typist: _Typist | None = None) -> Row:
    times: list[float] = []
    for _ in range(setup.times(15, 7) + 2):
        if asked.typed and typist is not None:
            typist.type()
        answer = client.request(asked.method, asked.params(uri))
        times.append(client.answered_at - client.sent_at)
        if _size(answer) < asked.least:
            raise RuntimeError(f"{asked.what}: {_size(answer)} items instead of {asked.least}")
    return _figures(asked.what, times[2:], asked.goal)


def _deltas(setup: Setup, client: Client, uri: str, typist: _Typist) -> Row:
    """Semantic tokens after a keystroke, for a client that has those before it."""
    document = {"textDocument": {"uri": uri}}
    result = client.request("textDocument/semanticTokens/full", document)["resultId"]
    times: list[float] = []
    for _ in range(setup.times(15, 7) + 2):
        typist.type()
        params = {**document, "previousResultId": result}
        result = client.request("textDocument/semanticTokens/full/delta", params)["resultId"]
        times.append(client.answered_at - client.sent_at)
    return _figures(f"semantic tokens, what a keystroke changes, {LINES:,} lines", times[2:], 0.005)


class _Typist:
    """Types letters into one document.

    Args:
        client: the client that has it open in version 1.
        uri: the document.
    """

    def __init__(self, client: Client, uri: str) -> None:
        self._client = client
        self._uri = uri
        self._version = 1

    def type(self) -> None:
        """Types a letter, and waits until what follows from it is done: the request alone is measured."""
        self._version += 1
        self._client.insert(self._uri, self._version, *_TYPED, "x")
        self._client.diagnostics_of(self._uri, self._version)


def _size(answer: Any) -> int:
    if isinstance(answer, dict):
        answer = answer.get("data") or answer.get("documentChanges") or answer.get("changes") or answer
    return len(answer or ())


def _figures(what: str, times: list[float], goal: float | None) -> Row:
    figure = f"{ms(median(times))} (to {ms(max(times))})"
    if goal is None:
        return Row(what, ours=figure)
    return Row(what, ours=figure, goal=f"<= {goal * 1000:.0f} ms", met=median(times) <= goal)
