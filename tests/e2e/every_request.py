"""Sessions that ask a server everything that has a route, about texts of many shapes, in one encoding of positions.

What is asked does not depend on the encoding or the line breaks: positions are made in code points and converted, and
answers are converted back. So the answers of two sessions can be compared.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from lsprotocol import types

from specql_lsp.lsp.routes import REQUESTS
from tests.e2e.clients import declared_by
from tests.e2e.failure_support import RawClient
from tests.e2e.random_requests import ITEMS, RandomRequests
from tests.support.settling_server import SETTLE

Json = Any
LONG_POLL = "workspace/diagnostic"
"""The request that is answered when something has changed; asked once."""
PLAIN = """\
entity: Plain
schema: crm
description: Who travels é😀
organization: {table_code: '012033'}
fields:

  mail:   email!
  owner: ref(Contact)
  stage: enum(asked, booked) = asked
  base: &base {type: text, nullable: false}
  copy: *base
  # https://example.org/é😀
  remark: txet
actions:
  - name: book
    steps:
      - validate: mail IS NOT NULL AND stage = 'asked' AND mail = $mail
      - query: |
          SELECT lower(mail) FROM crm.tb_contact WHERE stage = 'asked'
      - call: note()
  - name: note
    steps:
      - update: Plain SET mail = lower(mail) WHERE stage = 'booked'
"""
FLOW = """\
{entity: Flow, schema: crm, organization: {table_code: '012034'},
 fields: {mail:   email!, owner: ref(Contact), plain: 'ref(Plain)', stage: "enum(asked, booked) = asked",
  base: &base {type: text, nullable: false}, copy: *base},
 # https://example.org/flow
 actions: [{name: book, steps: [{validate: "mail IS NOT NULL AND stage = 'asked' AND mail = $mail"},
   {query: "SELECT lower(mail) FROM crm.tb_contact WHERE stage = 'asked'"}, {call: note()}]},
  {name: note, steps: [{update: "Flow SET mail = lower(mail) WHERE stage = 'booked'"}]}]}
"""
EMOJI = """\
entity: Emoji
schema: crm
description: "😀 é https://example.org/é😀"
organization: {description: é😀, table_code: '012035'}
fields:
  mail: {description: "😀😀",   type: email!}
  owner: {description: 😀, type: ref(Contact)}
  plain: {description: "👩‍👩‍👧", type: ref(Plain)}
  stage: {description: 😀é, type: 'enum(asked, booked) = asked'}
  base: {description: '😀', type: &base text}
  copy: {description: 'é😀', type: *base}
actions:
  - {description: "😀", name: book, steps: [
      {validate: "mail <> '😀' AND mail IS NOT NULL AND stage = 'asked' AND mail = $mail"},
      {query: "SELECT '😀é', lower(mail) FROM crm.tb_contact WHERE stage = 'asked'"}, {description: 😀, call: note()}]}
  - {description: "é😀", name: note, steps: [{update: "Emoji SET mail = '😀' || lower(mail) WHERE stage = 'booked'"}]}
"""
KINDS = {
    "plain": PLAIN,
    "flow": FLOW,
    "emoji": EMOJI,
    "half-typed": PLAIN.replace("Plain", "HalfTyped")
    .replace("012033", "012036")
    .replace("  copy:", "  new_na\n  copy:"),
    "half-typed flow": EMOJI.replace("Emoji", "Unclosed")
    .replace("012035", "012037")
    .replace('plain: {description: "👩‍👩‍👧", type: ref(Plain)}', "other: {description: 😀, type: ref(Cont"),
    "several documents": PLAIN.replace("Plain", "First").replace("012033", "012038")
    + "---\n"
    + PLAIN.replace("Plain", "Second").replace("012033", "012039"),
}
"""The texts that are asked about, by what is odd about them."""
OTHER = """\
entity: Contact
schema: crm
organization: {table_code: '012031'}
fields: {mail: email, trips: ref(Plain)}
"""
REGISTRY = """\
domains:
  '2':
    name: crm
    aliases: [customers]
    description: Customers 😀
    subdomains:
      '03':
        name: customer
        description: Them
        next_entity_sequence: 9
        entities:
          Contact: {table_code: '012031', entity_code: CNT, assigned_at: '2025-01-01'}
          Plain: {table_code: '012033', entity_code: PLN, assigned_at: '2025-01-01'}
          Lonely: {table_code: '01203A', entity_code: LNL, assigned_at: '2025-01-01'}
