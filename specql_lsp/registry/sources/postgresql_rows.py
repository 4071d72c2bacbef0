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
    return RowReader().domains_of(rows)


class RowReader:
    """Reads the rows of one registry again and again: what has not changed in between stays the same object."""

    def __init__(self) -> None:
        self._subdomains: dict[int, tuple[Row, Subdomain]] = {}
        self._domains: dict[int, tuple[Row, Domain]] = {}

    def domains_of(self, rows: Sequence[Row]) -> tuple[Domain, ...]:
        """The domains of all rows, as the function of that name gives them."""
        headers: dict[int, Row] = {}
        read: dict[int, tuple[Row, Subdomain]] = {}
        subdomains: dict[int, list[Subdomain]] = {}
        for row in rows:
            key = row[0]
            if key not in headers:
                headers[key] = row[:6]
                subdomains[key] = []
            if row[6] is not None:
                known = self._subdomains.get(row[6])
                # The server may give the entities in another order; then they are only read for nothing.
                read[row[6]] = known if known is not None and known[0][7:] == row[7:] else (row, _subdomain(row))
                subdomains[key].append(read[row[6]][1])
        self._subdomains = read
        domains = {key: self._domain(header, subdomains[key]) for key, header in headers.items()}
        self._domains = domains
        return tuple(sorted((domain for _, domain in domains.values()), key=lambda d: number_key(d.number)))

    def _domain(self, header: Row, subdomains: list[Subdomain]) -> tuple[Row, Domain]:
        key, number, name, description, multi_tenant, aliases = header
        ordered = tuple(sorted(subdomains, key=lambda s: number_key(s.number)))
        known = self._domains.get(key)
        if known is not None and known[0] == header and _are_the_same(known[1].subdomains, ordered):
            return known
        texts = tuple(alias for alias in aliases or () if alias is not None)
        return header, Domain(number, name, description, bool(multi_tenant), texts, ordered)


def _are_the_same(one: Sequence[Subdomain], other: Sequence[Subdomain]) -> bool:
    return len(one) == len(other) and all(left is right for left, right in zip(one, other, strict=True))


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
