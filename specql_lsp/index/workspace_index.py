"""The index of entities across a workspace folder: which file defines which entity, and uses which code.

An index is immutable and built on persistent maps (``rpds``): a change makes a new index that shares all but a few
nodes with the one before, so that holding an index is a snapshot of the workspace at no cost. Answers are ordered by
URI, whatever the order of the changes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from rpds import HashTrieMap

from specql_lsp.items.entity import EntityItem
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import LineIndex, Position, Span


class EntitySource(Protocol):
    """What the index reads of a document."""

    @property
    def uri(self) -> str:
        """The document's URI."""

    @property
    def lines(self) -> LineIndex:
        """The index of its lines."""

    @property
    def entities(self) -> tuple[EntityItem, ...]:
        """The entities defined in it, in the order of the text."""


class TextSource(Protocol):
    """A text with a URI."""

    @property
    def uri(self) -> str:
        """The document's URI."""

    @property
    def lines(self) -> LineIndex:
        """The index of its lines."""


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


def facts_of(document: EntitySource) -> EntityFacts | None:
    """The facts of an entity file; None for any other file and where no entity has a name."""
    found = [_facts(document, entity, entity.name) for entity in document.entities if entity.name is not None]
    if not found:
        return None
    return replace(found[0], others=tuple(found[1:])) if len(found) > 1 else found[0]


def _facts(document: TextSource, entity: EntityItem, name: Scalar) -> EntityFacts:
    code = entity.table_code
    return EntityFacts(
        uri=document.uri,
        name=name.value,
        schema=entity.schema,
        code=entity.code,
        description=entity.description,
        name_place=place(document, name.span),
        code_place=place(document, code.span) if code else None,
        fields=entity.fields,
    )


def place(document: TextSource, span: Span) -> Place:
    """The place of a span of a document."""
    start = document.lines.position(span.start)
    end = document.lines.position(span.end)
    return Place(document.uri, span, start, end, document.lines.line_text(start.line))


_Bucket = tuple[EntityFacts, ...]
"""Entities that have something in common, ordered by file, those of one file in the order of the text."""
_Buckets: TypeAlias = "HashTrieMap[str, _Bucket]"


