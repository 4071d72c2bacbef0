"""The index of entities across a workspace folder: which file defines which entity, and uses which code."""

from __future__ import annotations

from collections.abc import Iterable, KeysView
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from specql_lsp.items.entity import EntityItem
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Position, Span
from specql_lsp.workspace.documents import Document


@dataclass(frozen=True, slots=True)
class Place:
    """A span in a file, also as positions, so that it can be shown without the file's text.

    Positions are line and column from 0, the column in code points; ``line_text`` is the text of the first
    line, from which columns in another unit can be counted.
    """

    uri: str
    span: Span
    start: Position
    end: Position
    line_text: str


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """What other files may know of an entity file."""

    uri: str
    name: str
    schema: str
    code: str | None
    """The table code in upper case, as written."""
    description: str | None
    name_place: Place
    code_place: Place | None
    fields: tuple[str, ...]
    others: tuple[EntityFacts, ...] = ()
    """The entities of further YAML documents in the file. SpecQL refuses such a file, but their codes are used."""

    @property
    def all(self) -> tuple[EntityFacts, ...]:
        """Every entity of the file, this one first."""
        return (self, *self.others)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every table code of the file, upper case."""
        return tuple(facts.code for facts in self.all if facts.code)


def facts_of(document: Document) -> EntityFacts | None:
    """The facts of an entity file; None for any other file and where no entity has a name."""
    found = [_facts(document, entity, entity.name) for entity in document.entities if entity.name is not None]
    if not found:
        return None
    return replace(found[0], others=tuple(found[1:])) if len(found) > 1 else found[0]


def _facts(document: Document, entity: EntityItem, name: Scalar) -> EntityFacts:
    code = entity.table_code
    return EntityFacts(
        uri=document.uri,
        name=name.value,
        schema=entity.schema,
        code=entity.code,
        description=entity.description,
        name_place=place(document, name.span),
        code_place=place(document, code.span) if code else None,
        fields=tuple(field.name for field in entity.fields),
    )


def place(document: Document, span: Span) -> Place:
    """The place of a span of a document."""
    start = document.tree.lines.position(span.start)
    end = document.tree.lines.position(span.end)
    return Place(document.uri, span, start, end, document.tree.lines.line_text(start.line))


_Key = tuple[str, int]
"""A file's URI and the number of one of its entities, from 0."""
_Table = dict[str, dict[_Key, EntityFacts]]


class EntityIndex:
    """Entities by file, name and code. Changed only on the event loop; features read it and never change it."""

    def __init__(self, facts: Iterable[EntityFacts] = ()) -> None:
        self._by_uri: dict[str, EntityFacts] = {}
        self._by_name: _Table = {}
        self._by_schema: _Table = {}
        self._names_text: str | None = None
        self._by_code: _Table = {}
        for item in facts:
            self.put(item.uri, item)

    def put(self, uri: str, facts: EntityFacts | None) -> EntityFacts | None:
        """Sets the facts of a file (None: it defines no entity any more) and returns those it had before."""
        before = self._by_uri.get(uri)
        if facts is None:
            self._by_uri.pop(uri, None)
        else:
            self._by_uri[uri] = facts
        pairs = zip_longest(before.all if before else (), facts.all if facts else ())
        for number, (old, new) in enumerate(pairs):
            self._replace((uri, number), old, new)
        return before

    def _replace(self, key: _Key, before: EntityFacts | None, facts: EntityFacts | None) -> None:
        """Sets the facts of one entity of a file."""
        if before is not None:
            # A file that goes on with its name keeps its place, so that answers keep their order.
            if facts is None or facts.name.lower() != before.name.lower():
                self._discard(self._by_name, before.name.lower(), key)
                self._names_text = None
            if facts is None or facts.schema.lower() != before.schema.lower():
                self._discard(self._by_schema, before.schema.lower(), key)
            if before.code and (facts is None or facts.code != before.code):
                self._discard(self._by_code, before.code, key)
        if facts is not None:
            self._by_name.setdefault(facts.name.lower(), {})[key] = facts
            self._by_schema.setdefault(facts.schema.lower(), {})[key] = facts
            if before is None or facts.name.lower() != before.name.lower():
                self._names_text = None
            if facts.code:
                self._by_code.setdefault(facts.code, {})[key] = facts

    @staticmethod
    def _discard(table: _Table, name: str, key: _Key) -> None:
        remaining = table.get(name)
        if remaining is not None:
            remaining.pop(key, None)
            if not remaining:
                del table[name]

    def __len__(self) -> int:
        return len(self._by_uri)

    def get(self, uri: str) -> EntityFacts | None:
        """The facts of one file: those of its first entity, which know the others."""
        return self._by_uri.get(uri)

    def all(self) -> Iterable[EntityFacts]:
        """The facts of every entity, those of a file's further documents behind its first."""
        return chain.from_iterable(facts.all for facts in self._by_uri.values())

    @property
    def names_text(self) -> str:
        """The names of all entities in lower case, each once, a line each, with a line break at both ends."""
        if self._names_text is None:
            self._names_text = "\n".join(["", *self._by_name, ""])
        return self._names_text

    def in_schema(self, schema: str) -> tuple[EntityFacts, ...]:
        """The files whose schema has that name; case does not matter."""
        return tuple(self._by_schema.get(schema.lower(), {}).values())

    def named(self, name: str) -> tuple[EntityFacts, ...]:
        """The files that define an entity of that name; case does not matter."""
        return tuple(self._by_name.get(name.lower(), {}).values())

    def using_code(self, code: str) -> tuple[EntityFacts, ...]:
        """The files that use that table code (upper case)."""
        return tuple(self._by_code.get(code, {}).values())

    def codes(self) -> KeysView[str]:
        """Every table code that a file uses, upper case."""
        return self._by_code.keys()

    def sharing_codes(self) -> set[str]:
        """The files whose table code another file uses, too."""
        files = ({uri for uri, _ in users} for users in self._by_code.values() if len(users) > 1)
        return {uri for users in files if len(users) > 1 for uri in users}
