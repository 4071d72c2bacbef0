"""Ours and yaml-language-server: each is asked the same about the same file, in turns.

It knows SpecQL's keys by a JSON schema (``json_schema``), and neither other files nor a registry. It comes from npm and
is installed when it is first measured; where that cannot be, one line of the table says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.benchmarks.client import CAPABILITIES, OURS, PYTHON
from tests.benchmarks.data import SMALL, long_entity, position
from tests.benchmarks.json_schema import entity_schema
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both, median, ms

FILES = 100
LENGTHS = (60, 2_000)
NAME = "entities/domain_2/long.yaml"
_FOLDER = Path(__file__).with_name("yaml_language_server")
_MODULE = _FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
_TITLE = "beside yaml-language-server, the same file in both"
_THEIRS = (str(_MODULE), "--stdio")
_NODE = ("node",)
_OFFERED: dict[str, dict[str, Any]] = {
    "textDocument": {
        **CAPABILITIES["textDocument"],
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "rename": {"prepareSupport": True},
        "foldingRange": {"lineFoldingOnly": True},
    },
    "workspace": {"configuration": True},
}
_TYPED = (2, len("description: "))
"""Where a letter is typed before a request: line and character."""
_PLACES = """\
  based: &base
    type: text
  other: *base
  kind:
    type: text
    nullable:   true
    descripton: What it is
    \n"""
"""The fields that the questions are about: an anchor, what is to be formatted, a misspelled key, a new key."""


class _Asked(NamedTuple):
    """A request.

    Attributes:
        what: its name in the table.
        method: LSP's.
        at: the text that it is about, the last one in the file; empty: the whole document.
        into: how far behind the text's start the place is, in code points.
        typed: whether a letter is typed before each request. Then the answer includes reading the new text.
        more: further parameters.
        by: how it names its place.
    """

    what: str
    method: str
    at: str = ""
    into: int = 0
    typed: bool = False
    more: Mapping[str, Any] = MappingProxyType({})
    by: str = "position"


_FORMAT = {"options": {"tabSize": 2, "insertSpaces": True}}
_ASKED = (
    _Asked("hover on a key", "textDocument/hover", "nullable:", 2),
    _Asked("hover on a key, after a keystroke", "textDocument/hover", "nullable:", 2, typed=True),
    _Asked("completion of a key", "textDocument/completion", "    \n", 4),
    _Asked("completion of a key, after a keystroke", "textDocument/completion", "    \n", 4, typed=True),
    _Asked("completion of a type", "textDocument/completion", "type: text\n    nullable:", 6),
    _Asked(
        "completion of a type, after a keystroke", "textDocument/completion", "type: text\n    nullable:", 6, typed=True
    ),
    _Asked("definition of an alias", "textDocument/definition", "*base", 2),
    _Asked("prepareRename of an anchor", "textDocument/prepareRename", "&base", 2),
    _Asked("rename of an anchor", "textDocument/rename", "&base", 2, more={"newName": "renamed"}),
    _Asked("selection ranges", "textDocument/selectionRange", "nullable:", 2, by="positions"),
    _Asked("code actions of a misspelled key", "textDocument/codeAction", "descripton", by="range"),
    _Asked("document symbols, after a keystroke", "textDocument/documentSymbol", typed=True),
    _Asked("folding ranges, after a keystroke", "textDocument/foldingRange", typed=True),
    _Asked("code lenses, after a keystroke", "textDocument/codeLens", typed=True),
    _Asked("formatting, after a keystroke", "textDocument/formatting", typed=True, more=_FORMAT),
)


def measure(setup: Setup) -> Iterator[Row]:
    """Each request in a short file and in a long one; the start and the diagnostics are measured beside them."""
    missing = _install()
    if missing:
        yield Row(_TITLE, ours=f"not measured: {missing}")
        return
    yield Row(_TITLE, "yaml-language-server", "specql-lsp")
    schema = setup.file("entity.json", json.dumps(entity_schema()))
    folder = setup.workspace(SMALL, FILES)
    yield _start(setup, folder)
    for lines in LENGTHS:
        with ExitStack() as stack:
            pair = _Pair(setup, stack, folder, schema, lines)
            for asked in _ASKED:
                yield pair.row(asked)
            yield pair.keystroke()
            if lines == LENGTHS[-1]:
                yield pair.memory()


def _install() -> str:
    """Installs yaml-language-server unless it is there; why it cannot be had, or nothing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"there is no {program} (Node.js 20 or later has it)"
    if not _MODULE.exists():
        command = ["npm", "ci", "--ignore-scripts", "--silent"]
        done = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, check=False)
        if not _MODULE.exists():
            return f"npm could not install it: {done.stderr.strip()[-100:] or done.returncode}"
    return ""


