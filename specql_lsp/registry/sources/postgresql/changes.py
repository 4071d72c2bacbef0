"""The statements that make changes of a registry: query files with their values. Knows nothing of connections."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specql_lsp.registry.consistency.changes import Add, Change, Remove, Replace
from specql_lsp.registry.model import Domain, Entity, RegistryPath, Subdomain


def statements(changes: Sequence[Change]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The queries, each with its values, that make the changes; one adds all consecutive entities of one domain."""
    marked = [(change, _added_entity(change)) for change in changes]
    for domain, group in itertools.groupby(marked, key=lambda item: item[1][0] if item[1] else None):
        if domain is None:
            for change, _ in group:
                yield from _statements(change)
        else:
            yield _add_entities(domain, [(added[1], added[2]) for _, added in group if added])


def _added_entity(change: Change) -> tuple[str, str, Entity] | None:
    """Domain, subdomain and the entity that a change adds to them; None for any other change."""
    match change:
        case Add(node=Entity() as entity, parent=RegistryPath(domain=domain, subdomain=str(subdomain))):
            return domain, subdomain, entity
    return None


def _statements(change: Change) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The queries, each with its values, that make a change."""
    match change:
        case Add(node=Domain() as domain):
            yield "add_domain", {"number": domain.number, **_domain_values(domain)}
            yield from _add_subdomains(domain.number, domain.subdomains)
        case Add(node=Subdomain() as subdomain, parent=RegistryPath(domain=number)):
            yield from _add_subdomains(number, (subdomain,))
        case Replace(path=path, node=Domain() as domain):
            yield "replace_domain", {**path._asdict(), **_domain_values(domain)}
        case Replace(path=path, node=Subdomain() as subdomain):
            yield (
                "replace_subdomain",
                {
                    **path._asdict(),
                    "name": subdomain.name,
                    "description": subdomain.description,
                    "counter": subdomain.next_entity_sequence,
                },
            )
        case Replace(path=path, node=Entity() as entity):
            yield (
                "replace_entity",
                {
                    **path._asdict(),
                    "name": entity.name,
                    "code": entity.table_code,
                    "sequence": entity.sequence,
                },
            )
        case Remove(path=RegistryPath(subdomain=None) as path):
            yield "remove_domain", path._asdict()
        case Remove(path=RegistryPath(entity=None) as path):
            yield "remove_subdomain", path._asdict()
        case Remove(path=path):
            yield "remove_entity", path._asdict()
        case _:
            raise ValueError("a subdomain can only be added to a domain")


def _domain_values(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "description": domain.description,
        "multi_tenant": domain.multi_tenant,
        "aliases": list(domain.aliases),
    }


def _add_subdomains(domain: str, subdomains: Sequence[Subdomain]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not subdomains:
        return
    yield (
        "add_subdomains",
        {
            "domain": domain,
            "numbers": [s.number for s in subdomains],
            "names": [s.name for s in subdomains],
            "descriptions": [s.description for s in subdomains],
            "counters": [s.next_entity_sequence for s in subdomains],
        },
    )
    entities = [(s.number, entity) for s in subdomains for entity in s.entities]
    if entities:
        yield _add_entities(domain, entities)


def _add_entities(domain: str, entities: Sequence[tuple[str, Entity]]) -> tuple[str, Mapping[str, Any]]:
    return (
        "add_entities",
        {
            "domain": domain,
            "subdomains": [subdomain for subdomain, _ in entities],
            "names": [entity.name for _, entity in entities],
            "codes": [entity.table_code for _, entity in entities],
            "sequences": [entity.sequence for _, entity in entities],
        },
    )
