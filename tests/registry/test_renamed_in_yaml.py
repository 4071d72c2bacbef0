"""Many entities that PostgreSQL has under other names: the registry YAML follows, and so do derived short codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import yaml

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.yaml_edits.export import export_registry
from specql_lsp.registry.yaml_edits.resolution import keep_postgresql_side
from specql_lsp.registry.yaml_edits.text import ParsedText
from specql_lsp.syntax.editing.text_edit import apply
from tests.support.exports import NOW, read


def registry(*names: str) -> Snapshot:
    """One subdomain whose entities have these names and codes in order."""
    entities = tuple(Entity(name, f"0115{number:02X}", number) for number, name in enumerate(names, 1))
    return Snapshot((Domain("1", "core", None, False, (), (Subdomain("5", "many", None, len(names) + 1, entities),)),))


def renamed(text: str, after: Snapshot) -> str:
    made = keep_postgresql_side(ParsedText(text), compare(after, read(text)), after, NOW)
    assert made.resolution.refused == ()
    return apply(text, made.edits)


def short_codes(text: str) -> list[str]:
    entities: dict[str, Any] = yaml.safe_load(text)["domains"]["1"]["subdomains"]["5"]["entities"]
    return [each["entity_code"] for each in entities.values()]


@contextmanager
def calls(code: object) -> Iterator[list[int]]:
    """Counts the calls of a function, and how often a generator goes on, as the one item of a list."""
    count = [0]

    def look(frame: FrameType, event: str, _argument: object) -> None:
        count[0] += event == "call" and frame.f_code is code

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield count
    finally:
        sys.setprofile(before)


def test_two_that_are_renamed_at_once_get_different_short_codes() -> None:
    text = export_registry(registry("Task", "Contact"), None, NOW)
    assert short_codes(text) == ["TSK", "CNT"]
    after = renamed(text, registry("Manufacturer", "Manifesto"))
    assert sorted(short_codes(after)) == ["MNA", "MNF"]


def test_chosen_codes_stay() -> None:
    text = export_registry(registry("Task", "Contact"), None, NOW).replace("TSK", "T1K")
    assert short_codes(renamed(text, registry("Chore", "Person"))) == ["T1K", "PRS"]


def test_hundreds_of_one_kind_are_told_apart_and_looked_through_once() -> None:
    names = [f"Thing{number}" for number in range(200)]
    text = export_registry(registry(*names), None, NOW)
    assert len(set(short_codes(text))) == 200
    with calls(RegistryFile.entities.__code__) as count:
        after = renamed(text, registry(*(f"Matter{number}" for number in range(200))))
    found = short_codes(after)
    assert len(set(found)) == 200
    assert all(each.startswith("M") for each in found)
    assert count[0] < 2000  # resumed for each of 200 entities, some times