def _start(setup: Setup, folder: Path) -> Row:
    """From the process's start to the answer to ``initialize``."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(setup.times(8, 3)):
        for seconds, module, program in ((times[0], _THEIRS, _NODE), (times[1], OURS, PYTHON)):
            with setup.client(module, folder, program=program, capabilities=_OFFERED) as client:
                seconds.append(client.initialize())
    return Row("  start, initialize answered", both(times[0]), both(times[1]), median(times[1]) / median(times[0]))


class _Pair:
    """yaml-language-server and ours with one document open in both.

    Args:
        setup: what the measurements share.
        stack: where the servers end.
        folder: the workspace of both.
        schema: the JSON schema of the document.
        lines: how long the document is.
    """

    def __init__(self, setup: Setup, stack: ExitStack, folder: Path, schema: Path, lines: int) -> None:
        self._setup = setup
        self._lines = lines
        settings = {"yaml": {"schemas": {schema.as_uri(): "*.yaml"}, "schemaStore": {"enable": False}}}
        servers = (
            setup.client(_THEIRS, folder, program=_NODE, capabilities=_OFFERED, settings=settings),
            setup.client(OURS, folder, capabilities=_OFFERED),
        )
        self._clients = tuple(map(stack.enter_context, servers))
        self._version = 1
        self._text = long_entity(lines - _PLACES.count("\n")) + _PLACES
        self._uri = ""
        for client in self._clients:
            client.initialize()
            client.initialized()
            self._uri = client.open(NAME, self._text)
            client.wait_for_published(self._uri, 1)
            client.read_until_quiet()
        servers[1].wait_for_registry(SMALL)

    def memory(self) -> Row:
        """The peak of each process; ours has a registry and other files besides."""
        theirs, ours = (client.memory() for client in self._clients)
        return Row(f"  peak memory, {self._lines:,} lines", f"{theirs:.0f} MB", f"{ours:.0f} MB", ours / theirs)

    def row(self, asked: _Asked) -> Row:
        """Both servers' times for a request, asked in turns."""
        times: tuple[list[float], list[float]] = ([], [])
        for repetition in range(self._setup.times(24, 10) + 4):
            if asked.typed:
                self._version += 1
            for which in (0, 1) if repetition % 2 else (1, 0):
                seconds = self._ask(which, asked)
                if repetition >= 4:
                    times[which].append(seconds)
        ratio = median(times[1]) / median(times[0])
        return Row(f"  {asked.what}, {self._lines:,} lines", both(times[0]), both(times[1]), ratio)

    def _ask(self, which: int, asked: _Asked) -> float:
        client = self._clients[which]
        published = client.published[self._uri]
        begin = time.perf_counter()
        if asked.typed:
            client.insert(self._uri, self._version, *_TYPED, "x")
        answer = client.request(asked.method, self._params(which, asked))
        seconds = client.answered_at - begin
        if not answer:
            raise RuntimeError(f"{asked.what}: {('yaml-language-server', 'ours')[which]} answers with nothing")
        if asked.typed:
            client.wait_for_published(self._uri, published + 1)
        return seconds

    def _params(self, which: int, asked: _Asked) -> dict[str, Any]:
        params: dict[str, Any] = {"textDocument": {"uri": self._uri}, **asked.more}
        if not asked.at:
            return params
        begin = self._text.rindex(asked.at)
        place = position(self._text, begin + asked.into)
        if asked.by == "positions":
            return {**params, "positions": [place]}
        if asked.by == "range":
            found = self._clients[which].diagnostics[self._uri]
            here = [each for each in found if each["range"]["start"]["line"] == place["line"]]
            range_ = {"start": place, "end": position(self._text, begin + len(asked.at))}
            return {**params, "range": range_, "context": {"diagnostics": here}}
        return {**params, "position": place}

    def keystroke(self) -> Row:
        """From a keystroke to its diagnostics. Ours waits 50 ms for another keystroke, yaml-language-server 200."""
        times: tuple[list[float], list[float]] = ([], [])
        used = [client.cpu() for client in self._clients]
        count = self._setup.times(24, 10)
        for _ in range(count):
            self._version += 1
            for client, seconds in zip(self._clients, times, strict=True):
                published = client.published[self._uri]
                client.insert(self._uri, self._version, *_TYPED, "x")
                client.wait_for_published(self._uri, published + 1)
                seconds.append(client.answered_at - client.sent_at)
        costs = [ms((client.cpu() - before) / count) for client, before in zip(self._clients, used, strict=True)]
        theirs, ours = (f"{both(seconds)}, cpu {cost}" for seconds, cost in zip(times, costs, strict=True))
        ratio = median(times[1]) / median(times[0])
        return Row(f"  keystroke -> diagnostics, {self._lines:,} lines", theirs, ours, ratio)