"""
REGISTRY_PATH = "registry/domain_registry.yaml"
NAMES = (
    "fields:",
    "txet",
    "mail",
    "Contact",
    "asked",
    "&base",
    "*base",
    "name: book",
    "name: note",
    "call: note",
    "$mail",
    "lower",
    "ref(",
    "entity: ",
)
"""The names that positions are at: behind the first character of each that a text has."""
FOLDERS = ("one", "two")
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
"""Python's name of an encoding, and the bytes of its units."""


class Asked(NamedTuple):
    """One question of a session."""

    method: str
    folder: str
    kind: str
    number: int
    """Which of the questions about a text with that method."""


class Requests(RandomRequests):
    """Parameters at one place of a text, in an encoding.

    Args:
        random: decides what is not about the place.
        encoding: the encoding of positions.
    """

    def __init__(self, random: Random, encoding: str) -> None:
        super().__init__(random)
        self.encoding = encoding
        self.offset = 0

    def _value(self, kind: Any, name: str) -> Json:
        if kind is types.Range and self.offset == 0:
            return {"start": {"line": 0, "character": 0}, "end": encoded(self.text, len(self.text), self.encoding)}
        if kind is types.Range:
            return {"start": self._position(), "end": self._position()}
        if kind is str and name in self._texts:
            return self._texts[name]
        if name == "positions":
            return [self._position()]
        if name == "files":
            return [self._value(typing.get_args(kind)[0], "")]
        if kind is types.FileRename:
            return {"oldUri": self.uri, "newUri": self.uri.replace(".yaml", "_new.yaml")}
        return super()._value(kind, name)

    @property
    def _texts(self) -> dict[str, str]:
        return {
            "query": "plain",
            "new_name": "fresh_thing",
            "ch": "\n",
        }

    def _position(self) -> Json:
        return encoded(self.text, self.offset, self.encoding)


