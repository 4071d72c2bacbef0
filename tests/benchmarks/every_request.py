"""Every standard request about one usual file, among 100 and among 10,000 others, asked of both servers in turns.

The client is one that pulls diagnostics, as VS Code is. Requests whose answers grow with the workspace, and those about
long files, are in ``views``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

from tests.benchmarks.client import CAPABILITIES, OURS, TIMEOUT, Client
from tests.benchmarks.data import REFERRED, SMALL, position
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, ms

FEW, MANY = 100, 10_000
NAME = "entities/domain_2/asked.yaml"
_NEW_NAME = "entities/domain_2/renamed.yaml"
_OFFERED: dict[str, dict[str, Any]] = {
    "textDocument": {
        **CAPABILITIES["textDocument"],
        "diagnostic": {},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    },
    "workspace": {
        "configuration": True,
        "diagnostics": {"refreshSupport": True},
        "symbol": {"resolveSupport": {"properties": ["location.range"]}},
    },
}
_SETTINGS = {"specql": {"codeLens": {"references": True}}}

TEXT = f"""\
entity: Asked
schema: domain_2
organization:
  table_code: '012021'
  domain_name: domain_2
# See https://example.com/what-is-asked
fields:
  name: text!
  base: &base
    type: text
    description: What others are like
  other: *base
  company: ref(Local{REFERRED:05d})
  status: enum(active, inactive)
  amount:   money
actions:
  - name: activate
    steps:
      - validate: status = 'inactive'
      - update: Asked SET status = 'active'
  - name: activate_all
    steps:
      - call: activate
"""


class _Place(NamedTuple):
    """What a request's parameters are made of."""

    client: Client
    uri: str

    def at(self, text: str, into: int = 1) -> dict[str, Any]:
        """The document, and the position behind the start of the last such text in it."""
        return {**self.document(), "position": position(TEXT, TEXT.rindex(text) + into)}

    def document(self, **more: Any) -> dict[str, Any]:
        """The document."""
        return {"textDocument": {"uri": self.uri}, **more}

    def over(self, text: str, **more: Any) -> dict[str, Any]:
        """The document, and the range of the last such text in it."""
        begin = TEXT.rindex(text)
        range_ = {"start": position(TEXT, begin), "end": position(TEXT, begin + len(text))}
        return self.document(range=range_, **more)

    def first(self, method: str, params: Any, wanted: str = "") -> Any:
        """The first item that a request answers with, of those that have a key."""
        answer = self.client.request(method, params)
        items = answer["items"] if isinstance(answer, dict) else answer or ()
        return next(item for item in items if not wanted or wanted in item)


class _Asked(NamedTuple):
    """A request.

    Attributes:
        method: LSP's.
        params: makes the parameters, once for each server.
        note: what distinguishes it from others of its method.
        empty: whether there is nothing to answer.
    """

    method: str
    params: Callable[[_Place], Any]
    note: str = ""
    empty: bool = False


_FORMAT = {"tabSize": 2, "insertSpaces": True}
_NO_DIAGNOSTICS: dict[str, list[Any]] = {"diagnostics": []}
_ASKED = (
    _Asked("textDocument/completion", lambda place: place.at("ref(", 4), "of a reference"),
    _Asked(
        "completionItem/resolve", lambda place: place.first("textDocument/completion", place.at("money", 0), "data")
    ),
    _Asked("textDocument/hover", lambda place: place.at("company")),
    _Asked("textDocument/signatureHelp", lambda place: place.at("enum(", 5)),
    _Asked("textDocument/definition", lambda place: place.at("*base", 2), "of an alias"),
    _Asked("textDocument/definition", lambda place: place.at("ref(", 5), "of a reference"),
    _Asked("textDocument/typeDefinition", lambda place: place.at("company")),
    _Asked("textDocument/documentHighlight", lambda place: place.at("status =")),
    _Asked("textDocument/prepareRename", lambda place: place.at("company")),
    _Asked("textDocument/prepareCallHierarchy", lambda place: place.at("call: activate", len("call: a"))),
    _Asked(
        "callHierarchy/incomingCalls",
        lambda place: {
            "item": place.first("textDocument/prepareCallHierarchy", place.at("name: activate\n", len("name: a")))
        },
    ),
    _Asked(
        "callHierarchy/outgoingCalls",
        lambda place: {"item": place.first("textDocument/prepareCallHierarchy", place.at("activate_all"))},
    ),
    _Asked("textDocument/prepareTypeHierarchy", lambda place: place.at("company")),
    _Asked(
        "typeHierarchy/supertypes",
        lambda place: {"item": place.first("textDocument/prepareTypeHierarchy", place.at("entity: ", 10))},
    ),
    _Asked(
        "typeHierarchy/subtypes",
        lambda place: {"item": place.first("textDocument/prepareTypeHierarchy", place.at("company"))},
        "of an entity that a tenth of the files refers to",
    ),
    _Asked("textDocument/documentLink", lambda place: place.document()),
    _Asked("textDocument/linkedEditingRange", lambda place: place.at("&base", 2)),
    _Asked("workspaceSymbol/resolve", lambda place: place.first("workspace/symbol", {"query": "Asked"})),
    _Asked("textDocument/documentSymbol", lambda place: place.document()),
    _Asked("textDocument/foldingRange", lambda place: place.document()),
    _Asked("textDocument/selectionRange", lambda place: place.document(positions=[place.at("'active'")["position"]])),
    _Asked("textDocument/formatting", lambda place: place.document(options=_FORMAT)),
    _Asked("textDocument/rangeFormatting", lambda place: place.over("  amount:   money\n", options=_FORMAT)),
    _Asked(
        "textDocument/onTypeFormatting",
        lambda place: {**place.at("actions:\n", 9), "ch": "\n", "options": _FORMAT},
        empty=True,
    ),
    _Asked("textDocument/codeAction", lambda place: place.over("company", context=_NO_DIAGNOSTICS)),
    _Asked(
        "codeAction/resolve",
        lambda place: place.first("textDocument/codeAction", place.over("company", context=_NO_DIAGNOSTICS), "data"),
    ),
    _Asked("textDocument/codeLens", lambda place: place.document()),
    _Asked("codeLens/resolve", lambda place: place.first("textDocument/codeLens", place.document(), "data")),
    _Asked("textDocument/inlayHint", lambda place: place.over(TEXT)),
    _Asked("inlayHint/resolve", lambda place: place.first("textDocument/inlayHint", place.over(TEXT), "data")),
    _Asked("textDocument/semanticTokens/full", lambda place: place.document()),
    _Asked("textDocument/semanticTokens/range", lambda place: place.over(TEXT)),
    _Asked(
        "workspace/willRenameFiles",
        lambda place: {"files": [{"oldUri": place.uri, "newUri": (place.client.folder / _NEW_NAME).as_uri()}]},
    ),
    _Asked(
        "workspace/executeCommand",
        lambda _: {"command": "specql.listDomains", "arguments": [{}]},
        "listDomains",
    ),
    _Asked("textDocument/diagnostic", lambda place: place.document(), "with all that is found"),
    _Asked(
        "textDocument/diagnostic",
        lambda place: place.document(
            previousResultId=place.client.request("textDocument/diagnostic", place.document())["resultId"]
        ),
        "unchanged",
    ),
)


