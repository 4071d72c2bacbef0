"""Catalogs as JSON, in the shape of ``specql.listCatalogs``. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specql_lsp.index.symbols import Place
from specql_lsp.registry.catalogs.model import CatalogEntry, Listed, Listing

PlaceToJson = Callable[[Place], Any]


def listing_to_json(listed: Listing, place: PlaceToJson) -> dict[str, Any]:
    """A catalog with its sources and entries.

    Args:
        listed: the catalog.
        place: makes the JSON of a place in a file.
    """
    catalog = listed.catalog
    return {
        "name": catalog.name,
        "title": catalog.title,
        "noun": catalog.noun,
        "about": catalog.about,
        "sources": [
            {
                "name": source.name,
                "title": source.title,
                "state": source.condition.value,
                "reason": source.reason,
                "entries": source.shown,
            }
            for source in listed.sources
        ],
        "entries": [entry_to_json(each, place) for each in listed.entries],
    }


def entry_to_json(listed: Listed, place: PlaceToJson) -> dict[str, Any]:
    """An entry with its parts."""
    entry: CatalogEntry = listed.entry
    return {
        "name": entry.name,
        "kind": entry.kind,
        "source": listed.source,
        "description": entry.description,
        "detail": entry.detail,
        "deprecated": entry.deprecated,
        "replacement": entry.replacement,
        "location": place(entry.place) if entry.place is not None else None,
        "items": [
            {
                "name": item.name,
                "detail": item.detail,
                "description": item.description,
                "location": place(item.place) if item.place is not None else None,
            }
            for item in entry.items
        ],
    }
