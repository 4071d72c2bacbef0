"""Parameters for any request of LSP, made from its type: a request that gets a route is tried without a line here."""

from __future__ import annotations

import typing
from enum import Enum
from random import Random
from typing import Any, Union

import attrs
from lsprotocol import types

Json = Any

ITEMS: dict[str, type] = {
    "textDocument/completion": types.CompletionItem,
    "textDocument/codeAction": types.CodeAction,
    "textDocument/codeLens": types.CodeLens,
    "textDocument/documentLink": types.DocumentLink,
    "textDocument/inlayHint": types.InlayHint,
    "textDocument/prepareCallHierarchy": types.CallHierarchyItem,
    "textDocument/prepareTypeHierarchy": types.TypeHierarchyItem,
    "workspace/symbol": types.WorkspaceSymbol,
}
"""What requests answer with that other requests are about."""
_NAMES = ["Contact", "contact", "Person", "crm", "012034", "a", "", "é😀", "two words", "with:colon", "$p"]


class RandomRequests:
    """Makes parameters.

    Args:
        random: decides.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.uri = ""
        self.text = ""
        self.items: dict[type, list[Json]] = {}
        """Items of earlier answers, by their type."""

    def params(self, method: str, uri: str, text: str) -> Json | None:
        """Parameters for a method; None if they need an item that no answer has held yet."""
        self.uri, self.text = uri, text
        request = types.METHOD_TO_TYPES[method][2]
        kind = request if request is not None else object
        try:
            return self._value(kind, "")
        except _NoItemError:
            return None

    def take(self, method: str, result: Json) -> None:
        """Keeps the items of an answer."""
        kind = ITEMS.get(method)
        found = result.get("items") if isinstance(result, dict) else result
        if kind is not None and isinstance(found, list):
            self.items[kind] = found[:20]

    def _value(self, kind: Any, name: str) -> Json:
        random = self.random
        if kind in ITEMS.values():
            return self._item(kind)
        if kind is types.Position:
            return self._position()
        if kind is types.Range:
            ends = sorted([self._position(), self._position()], key=lambda p: (p["line"], p["character"]))
            return {"start": ends[0], "end": ends[random.random() < 0.9]}
        if kind is str:
            return self.uri if "uri" in name.lower() else random.choice(_NAMES)
        if kind is bool:
            return random.random() < 0.5
        if kind is int:
            return random.choice([0, 1, 2, 4])
        if isinstance(kind, type) and issubclass(kind, Enum):
            return random.choice(list(kind)).value
        if isinstance(kind, type) and attrs.has(kind):
            return self._object(kind)
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is tuple:
            return [self._value(each, name) for each in arguments]
        if origin in (list, typing.Sequence) or (isinstance(origin, type) and issubclass(origin, typing.Sequence)):  # type: ignore[arg-type]
            return [self._value(arguments[0], name) for _ in range(random.randrange(3))]
        if origin is Union or str(origin) == "<class 'types.UnionType'>":
            chosen = random.choice([each for each in arguments if each is not type(None)])
            return self._value(chosen, name)
        return {}

    def _object(self, kind: type) -> Json:
        attrs.resolve_types(kind, vars(types), {})
        made: dict[str, Json] = {}
        for field in attrs.fields(kind):
            is_optional = field.default is not attrs.NOTHING
            if is_optional and ("token" in field.name or self.random.random() < 0.7):
                continue
            made[_camel(field.name)] = self._value(field.type, field.name)
        return made

    def _item(self, kind: type) -> Json:
        known = self.items.get(kind)
        if not known:
            raise _NoItemError
        return self.random.choice(known)

    def _position(self) -> Json:
        """Most often in the text, in the middle of words and at ends."""
        random = self.random
        if random.random() < 0.05:
            return {"line": random.choice([0, 10_000]), "character": random.choice([0, 10_000])}
        lines = self.text.split("\n")
        line = random.randrange(len(lines))
        return {"line": line, "character": random.randrange(len(lines[line]) + 1)}


class _NoItemError(Exception):
    """No answer has held an item of that type."""


def _camel(name: str) -> str:
    first, *others = name.strip("_").split("_")
    return first + "".join(each.capitalize() for each in others)
