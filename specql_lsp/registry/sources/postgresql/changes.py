"""The statements that make changes of a registry: query files with their values. Knows nothing of connections."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from specql_lsp.registry.consistency.changes import Add, Change, Move, Remove, Replace
from specql_lsp.registry.model import Domain, Entity, RegistryPath, Subdomain


class _Row(NamedTuple):
    """What one change, or a part of it, needs of a query."""

    query: str
    values: Mapping[str, Any]
    """What the rows that share a query have in common."""
    columns: Mapping[str, Any]
    """What each of them has, as items of the arrays with these names; empty if the query takes one row."""


def statements(changes: Sequence[Change]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The queries, each with its values, that make the changes; consecutive ones share a query where it takes arrays.

    None of those that share a query may need that another one is made first.
    """
    rows = (row for change in changes for row in _rows(change))
    for (query, values), group in itertools.groupby(rows, key=lambda row: (row.query, row.values)):
        columns = [row.columns for row in group]
        if columns[0]:
            yield query, {**values, **{name: [each[name] for each in columns] for name in columns[0]}}
        else:
            yield from ((query, values) for _ in columns)


def _rows(change: Change) -> Iterator[_Row]:
    match change:
        case Add(node=Domain() as domain):
            yield _Row("add_domain", {"number": domain.number, **_domain_values(domain)}, {})
            yield from _added_subdomains(domain.number, domain.subdomains)
        case Add(node=Subdomain() as subdomain, parent=RegistryPath(domain=number)):
            yield from _added_subdomains(number, (subdomain,))
        case Add(node=Entity() as entity, parent=RegistryPath(domain=number, subdomain=str(within))):
            yield _added_entity(number, within, entity)
        case Replace(path=path, node=Domain() as domain):
            yield _Row("replace_domain", {**path._asdict(), **_domain_values(domain)}, {})
        case Replace(path=path, node=Subdomain() as subdomain):
            values = {
                "names": subdomain.name,
                "descriptions": subdomain.description,
                "counters": subdomain.next_entity_sequence,
            }
            yield _Row("replace_subdomains", {}, {"domains": path.domain, "subdomains": path.subdomain, **values})
        case Replace(path=path, node=Entity() as entity):
            values = {"names": entity.name, "codes": entity.table_code, "sequences": entity.sequence}
            yield _Row("replace_entities", {}, {**_entity_columns(path), **values})
        case Move(path=path, entity=entity, parent=parent):
            values = {"code": entity.table_code, "sequence": entity.sequence, "within": parent.subdomain}
            yield _Row("move_entity", {**path._asdict(), **values}, {})
        case Remove(path=RegistryPath(subdomain=None) as path):
            yield _Row("remove_domain", path._asdict(), {})
        case Remove(path=RegistryPath(entity=None) as path):
            yield _Row("remove_subdomain", path._asdict(), {})
        case Remove(path=path):
            yield _Row("remove_entities", {}, _entity_columns(path))
        case _:
            raise ValueError("a subdomain or an entity can only be added to a parent")


def _entity_columns(path: RegistryPath) -> dict[str, Any]:
    return {"domains": path.domain, "subdomains": path.subdomain, "entities": path.entity}


def _domain_values(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "description": domain.description,
        "multi_tenant": domain.multi_tenant,
        "aliases": list(domain.aliases),
    }


def _added_subdomains(domain: str, subdomains: Sequence[Subdomain]) -> Iterator[_Row]:
    for each in subdomains:
        columns = {
            "numbers": each.number,
            "names": each.name,
            "descriptions": each.description,
            "counters": each.next_entity_sequence,
        }
        yield _Row("add_subdomains", {"domain": domain}, columns)
    for each in subdomains:
        for entity in each.entities:
            yield _added_entity(domain, each.number, entity)


def _added_entity(domain: str, subdomain: str, entity: Entity) -> _Row:
    columns = {
        "subdomains": subdomain,
        "names": entity.name,
        "codes": entity.table_code,
        "sequences": entity.sequence,
    }
    return _Row("add_entities", {"domain": domain}, columns)
