"""Rows of ``load.sql`` to the registry's model. Knows the columns' order and nothing of connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specql_lsp.registry.changes import entity_key
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.yaml_snapshot import number_key

Row = tuple[Any, ...]
"""The columns of ``load.sql``."""


def domains_of(rows: Sequence[Row]) -> tuple[Domain, ...]:
    """The domains of all rows, in the order that every source gives: numbers, shorter first; entities by sequence."""
    headers: dict[int, Row] = {}
    subdomains: dict[int, list[Subdomain]] = {}
    for row in rows:
        pk_domain = row[0]
        if pk_domain not in headers:
            headers[pk_domain] = row
            subdomains[pk_domain] = []
        if row[6] is not None:
            subdomains[pk_domain].append(_subdomain(row))
    domains = [
        Domain(
            number,
            name,
            description,
            bool(multi_tenant),
            tuple(alias for alias in aliases or () if alias is not None),
            tuple(sorted(subdomains[pk_domain], key=lambda s: number_key(s.number))),
        )
        for pk_domain, number, name, description, multi_tenant, aliases, *_ in headers.values()
    ]
    return tuple(sorted(domains, key=lambda d: number_key(d.number)))


def combined(locked: Sequence[Row], entities: Sequence[Row], known: Sequence[Row], domain: Domain) -> list[Row]:
    """Rows of ``load.sql`` for the decision on an allocation, from what ``allocate_look.sql`` gives.

    Args:
        locked: the rows, without entities, of the subdomains that are locked.
        entities: subdomain's key, name, table code and sequence of the entities that matter, in any domain.
        known: rows of an earlier load, for the headers of what is not locked.
        domain: the domain to have with all its subdomains.
    """
    held: dict[int, tuple[list[str], list[str], list[int]]] = {}
    for key, name, code, sequence in entities:
        names, codes, sequences = held.setdefault(key, ([], [], []))
        names.append(name)
        codes.append(code)
        sequences.append(sequence)
    headers = {row[6]: row for row in locked}
    for row in known:
        if row[6] not in headers and (row[1] == domain.number or row[6] in held):
            headers[row[6]] = row[:11]
    for key in held:
        if key not in headers:  # added by others since the load; only its codes matter
            headers[key] = (-key, "", "another domain", None, False, [], key, "", "", None, None)
    return [header + held.get(key, _NO_ENTITIES) for key, header in headers.items()]


_NO_ENTITIES = (None, None, None)


def subdomain_digits(rows: Sequence[Row]) -> list[tuple[int, str]]:
    """The key of every subdomain, and the digits that its codes have after the layer."""
    return [(row[6], (row[1] + row[7]).upper()) for row in rows if row[6] is not None]


def padded_entities(rows: Sequence[Row]) -> list[Row]:
    """The entities whose codes have white space around them, as ``allocate_look.sql`` would give them.

    No index finds those by their digits, so they are kept in mind.
    """
    return [
        (row[6], name, code, sequence)
        for row in rows
        if row[11] is not None
        for name, code, sequence in zip(*row[11:14], strict=True)
        if code != code.strip()
    ]


def subdomain_key(rows: Sequence[Row], domain: Domain, subdomain: Subdomain) -> int | None:
    """The primary key of a subdomain; None where the rows do not hold it."""
    return next((row[6] for row in rows if row[1] == domain.number and row[7] == subdomain.number), None)


def _subdomain(row: Row) -> Subdomain:
    number, name, description, counter, names, codes, sequences = row[7:]
    if names is None:
        return Subdomain(number, name, description, counter)
    entities = [Entity(*columns) for columns in zip(names, codes, sequences, strict=True)]
    entities.sort(key=entity_key)
    return Subdomain(number, name, description, counter, tuple(entities))
