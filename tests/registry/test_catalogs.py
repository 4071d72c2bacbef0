"""Catalogs: which source counts, what is searched, and that every folder is one."""

from __future__ import annotations

from pathlib import Path

import pytest

import specql_lsp.registry.catalogs as package
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.catalogs import CATALOG_NAMES, catalog
from specql_lsp.registry.catalogs.model import (
    Catalog,
    CatalogEntry,
    CatalogItem,
    Condition,
    DatabaseSource,
    Entries,
    FileSource,
    Reading,
    listing,
    named,
)
from specql_lsp.registry.catalogs.serialization import listing_to_json
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.syntax.text import Position
from tests.features.workspace_snippets import workspace


def entry(name: str, kind: str = "thing") -> CatalogEntry:
    return CatalogEntry(name, kind)


def file_source(name: str, *entries: CatalogEntry) -> FileSource:
    return FileSource(name, name.title(), lambda _index: entries)


def unread(_database: PostgresqlSource) -> Entries | None:
    raise AssertionError


def made(*sources: FileSource | DatabaseSource, folds_case: bool = False) -> Catalog:
    return Catalog("things", "Things", "thing", "All things.", sources, folds_case)


def names(of: Catalog, answers: dict[str, Reading] | None = None, search: str = "") -> list[tuple[str, str]]:
    return [(each.source, each.entry.name) for each in listing(of, WorkspaceIndex(), answers or {}, search).entries]


def test_every_folder_is_a_catalog() -> None:
    folders = {path.parent.name for path in Path(package.__file__).parent.glob("*/__init__.py")}
    assert folders == set(CATALOG_NAMES)
    for name in CATALOG_NAMES:
        found = catalog(name)
        assert found.name == name
        assert found.sources
        assert len({source.name for source in found.sources}) == len(found.sources)


def test_the_first_source_counts() -> None:
    things = made(file_source("own", entry("b"), entry("a")), file_source("standard", entry("a"), entry("c")))
    assert names(things) == [("own", "a"), ("own", "b"), ("standard", "c")]
    folded = made(
        file_source("own", entry("A")), file_source("standard", entry("a"), entry("a", "other")), folds_case=True
    )
    assert names(folded) == [("own", "A"), ("standard", "a")]


def test_what_the_database_gave_takes_its_place() -> None:
    database = DatabaseSource("database", "Database", unread)
    things = made(database, file_source("standard", entry("a")))
    assert names(things) == [("standard", "a")]
    reading = Reading(Condition.STALE, (entry("a"),), "It is away.")
    assert names(things, {"database": reading}) == [("database", "a")]
    listed = listing(things, WorkspaceIndex(), {"database": reading})
    assert [(each.condition, each.reason, each.shown) for each in listed.sources] == [
        (Condition.STALE, "It is away.", 1),
        (Condition.READ, "", 0),
    ]


def test_a_source_that_is_not_there_is_not_an_empty_one() -> None:
    things = made(FileSource("own", "Own", lambda _index: None), file_source("empty"))
    assert [each.condition for each in listing(things, WorkspaceIndex(), {}).sources] == [
        Condition.ABSENT,
        Condition.READ,
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [("CLOSE", ["close"]), ("moves state", ["move"]), ("reason", ["close"]), ("nothing", []), (" ", ["close", "move"])],
)
def test_search(search: str, expected: list[str]) -> None:
    close = CatalogEntry("close", "thing", items=(CatalogItem("reason"),))
    things = made(file_source("own", close, CatalogEntry("move", "thing", "Moves to another State")))
    assert [name for _, name in names(things, search=search)] == expected


def test_one_source_alone() -> None:
    things = made(file_source("own", entry("a")), file_source("standard", entry("a"), entry("b")))
    listed = listing(things, WorkspaceIndex(), {}, only="standard")
    assert [each.entry.name for each in listed.entries] == ["b"]


FILES = workspace(
    """
-- stdlib/actions/crud/create.yaml --
pattern: crud/create
version: 1.0
description: Our own way
parameters:
  - {name: after, type: array<string>, default: [a, b]}
  - {name: why, type: string, required: true}
template: 'steps: []'
-- stdlib/actions/own/move.yaml --
pattern: own/move
-- registry/service_registry.yaml --
services:
  - {name: Stripe, type: payment, operations: [{name: pay, input_schema: {a: b}, output_schema: {c: d}, timeout: 9}]}
"""
)


def test_patterns() -> None:
    listed = listing(catalog("patterns"), FILES.analysis().index, {})
    own = {each.entry.name: each.entry for each in listed.entries if each.source == "workspace"}
    assert list(own) == ["crud/create", "own/move"]
    assert [(item.name, item.detail) for item in own["crud/create"].items] == [
        ("after", "array<string> · default [a, b]"),
        ("why", "string · required"),
    ]
    place = own["crud/create"].items[1].place
    assert place is not None
    assert (place.start, place.end) == (Position(5, 11), Position(5, 14))
    standard = [each.entry.name for each in listed.entries if each.source == "specql"]
    assert "crud/delete" in standard
    assert "crud/create" not in standard
    assert [each.condition for each in listed.sources] == [Condition.READ, Condition.READ, Condition.ABSENT]


def test_services() -> None:
    listed = listing(catalog("services"), FILES.analysis().index, {})
    ((found,),) = (named(listed, "stripe"),)
    assert (found.entry.name, found.entry.detail) == ("Stripe", "payment")
    assert [(item.name, item.detail) for item in found.entry.items] == [("pay", "(a) → c")]
    assert "timeout 9 s" in found.entry.items[0].description
    assert listing(catalog("services"), WorkspaceIndex(), {}).sources[0].condition is Condition.ABSENT


def test_json_has_every_part() -> None:
    listed = listing(catalog("services"), FILES.analysis().index, {})
    document = listing_to_json(listed, lambda place: place.start.line)
    assert document["sources"] == [
        {"name": "workspace", "title": "Workspace", "state": "read", "reason": "", "entries": 1}
    ]
    (found,) = document["entries"]
    assert found["location"] == found["items"][0]["location"] == 1