class WorkspaceIndex:
    """Entities by file, folder, name, schema and code; immutable, so that any thread may read it.

    Args:
        facts: the files to begin with.
    """

    __slots__ = ("_by_code", "_by_folder", "_by_name", "_by_schema", "_files", "_names", "_names_text", "_uris")

    def __init__(self, facts: Iterable[EntityFacts] = ()) -> None:
        self._files: HashTrieMap[str, EntityFacts] = HashTrieMap()
        self._by_folder: _Buckets = HashTrieMap()
        self._by_name: _Buckets = HashTrieMap()
        self._by_schema: _Buckets = HashTrieMap()
        self._by_code: _Buckets = HashTrieMap()
        # In order; None until they are asked for. Then each index hands them on to the next one.
        self._uris: tuple[str, ...] | None = None
        self._names: tuple[str, ...] | None = None
        self._names_text: str | None = None
        self._put_all({item.uri: item for item in facts})

    def put(self, uri: str, facts: EntityFacts | None) -> WorkspaceIndex:
        """The index with other facts for a file; None where it defines no entity any more. See ``put_all``."""
        return self.put_all({uri: facts})

    def put_all(self, files: Mapping[str, EntityFacts | None]) -> WorkspaceIndex:
        """The index with other facts for some files; this very index where nothing is new.

        O(log n) for each file, and a copy of what is known of every folder, schema, name and code concerned: many
        files are better put at once.
        """
        differing = {uri: facts for uri, facts in files.items() if facts != self._files.get(uri)}
        if not differing:
            return self
        changed = WorkspaceIndex.__new__(WorkspaceIndex)
        for name in WorkspaceIndex.__slots__:
            setattr(changed, name, getattr(self, name))
        changed._put_all(differing)  # noqa: SLF001 - nothing else has seen it yet
        return changed

    def _put_all(self, files: Mapping[str, EntityFacts | None]) -> None:
        """Changes this index, which nothing else has seen yet."""
        old: dict[str, _Bucket] = {}
        new: dict[str, _Bucket] = {}
        for uri, facts in files.items():
            before = self._files.get(uri)
            if before is None or facts is None:
                self._uris = _edited(self._uris, uri, present=facts is not None)
            self._files = self._files.discard(uri) if facts is None else self._files.insert(uri, facts)
            old[uri], new[uri] = before.all if before else (), facts.all if facts else ()
        self._by_folder = _replaced(self._by_folder, old, new, _folder)
        self._by_schema = _replaced(self._by_schema, old, new, _schema)
        self._by_code = _replaced(self._by_code, old, new, _code)
        names = self._by_name
        self._by_name = _replaced(names, old, new, _name)
        for name in {_name(facts) for bucket in (*old.values(), *new.values()) for facts in bucket}:
            is_there = name in self._by_name
            if is_there != (name in names):
                self._names = _edited(self._names, name, present=is_there)
                self._names_text = None

    def __len__(self) -> int:
        """How many files define an entity."""
        return len(self._files)

    def get(self, uri: str) -> EntityFacts | None:
        """The facts of one file: those of its first entity, which know the others."""
        return self._files.get(uri)

    @property
    def uris(self) -> tuple[str, ...]:
        """The files that define an entity, in order."""
        if self._uris is None:
            self._uris = tuple(sorted(self._files.keys()))
        return self._uris

    def all(self) -> Iterator[EntityFacts]:
        """The facts of every entity, those of a file's further documents behind its first."""
        for uri in self.uris:
            yield from self._files[uri].all

    @property
    def names_text(self) -> str:
        """The names of all entities in lower case, in order, each once, a line each, with a line break at both ends."""
        if self._names_text is None:
            if self._names is None:
                self._names = tuple(sorted(self._by_name.keys()))
            self._names_text = "\n".join(["", *self._names, ""])
        return self._names_text

    def in_folder(self, folder: str) -> tuple[EntityFacts, ...]:
        """The entities whose file is directly in a folder, given by its URI without a slash at its end."""
        return self._by_folder.get(folder, ())

    def in_schema(self, schema: str) -> tuple[EntityFacts, ...]:
        """The entities whose schema has that name; case does not matter."""
        return self._by_schema.get(schema.lower(), ())

    def named(self, name: str) -> tuple[EntityFacts, ...]:
        """The entities of that name; case does not matter."""
        return self._by_name.get(name.lower(), ())

    def using_code(self, code: str) -> tuple[EntityFacts, ...]:
        """The entities that use that table code (upper case)."""
        return self._by_code.get(code, ())

    def codes(self) -> KeysView[str]:
        """Every table code that a file uses, upper case. Quick to be asked for one; its order means nothing."""
        return self._by_code.keys()

    def sharing_codes(self) -> set[str]:
        """The files whose table code another file uses, too."""
        files = ({facts.uri for facts in users} for users in self._by_code.values() if len(users) > 1)
        return {uri for users in files if len(users) > 1 for uri in users}


def _uri(facts: EntityFacts) -> str:
    return facts.uri


def _folder(facts: EntityFacts) -> str:
    return facts.uri.rpartition("/")[0]


def _name(facts: EntityFacts) -> str:
    return facts.name.lower()


def _schema(facts: EntityFacts) -> str:
    return facts.schema.lower()


def _code(facts: EntityFacts) -> str | None:
    return facts.code


def _replaced(
    buckets: _Buckets, old: dict[str, _Bucket], new: dict[str, _Bucket], key_of: Callable[[EntityFacts], str | None]
) -> _Buckets:
    """The buckets with the entities of some files, given by URI, replaced."""
    by_key: dict[str, dict[str, list[EntityFacts]]] = {}
    for uri, entities in old.items():
        for facts in entities:
            key = key_of(facts)
            if key:
                by_key.setdefault(key, {})[uri] = []
    for uri, entities in new.items():
        for facts in entities:
            key = key_of(facts)
            if key:
                by_key.setdefault(key, {}).setdefault(uri, []).append(facts)
    for key, files in by_key.items():
        bucket = list(buckets.get(key, ()))
        for uri, replacing in files.items():
            start = bisect_left(bucket, uri, key=_uri)
            bucket[start : bisect_right(bucket, uri, lo=start, key=_uri)] = replacing
        buckets = buckets.insert(key, tuple(bucket)) if bucket else buckets.discard(key)
    return buckets


def _edited(ordered: tuple[str, ...] | None, item: str, *, present: bool) -> tuple[str, ...] | None:
    """Ordered texts with one more, or with one less; None while they are not known."""
    if ordered is None:
        return None
    at = bisect_left(ordered, item)
    return (*ordered[:at], item, *ordered[at:]) if present else (*ordered[:at], *ordered[at + 1 :])