def measure(setup: Setup) -> Iterator[Row]:
    """Each request; a pull after a keystroke; then everything that is found in the workspace."""
    yield Row("each request about one usual file", f"among {FEW} files", f"among {MANY:,} files")
    with ExitStack() as stack:
        places: list[_Place] = []
        for files in (FEW, MANY):
            folder = setup.workspace(SMALL, files)
            served = setup.client(OURS, folder, capabilities=_OFFERED, settings=_SETTINGS, name="Visual Studio Code")
            client = stack.enter_context(served)
            client.initialize()
            client.initialized()
            client.request("workspace/diagnostic", {"previousResultIds": []}, 4 * TIMEOUT)  # when all files are read
            client.wait_for_registry(SMALL)
            places.append(_Place(client, client.open(NAME, TEXT)))
            client.wait_idle()
        for asked in _ASKED:
            yield _row(setup, places, asked)
        yield _pulled_after_a_keystroke(setup, places)
        yield from _pulled_workspace(setup, places)


def _row(setup: Setup, places: list[_Place], asked: _Asked) -> Row:
    params = [asked.params(place) for place in places]
    what = f"{asked.method}, {asked.note}" if asked.note else asked.method

    def ask(number: int) -> float:
        client = places[number].client
        answer = client.request(asked.method, params[number])
        if not answer and not asked.empty:
            raise RuntimeError(f"{what} is answered with nothing")
        return client.answered_at - client.sent_at

    return _in_turns(setup, what, ask)


def _in_turns(setup: Setup, what: str, ask: Callable[[int], float]) -> Row:
    """A row about what is asked of the server with few files, and of that with many."""
    times: tuple[list[float], list[float]] = ([], [])
    for repetition in range(setup.times(20, 8) + 2):
        for number in (0, 1) if repetition % 2 else (1, 0):
            seconds = ask(number)
            if repetition >= 2:
                times[number].append(seconds)
    few, many = map(median, times)
    return Row(f"  {what}", ms(few), f"{ms(many)} (to {ms(max(times[1]))})", many / few)


def _pulled_after_a_keystroke(setup: Setup, places: list[_Place]) -> Row:
    """From a keystroke to the answer: the pause in which there may be another one is part of it."""
    versions = [1, 1]

    def ask(number: int) -> float:
        client, uri = places[number]
        versions[number] += 1
        client.insert(uri, versions[number], 5, len("# See"), "x")
        begin = client.sent_at
        client.request("textDocument/diagnostic", places[number].document())
        return client.answered_at - begin

    return _in_turns(setup, "textDocument/diagnostic, after a keystroke", ask)


def _pulled_workspace(setup: Setup, places: list[_Place]) -> Iterator[Row]:
    """Everything; then what differs for a client that has everything else."""
    known: list[list[dict[str, str]]] = [[], []]

    def ask_all(number: int) -> float:
        client = places[number].client
        items = client.request("workspace/diagnostic", {"previousResultIds": []})["items"]
        known[number] = [{"uri": item["uri"], "value": item["resultId"]} for item in items]
        return client.answered_at - client.sent_at

    yield _in_turns(setup, "workspace/diagnostic, everything", ask_all)
    if [len(each) for each in known] != [FEW + 1, MANY + 1]:
        raise RuntimeError(f"workspace/diagnostic knows of {[len(each) for each in known]} files")

    def ask_rest(number: int) -> float:
        client = places[number].client
        items = client.request("workspace/diagnostic", {"previousResultIds": known[number][1:]})["items"]
        if len(items) != 1:
            raise RuntimeError(f"workspace/diagnostic answers with {len(items)} files that differ instead of 1")
        return client.answered_at - client.sent_at

    yield _in_turns(setup, "workspace/diagnostic, one file differs", ask_rest)
