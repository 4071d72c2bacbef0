"""A registry YAML that shares content by anchors: where one place changes, the others keep all that they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.model import Domain, Entity
from specql_lsp.registry.snapshot import Snapshot
from tests.registry.test_yaml_resolution import kept
from tests.support.exports import read

TEXT = """\
domains:
  '1': &one
    name: a
    description: ''
    owner: {a: [1, 'b, c']}
    multi_tenant: false
    subdomains: &subdomains
      '01': &subdomain
        name: s
        description: ''
        next_entity_sequence: 2
        keep: [z]
        entities: &entities
          A: &a {table_code: '011011', entity_code: A, assigned_at: x, more: 1}
      '02': *subdomain
      '03': {name: t, description: '', next_entity_sequence: 2, keep: [z], entities: {A: *a}}
  '2': *one
  '3':
    name: c
    description: ''
    multi_tenant: false
    owner: {a: [1, 'b, c']}
    subdomains: *subdomains
  '4': {name: d, description: '', multi_tenant: false, owner: {a: [1, 'b, c']}, subdomains: {'01': *subdomain}}
"""
CHANGES = ("renamed", "subdomain renamed", "added", "removed", "subdomain removed", "domain removed", "code")


def changed(domain: Domain, change: str, number: int) -> Domain | None:
    """A domain after a change of it, or of its subdomain with that position."""
    if change == "domain removed":
        return None
    if change == "renamed":
        return domain._replace(name="new")
    subdomains = list(domain.subdomains)
    subdomain = subdomains[number]
    entity = Entity("B", f"01{domain.number}{subdomain.number}2", 2)
    match change:
        case "subdomain renamed":
            subdomains[number] = subdomain._replace(name="new")
        case "added":
            subdomains[number] = subdomain._replace(entities=(*subdomain.entities, entity), next_entity_sequence=3)
        case "removed":
            subdomains[number] = subdomain._replace(entities=())
        case "code":
            subdomains[number] = subdomain._replace(entities=(subdomain.entities[0]._replace(table_code="01101F"),))
        case _:
            del subdomains[number]
    return domain._replace(subdomains=tuple(subdomains))


def unknown_keys(registry: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What only the YAML has, by its place."""
    for number, domain in registry["domains"].items():
        yield (number, "owner"), domain.get("owner")
        for inner, subdomain in domain["subdomains"].items():
            yield (number, inner, "keep"), subdomain.get("keep")
            for name, entity in (subdomain["entities"] or {}).items():
                if name != "B":
                    yield (number, inner, name, "more"), entity.get("more")


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("position", [0, 1, 2, 3])
@pytest.mark.parametrize("change", CHANGES)
def test_what_only_the_yaml_has_stays_at_every_place(change: str, position: int, number: int) -> None:
    domains = list(read(TEXT).domains)
    if number >= len(domains[position].subdomains):
        number = 0
    domain = changed(domains[position], change, number)
    domains[position : position + 1] = [domain] if domain is not None else []
    after, made = kept(TEXT, Snapshot(tuple(domains)))
    assert made.resolution.refused == ()
    assert compare_all(Snapshot(tuple(domains)), read(after)) == ()
    before = dict(unknown_keys(yaml.safe_load(TEXT)))
    for place, value in unknown_keys(yaml.safe_load(after)):
        assert value == before[place], place