class EveryRequest(RawClient):
    """A client that knows everything, with two folders that hold the same.

    Args:
        root: where its folders are made.
        encoding: the only encoding of positions that it knows.
        line_break: that of all files.
        seed: decides what is asked.
    """

    def __init__(self, root: Path, encoding: str, line_break: str, seed: int) -> None:
        super().__init__(server="tests.support.settling_server")
        self.root = root
        self.encoding = encoding
        self.seed = seed
        self.texts: dict[str, str] = {}
        for folder in FOLDERS:
            files = {f"entities/crm/{kind.replace(' ', '_')}.yaml": text for kind, text in KINDS.items()}
            for path, text in {**files, "entities/crm/contact.yaml": OTHER, REGISTRY_PATH: REGISTRY}.items():
                file = root / folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.replace("\n", line_break).encode())
                self.texts[file.as_uri()] = text.replace("\n", line_break)
        declared = declared_by("vscode")
        declared["general"]["positionEncodings"] = [encoding]
        declared["workspace"]["diagnostics"] = {"refreshSupport": True}
        answer = self.initialize(
            *(root / folder for folder in FOLDERS),
            capabilities=declared,
            clientInfo={"name": "Visual Studio Code"},
            initializationOptions={
                "registry": {"refreshSeconds": 3600, "listen": False},
                "codeLens": {"references": True},
            },
        )
        assert answer["result"]["capabilities"]["positionEncoding"] == encoding

    def ask_about_an_old_version(self) -> dict[str, Json]:
        """The answers to the requests about a document that is changed behind them, by their method.

        The server holds all of it until it has the settings, and then handles it in one go.
        """
        uri = self.uri(FOLDERS[0], "plain")
        requests = Requests(Random(self.seed), self.encoding)
        requests.offset = PLAIN.index("mail") + 1
        item = {"uri": uri, "languageId": "yaml", "version": 1, "text": self.texts[uri]}
        self.notify("textDocument/didOpen", {"textDocument": item})
        methods = [route.method for route in REQUESTS if route.method.startswith("textDocument/")]
        numbers = {self.ask(method, requests.params(method, uri, self.texts[uri])): method for method in methods}
        identifier = {"uri": uri, "version": 2}
        changed = {"textDocument": identifier, "contentChanges": [{"text": self.texts[uri] + "# more\n"}]}
        self.notify("textDocument/didChange", changed)
        found: dict[int, Json] = {}
        while numbers.keys() - found.keys():
            answer = self.until(lambda message: message.get("id") in numbers and "method" not in message)
            found[answer["id"]] = answer
        return {numbers[number]: answer for number, answer in found.items()}

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted; requests of the server are answered."""

        def follow(message: dict[str, Any]) -> bool:
            if "method" in message and "id" in message:
                self.send({"id": message["id"], "result": self._answer_to(message["method"], message.get("params"))})
            return wanted(message)

        return super().until(follow)

    @staticmethod
    def _answer_to(method: str, params: Any) -> Json:
        if method == "workspace/configuration":
            return [None for _ in params["items"]]
        return {"applied": False} if method == "workspace/applyEdit" else None

    def uri(self, folder: str, kind: str) -> str:
        """The URI of a text."""
        path = REGISTRY_PATH if kind == "registry" else f"entities/crm/{kind.replace(' ', '_')}.yaml"
        return (self.root / folder / path).as_uri()

    def ask_all(self, folders: Sequence[str]) -> dict[Asked, Json]:
        """What every request answers about the texts of some folders, in a form that does not depend on the session."""
        for folder in FOLDERS:
            for kind in (*KINDS, "registry"):
                uri = self.uri(folder, kind)
                item = {"uri": uri, "languageId": "yaml", "version": 1, "text": self.texts[uri]}
                self.notify("textDocument/didOpen", {"textDocument": item})
        settled = self.answer("workspace/executeCommand", {"command": SETTLE, "arguments": [{}]})
        assert settled["result"] == []
        found: dict[Asked, Json] = {}
        for folder in folders:
            for kind in (*KINDS, "registry"):
                found.update(self._about(folder, kind))
        return found

    def _about(self, folder: str, kind: str) -> Iterator[tuple[Asked, Json]]:
        uri = self.uri(folder, kind)
        text = self.texts[uri]
        requests = Requests(Random(self.seed), self.encoding)
        offsets = [0, *(at for name in NAMES if (at := _offset(text, name)) is not None)]
        for route in REQUESTS:
            if route.method == LONG_POLL:
                continue
            asked: list[Json] = []
            for number, requests.offset in enumerate(offsets):
                params = requests.params(route.method, uri, text)
                if params is None or params in asked:
                    continue
                asked.append(params)
                answer = self.answer(route.method, params)
                if "result" in answer:
                    items = requests.items.get(ITEMS.get(route.method, object), [])
                    requests.take(route.method, answer["result"])
                    kept = requests.items.get(ITEMS.get(route.method, object), [])
                    if route.method in ITEMS:
                        requests.items[ITEMS[route.method]] = [*items, *(each for each in kept if each not in items)][
                            :40
                        ]
                yield Asked(route.method, folder, kind, number), self._decoded(route.method, params, answer, uri)

    def in_all_files(self) -> Json:
        """What is found in all files: the request that stays open for as long as there is nothing new."""
        report = self.answer(LONG_POLL, {"previousResultIds": []})["result"]
        return self._portable(self._in_code_points(report, "", ""))

    # Answers.

    def _decoded(self, method: str, params: Json, answer: Json, uri: str) -> Json:
        if "error" in answer:
            return {"error": self._portable(answer["error"])}
        result = answer["result"]
        about = params.get("item", {}).get("uri", uri) if isinstance(params, dict) else uri
        if method.startswith("textDocument/semanticTokens"):
            return self._tokens(result["data"], uri)
        return self._portable(self._in_code_points(result, about, about))

    def _in_code_points(self, value: Json, uri: str, asked: str) -> Json:
        """The same with each position as a line and a column in code points; without what only the server reads."""
        if isinstance(value, list):
            return [self._in_code_points(each, uri, asked) for each in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"line", "character"}:
            return self._decoded_position(value, uri)
        document = value.get("textDocument")
        own = (
            value.get("targetUri")
            or value.get("uri")
            or (document.get("uri") if isinstance(document, dict) else None)
            or uri
        )
        made: dict[str, Json] = {}
        for key, each in value.items():
            if key in {"data", "resultId"}:
                continue
            if key in self.texts:  # changes, or related documents
                made[key] = self._in_code_points(each, key, asked)
            elif key == "originSelectionRange":
                made[key] = self._in_code_points(each, asked, asked)
            elif key == "fromRanges" and "from" in value:
                made[key] = self._in_code_points(each, value["from"]["uri"], asked)
            else:
                made[key] = self._in_code_points(each, own, asked)
        return made

    def _decoded_position(self, position: Json, uri: str) -> Json:
        lines = lines_of(self.texts.get(uri, ""))
        assert 0 <= position["line"] < len(lines), (position, uri)
        return [position["line"], decoded(lines[position["line"]], position["character"], self.encoding)]

    def _tokens(self, data: list[int], uri: str) -> Json:
        lines = lines_of(self.texts.get(uri, ""))
        tokens, row, column = [], 0, 0
        for at in range(0, len(data), 5):
            down, right, length, kind, modifiers = data[at : at + 5]
            row, column = row + down, right if down else column + right
            start = decoded(lines[row], column, self.encoding)
            end = decoded(lines[row], column + length, self.encoding)
            tokens.append([row, lines[row][start:end], start, kind, modifiers])
        return tokens

    def _portable(self, value: Json) -> Json:
        text = json.dumps(value, ensure_ascii=False).replace("\\r\\n", "\\n")
        return json.loads(text.replace(self.root.as_uri(), "root:").replace(str(self.root), "root"))


def _offset(text: str, name: str) -> int | None:
    """The offset behind the first letter of a name; of what is to have something below it, on the next line."""
    at = text.find(name)
    if at < 0:
        return None
    if name == "fields:":
        return text.index("\n", at) + 1
    word = re.search(r"\w+\Z", name)
    return at + (word.start() if word is not None else 0) + 1


def lines_of(text: str) -> list[str]:
    """The lines of a text as LSP has them, without their ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def encoded(text: str, offset: int, encoding: str) -> Json:
    """The position of an offset in code points."""
    lines = lines_of(text[:offset])
    return {"line": len(lines) - 1, "character": _width(lines[-1], encoding)}


def decoded(line: str, character: int, encoding: str) -> int:
    """The column in code points; it is no position where it is within a code point or behind the line."""
    codec, size = _CODECS[encoding]
    units, end = line.encode(codec), character * size
    try:
        assert 0 <= end <= len(units)
        return len(units[:end].decode(codec))
    except (AssertionError, UnicodeDecodeError):
        raise AssertionError(f"{character} is no place in {line!r} in {encoding}") from None


def _width(text: str, encoding: str) -> int:
    codec, size = _CODECS[encoding]
    return len(text.encode(codec)) // size
