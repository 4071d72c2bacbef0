"""The index of entities across a workspace folder: which file defines which entity, and uses which code.

An index is immutable and built on persistent maps (``rpds``): a change makes a new index that shares all but a few
nodes with the one before, so that holding an index is a snapshot of the workspace at no cost. Answers are ordered by
URI, whatever the order of the changes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from rpds import HashTrieMap

from specql_lsp.index.library import LibraryFacts, PatternFacts, ServiceFacts
from specql_lsp.index.library_names import LibraryNames
from specql_lsp.index.name_search import line_start, text_of
from specql_lsp.index.summary import EntityFacts, FieldFacts, FileSummary, changed_uses, without_schema
from specql_lsp.index.symbols import Key

_Bucket = tuple[EntityFacts, ...]
"""Entities that have something in common, ordered by file, those of one file in the order of the text."""
_Buckets: TypeAlias = "HashTrieMap[str, _Bucket]"
_Users: TypeAlias = "HashTrieMap[Key, tuple[str, ...]]"
"""The files that use a name, in order; an entity's name without its schema, which may be an alias of another."""


_uri = attrgetter("uri")
_MOST_FILES = 20
"""Of more files at once the text of members' names is made again, when it is asked for."""
_FEW_OF_MANY = 16
"""Of so many times as many files in order, each new one is looked a place for."""
_KEPT_ACTIONS = 64
"""So many names of actions are remembered with the entities that have them."""


class Definition(NamedTuple):
    """An entity that a file defines: what does not depend on where in the file, or on what is in it."""

    uri: str
    name: str
    schema: str


