"""Reads the sources of catalogs that are in the registry's database, and keeps what each gave last as its fallback."""

from __future__ import annotations

from specql_lsp.registry.catalogs.model import Catalog, Condition, DatabaseSource, Entries, Reading
from specql_lsp.registry.sources.base import SourceUnavailableError


class LastReadings:
    """What the database's sources of one folder gave last. Used on one thread."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entries] = {}

    def read(self, catalog: Catalog, source: DatabaseSource, entries: Entries | None) -> Reading:
        """What a source has, which was read just now; ``entries`` is None where there is no such source."""
        key = catalog.name, source.name
        if entries is None:
            self._entries.pop(key, None)
            return Reading(Condition.ABSENT)
        self._entries[key] = entries
        return Reading(Condition.READ, entries)

    def failed(self, catalog: Catalog, source: DatabaseSource, error: SourceUnavailableError) -> Reading:
        """What is known of a source that cannot be read: what it had last."""
        last = self._entries.get((catalog.name, source.name))
        if last is None:
            return Reading(Condition.UNAVAILABLE, reason=error.reason)
        return Reading(Condition.STALE, last, error.reason)
