"""What a catalog is: entries with names, the sources that have them, and which source counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from specql_lsp.index.symbols import Place
from specql_lsp.index.workspace_index import WorkspaceIndex

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource


class CatalogItem(NamedTuple):
    """A part of an entry: a parameter of a pattern, an operation of a service."""

    name: str
    detail: str = ""
    """What it is, in a few words: ``array<string> · required``."""
    description: str = ""
    place: Place | None = None


class CatalogEntry(NamedTuple):
    """One thing in a catalog."""

    name: str
    kind: str
    """What it is: ``action pattern``, ``service`` …; entries of two kinds may have the same name."""
    description: str = ""
    detail: str = ""
    """What lists show behind the name, in a few words."""
    items: tuple[CatalogItem, ...] = ()
    place: Place | None = None
    """Where a file of the workspace defines it."""
    deprecated: str | None = None
    """Why it should not be used any more (it may be empty); None for an entry that may be."""
    replacement: str | None = None
    """The name of the entry to use instead of a deprecated one."""


Entries: TypeAlias = tuple[CatalogEntry, ...]


class FileSource(NamedTuple):
    """A source that the workspace's files have, or the program itself."""

    name: str
    title: str
    read: Callable[[WorkspaceIndex], Entries | None]
    """None where the workspace has no such source, which is not an empty one."""


class DatabaseSource(NamedTuple):
    """A source that the registry's database has."""

    name: str
    title: str
    read: Callable[[PostgresqlSource], Entries | None]
    """Called on the registry's worker. None where the database has no such source; raises ``SourceUnavailableError``
    where it cannot be read."""


CatalogSource: TypeAlias = FileSource | DatabaseSource


class Catalog(NamedTuple):
    """A registry with a primary source and fallbacks: of entries with one kind and name, the first source's counts."""

    name: str
    title: str
    """What views call it."""
    noun: str
    """What one of its entries is called."""
    about: str
    """One sentence: what it holds, and where that comes from."""
    sources: tuple[CatalogSource, ...]
    """The primary one first."""
    folds_case: bool = False
    """Whether names compare without regard to case."""

    def key(self, entry: CatalogEntry) -> tuple[str, str]:
        """What two entries have in common that mean the same."""
        return entry.kind, entry.name.lower() if self.folds_case else entry.name

    def has_name(self, entry: CatalogEntry, name: str) -> bool:
        """Whether an entry is called that."""
        return entry.name.lower() == name.lower() if self.folds_case else entry.name == name

    @property
    def database_sources(self) -> tuple[DatabaseSource, ...]:
        """The sources that the registry's worker has to ask."""
        return tuple(source for source in self.sources if isinstance(source, DatabaseSource))


class Condition(StrEnum):
    """What is known of a source."""

    READ = "read"
    STALE = "stale"
    """It cannot be read now; what it had last is shown."""
    UNAVAILABLE = "unavailable"
    """It cannot be read, and was not read before."""
    ABSENT = "absent"
    """There is no such source."""


class Reading(NamedTuple):
    """What a source gave."""

    condition: Condition
    entries: Entries = ()
    reason: str = ""
    """Why it could not be read, as a sentence."""


class SourceStatus(NamedTuple):
    """A source in a listing."""

    name: str
    title: str
    condition: Condition
    reason: str
    shown: int
    """How many of its entries are listed."""


class Listed(NamedTuple):
    """An entry in a listing, with the source that it is from."""

    source: str
    entry: CatalogEntry


class Listing(NamedTuple):
    """A catalog as it is listed."""

    catalog: Catalog
    entries: tuple[Listed, ...]
    sources: tuple[SourceStatus, ...]


def listing(
    catalog: Catalog, index: WorkspaceIndex, answers: Mapping[str, Reading], search: str = "", only: str | None = None
) -> Listing:
    """The entries of a catalog: those of the primary source, then of each fallback what no source before it has.

    Args:
        catalog: the catalog.
        index: what the workspace's files define.
        answers: what the database's sources gave, by their names; one that is not among them was not asked.
        only: the name of the one source whose entries are listed; None: all.
        search: only entries that have each of these words in their name, description, detail or parts.
    """
    words = search.lower().split()
    known: set[tuple[str, str]] = set()
    entries: list[Listed] = []
    statuses: list[SourceStatus] = []
    for source in catalog.sources:
        reading = answers.get(source.name, Reading(Condition.ABSENT))
        if isinstance(source, FileSource):
            found = source.read(index)
            reading = Reading(Condition.ABSENT) if found is None else Reading(Condition.READ, found)
        own = [entry for entry in reading.entries if catalog.key(entry) not in known]
        known.update(map(catalog.key, own))
        shown = [Listed(source.name, entry) for entry in own if only in {None, source.name} and _has(entry, words)]
        entries += sorted(shown, key=lambda each: (each.entry.kind, each.entry.name.lower()))
        statuses.append(SourceStatus(source.name, source.title, reading.condition, reading.reason, len(shown)))
    return Listing(catalog, tuple(entries), tuple(statuses))


def _has(entry: CatalogEntry, words: list[str]) -> bool:
    if not words:
        return True
    parts = (entry.name, entry.kind, entry.description, entry.detail, *(item.name for item in entry.items))
    text = "\n".join(parts).lower()
    return all(word in text for word in words)


def named(listed: Listing, name: str) -> tuple[Listed, ...]:
    """The entries of a name, of whatever kind."""
    return tuple(each for each in listed.entries if listed.catalog.has_name(each.entry, name))