class WorkspaceIndex:
    """Entities by file, folder, name, schema and code, and who uses a name; immutable, so that any thread may read it.

    Args:
        files: the files to begin with.
    """

    __slots__ = (
        *("_by_code", "_by_folder", "_by_name", "_by_schema"),
        *(
            "_files",
            "_libraries",
            "_library_names",
            "_member_names_text",
            "_names_text",
            "_uris",
            "_users",
            "_with_action",
        ),
    )

    def __init__(self, files: Iterable[FileSummary] = ()) -> None:
        self._files: HashTrieMap[str, FileSummary] = HashTrieMap()
        self._by_folder: _Buckets = HashTrieMap()
        self._by_name: _Buckets = HashTrieMap()
        self._by_schema: _Buckets = HashTrieMap()
        self._by_code: _Buckets = HashTrieMap()
        self._users: _Users = HashTrieMap()
        self._libraries: HashTrieMap[str, LibraryFacts] = HashTrieMap()
        self._library_names: LibraryNames | None = None
        # In order; None until they are asked for. Then each index hands them on to the next one.
        self._uris: tuple[str, ...] | None = None
        self._names_text: str | None = None
        self._member_names_text: str | None = None
        self._with_action: dict[str, tuple[EntityFacts, ...]] = {}
        self._put_all({item.uri: item for item in files})

    def put(self, uri: str, summary: FileSummary | None) -> WorkspaceIndex:
        """The index with another summary of a file; None if there is no entity in it any more. See ``put_all``."""
        return self.put_all({uri: summary})

    def put_all(self, files: Mapping[str, FileSummary | None]) -> WorkspaceIndex:
        """The index with other summaries of some files; this very index where nothing is new.

        O(log n) for each file, and a copy of what is known of every folder, schema, name and code concerned: many
        files are better put at once.
        """
        differing = {uri: summary for uri, summary in files.items() if summary != self._files.get(uri)}
        if not differing:
            return self
        changed = WorkspaceIndex.__new__(WorkspaceIndex)
        for name in WorkspaceIndex.__slots__:
            setattr(changed, name, getattr(self, name))
        changed._put_all(differing)  # noqa: SLF001 - nothing else has seen it yet
        return changed

    def _put_all(self, files: Mapping[str, FileSummary | None]) -> None:
        """Changes this index, which nothing else has seen yet."""
        old: dict[str, _Bucket] = {}
        new: dict[str, _Bucket] = {}
        old_codes: dict[str, _Bucket] = {}
        new_codes: dict[str, _Bucket] = {}
        used: dict[Key, dict[str, bool]] = {}
        for uri, summary in files.items():
            before = self._files.get(uri)
            if before is None or summary is None:
                self._uris = _edited(self._uris, uri, present=summary is not None)
            self._files = self._files.discard(uri) if summary is None else self._files.insert(uri, summary)
            library = summary.library if summary is not None else None
            if library is not None or (before is not None and before.library is not None):
                self._library_names = None
            if library is not None:
                self._libraries = self._libraries.insert(uri, library)
            elif before is not None and before.library is not None:
                self._libraries = self._libraries.discard(uri)
            was, is_now = before.entities if before else (), summary.entities if summary else ()
            if was != is_now:
                old[uri], new[uri] = was, is_now
            had, has = before.code_holders if before else (), summary.code_holders if summary else ()
            if had != has:
                old_codes[uri], new_codes[uri] = had, has
            for key, is_used in changed_uses(before, summary).items():
                used.setdefault(key, {})[uri] = is_used
        self._users = _with_users(self._users, used)
        if old_codes:
            self._by_code = _replaced(self._by_code, old_codes, new_codes, _code)
        if not old:
            return
        self._with_action = {}
        self._by_folder = _replaced(self._by_folder, old, new, _folder)
        self._by_schema = _replaced(self._by_schema, old, new, _schema)
        names = self._by_name
        self._by_name = _replaced(names, old, new, _name)
        if self._names_text is not None:
            for name in {_name(facts) for bucket in (*old.values(), *new.values()) for facts in bucket}:
                is_there = name in self._by_name
                if is_there != (name in names):
                    self._names_text = _with_line(self._names_text, name, present=is_there)
        if self._member_names_text is not None:
            self._member_names_text = _with_members(self._member_names_text, old, new)

    def __len__(self) -> int:
        """How many files define something that others may name."""
        return len(self._files)

    def get(self, uri: str) -> FileSummary | None:
        """The summary of one file."""
        return self._files.get(uri)

    def entity(self, uri: str) -> EntityFacts | None:
        """The entity of one file, the first where there are several; None where it has no name yet."""
        summary = self._files.get(uri)
        return summary.entities[0] if summary and summary.entities else None

    def users(self, key: Key) -> tuple[str, ...]:
        """The files that use a name, in order; those of an entity's whatever the schema that they write before it."""
        return self._users.get(without_schema(key), ())

    @property
    def uris(self) -> tuple[str, ...]:
        """The files that define something that others may name, in order."""
        if self._uris is None:
            self._uris = tuple(sorted(self._files.keys()))
        return self._uris

    def all(self) -> Iterator[EntityFacts]:
        """The facts of every entity, those of a file's further documents behind its first."""
        for uri in self.uris:
            yield from self._files[uri].entities

    @property
    def names_text(self) -> str:
        """The names of all entities in lower case, in order, each once, a line each, with a line break at both ends."""
        if self._names_text is None:
            self._names_text = text_of(self._by_name.keys())
        return self._names_text

    @property
    def member_names_text(self) -> str:
        """The names of all fields and actions in lower case, as ``names_text``; some may be of none any more."""
        if self._member_names_text is None:
            self._member_names_text = text_of(name for facts in self.all() for name in _member_names(facts))
        return self._member_names_text

    def in_folder(self, folder: str) -> tuple[EntityFacts, ...]:
        """The entities whose file is directly in a folder, given by its URI without a slash at its end."""
        return self._by_folder.get(folder, ())

    def in_schema(self, schema: str) -> tuple[EntityFacts, ...]:
        """The entities whose schema has that name; case does not matter."""
        return self._by_schema.get(schema.lower(), ())

    def named(self, name: str) -> tuple[EntityFacts, ...]:
        """The entities of that name; case does not matter."""
        return self._by_name.get(name.lower(), ())

    def schemas_of(self, name: str) -> tuple[str, ...]:
        """The schemas that have an entity of that name (case does not matter), each once, in the order of the files."""
        return tuple(dict.fromkeys(facts.schema for facts in self.named(name)))

    def defining(self, name: str, schema: str) -> tuple[EntityFacts, ...]:
        """The entities of that name in the schema of that name; case does not matter."""
        return tuple(facts for facts in self.named(name) if facts.schema.lower() == schema.lower())

    def definitions(self, name: str) -> tuple[Definition, ...]:
        """Where an entity of that name is defined (case does not matter), in the order of the files."""
        return tuple(Definition(facts.uri, facts.name, facts.schema) for facts in self.named(name))

    def field(self, entity: Definition, name: str) -> FieldFacts | None:
        """The field of that name of a defined entity; case does not matter, as in SQL without quotes."""
        lowered = name.lower()
        return next((field for field in self.fields(entity) if field.name.lower() == lowered), None)

    def fields(self, entity: Definition) -> tuple[FieldFacts, ...]:
        """Every field of a defined entity."""
        summary = self._files.get(entity.uri)
        for facts in summary.entities if summary is not None else ():
            if (facts.name, facts.schema) == entity[1:]:
                return facts.fields
        return ()

    def pattern(self, name: str) -> PatternFacts | None:
        """The action pattern of that name that a file of the workspace has."""
        return self._library.patterns.get(name)

    def pattern_names(self) -> tuple[str, ...]:
        """The names of the action patterns that files of the workspace have, in order; none where there are none."""
        return self._library.pattern_names

    def service(self, name: str) -> ServiceFacts | None:
        """The service of that name; case does not matter."""
        return self._library.services.get(name.lower())

    def service_names(self) -> tuple[str, ...]:
        """The names of the services of the workspace, in order; none where it has no service registry."""
        return self._library.service_names

    @property
    def _library(self) -> LibraryNames:
        if self._library_names is None:
            self._library_names = LibraryNames(self.libraries())
        return self._library_names

    def libraries(self) -> Iterator[LibraryFacts]:
        """What each file has of patterns and services, in the order of the files, names that it repeats included."""
        return (self._libraries[uri] for uri in sorted(self._libraries.keys()))

    def with_action(self, name: str) -> tuple[EntityFacts, ...]:
        """The entities that have an action of that name. Every entity is looked at, once for each name."""
        found = self._with_action.get(name)
        if found is None:
            found = tuple(facts for facts in self.all() if name in facts.actions)
            kept = self._with_action if len(self._with_action) < _KEPT_ACTIONS else {}
            self._with_action = {**kept, name: found}  # another thread may read the last one
        return found

    def using_code(self, code: str) -> tuple[EntityFacts, ...]:
        """The entities that use that table code (upper case)."""
        return self._by_code.get(code, ())

    def codes(self) -> KeysView[str]:
        """Every table code that a file uses, upper case. Quick to be asked for one; its order means nothing."""
        return self._by_code.keys()


def _member_names(facts: EntityFacts) -> Iterator[str]:
    yield from (field.name.lower() for field in facts.fields)
    yield from (action.lower() for action in facts.actions)


def _folder(facts: EntityFacts) -> str:
    return facts.uri.rpartition("/")[0]


def _name(facts: EntityFacts) -> str:
    return facts.name.lower()


def _schema(facts: EntityFacts) -> str:
    return facts.schema.lower()


def _code(facts: EntityFacts) -> str | None:
    return facts.code


def _with_users(users: _Users, changes: Mapping[Key, Mapping[str, bool]]) -> _Users:
    """The users of names with some files more and some less: for each key and file, whether it uses it now."""
    for key, files in changes.items():
        known = users.get(key, ())
        if len(files) == 1:
            [(uri, present)] = files.items()
            ordered = _edited(known, uri, present=present) or ()
        else:
            ordered = _with_more(known, files)
        users = users.insert(key, ordered) if ordered else users.discard(key)
    return users


def _with_more(known: tuple[str, ...], files: Mapping[str, bool]) -> tuple[str, ...]:
    """Ordered files with some more and some less; of those that are there now none was there before."""
    kept = list(known) if all(files.values()) else [uri for uri in known if uri not in files]
    added = [uri for uri, present in files.items() if present]
    if len(added) * _FEW_OF_MANY > len(kept):
        return tuple(sorted([*kept, *added]))
    for uri in added:  # without a comparison of all others, as a thousand files may have one schema
        insort(kept, uri)
    return tuple(kept)


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
            start = stop = bisect_left(bucket, uri, key=_uri)
            while stop < len(bucket) and bucket[stop].uri == uri:
                stop += 1
            bucket[start:stop] = replacing
        buckets = buckets.insert(key, tuple(bucket)) if bucket else buckets.discard(key)
    return buckets


def _edited(ordered: tuple[str, ...] | None, item: str, *, present: bool) -> tuple[str, ...] | None:
    """Ordered texts with one more, or with one less; None while they are not known."""
    if ordered is None:
        return None
    at = bisect_left(ordered, item)
    return (*ordered[:at], item, *ordered[at:]) if present else (*ordered[:at], *ordered[at + 1 :])


def _with_members(text: str, old: Mapping[str, _Bucket], new: Mapping[str, _Bucket]) -> str | None:
    """The text of members' names with those that are new; None where it is better made again.

    Names that may be of none any more stay: to know that, every entity would have to be looked at.
    """
    if len(new) > _MOST_FILES:
        return None
    known = {name for bucket in old.values() for facts in bucket for name in _member_names(facts)}
    for name in {name for bucket in new.values() for facts in bucket for name in _member_names(facts)} - known:
        if f"\n{name}\n" not in text:
            text = _with_line(text, name, present=True)
    return text


def _with_line(text: str, line: str, *, present: bool) -> str:
    """A text of ordered lines, with a line break at both ends, with a line more, or with one less."""
    low = line_start(text, line)
    return f"{text[:low]}{line}\n{text[low:]}" if present else text[:low] + text[low + len(line) + 1 :]
