"""Rows of ``load.sql`` to the registry's model. Knows the columns' order and nothing of connections.

A registry that a program made without SpecQL's constraints can hold anything. What the model cannot hold is an error
that names the row, so that it never reaches what compares, sorts and indexes the registry.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from specql_lsp.registry.consistency.changes import entity_key
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.texts import shown
from specql_lsp.registry.sources.yaml.lowering import number_key

Row = tuple[Any, ...]
"""The columns of ``load.sql``."""


def domains_of(rows: Sequence[Row]) -> tuple[Domain, ...]:
    """The domains of all rows, in the order that every source gives: numbers, shorter first; entities by sequence."""
    return RowReader().domains_of(rows)


class RowReader:
    """Reads the rows of one registry again and again: what has not changed in between stays the same object."""

    def __init__(self) -> None:
        self._subdomains: dict[int, tuple[Row, Subdomain]] = {}
        self._domains: dict[int, tuple[Row, list[Subdomain], Domain]] = {}

    def domains_of(self, rows: Sequence[Row]) -> tuple[Domain, ...]:
        """The domains of all rows, in the order that every source gives: numbers, shorter first; entities by sequence.

        Raises:
            SourceUnavailableError: a row cannot be understood; the reason names it.
        """
        headers: dict[int, Row] = {}
        read: dict[int, tuple[Row, Subdomain]] = {}
        subdomains: dict[int, list[Subdomain]] = {}
        for row in rows:
            key = row[0]
            if key is None:
                raise odd_row(*_orphan(row))
            if row[6] is None and row[7:11] != _NOTHING:
                raise odd_row(_SUBDOMAINS, shown(f"subdomain_name {row[8]!r}"), "has null as pk_subdomain")
            if key not in headers:
                headers[key] = row[:6]
                subdomains[key] = []
            elif headers[key] != row[:6] or row[6] is None:
                raise odd_row(_DOMAINS, f"pk_domain = {key}", "is there more than once")
            if row[6] in read:
                raise odd_row(_SUBDOMAINS, f"pk_subdomain = {row[6]}", "is there more than once")
            if row[6] is not None:
                known = self._subdomains.get(row[6])
                # The server may give the entities in another order; then they are only read for nothing.
                is_known = known is not None and (known[0] is row or known[0][7:] == row[7:])
                read[row[6]] = known if known is not None and is_known else (row, _subdomain(row, known))
                subdomains[key].append(read[row[6]][1])
        self._subdomains = read
        domains = {key: self._domain(header, subdomains[key]) for key, header in headers.items()}
        self._domains = domains
        return tuple(sorted((domain for _, _, domain in domains.values()), key=lambda d: number_key(d.number)))

    def domains_of_several_moments(self, rows: Sequence[Row]) -> tuple[Domain, ...]:
        """The domains of rows from ``merged_rows``: where two rows of a domain differ, the first one counts."""
        first: dict[int, Row] = {}
        return self.domains_of([first.setdefault(row[0], row)[:6] + row[6:] for row in rows])

    def _domain(self, header: Row, subdomains: list[Subdomain]) -> tuple[Row, list[Subdomain], Domain]:
        key, number, name, description, multi_tenant, aliases = header
        known = self._domains.get(key)
        has_header = known is not None and known[0] == header
        if known is not None and has_header and _are_the_same(known[1], subdomains):
            return known
        ordered = tuple(sorted(subdomains, key=lambda s: number_key(s.number)))
        if known is not None and has_header and _are_the_same(known[2].subdomains, ordered):
            return header, subdomains, known[2]
        where = f"pk_domain = {key}"
        _check_text(_DOMAINS, where, "domain_number", number)
        _check_text(_DOMAINS, where, "domain_name", name)
        _check(_DOMAINS, where, "description", description, str)
        _check(_DOMAINS, where, "multi_tenant", multi_tenant, bool)
        _check(_DOMAINS, where, "aliases", aliases, list)
        for alias in aliases or ():
            _check(_DOMAINS, where, "aliases", alias, str, "holds")
        texts = tuple(alias for alias in aliases or () if alias is not None)
        return header, subdomains, Domain(number, name, description, bool(multi_tenant), texts, ordered)


def _are_the_same(one: Sequence[Subdomain], other: Sequence[Subdomain]) -> bool:
    return len(one) == len(other) and all(left is right for left, right in zip(one, other, strict=True))


def merged_rows(locked: Sequence[Row], entities: Sequence[Row], known: Lookups, domain: Domain) -> list[Row]:
    """Rows of ``load.sql`` for the decision on an allocation, from what ``allocate_look.sql`` gives.

    Args:
        locked: the rows, without entities, of the subdomains that are locked.
        entities: subdomain's key, name, table code and sequence of the entities that matter, in any domain.
        known: an earlier load, for the headers of what is not locked.
        domain: the domain to have with all its subdomains.

    Raises:
        SourceUnavailableError: see ``RowReader.domains_of``.
    """
    held: dict[int, tuple[list[str], list[str], list[int]]] = {}
    for key, name, code, sequence in entities:
        if key is None:
            raise odd_row(_ENTITIES, _entity_place(name, code), "names no subdomain as fk_subdomain")
        names, codes, sequences = held.setdefault(key, ([], [], []))
        names.append(name)
        codes.append(code)
        sequences.append(sequence)
    headers = {row[6]: row for row in locked}
    for row in known.of(domain, held):
        if row[6] not in headers:
            headers[row[6]] = row[:11]
    for key in held:
        if key not in headers:  # added by others since the load; only its codes matter
            headers[key] = (-key, "?", "another domain", None, False, [], key, "?", "another subdomain", None, None)
    return [header + held.get(key, NO_ENTITIES) for key, header in headers.items()]


NO_ENTITIES = (None, None, None)
"""The last columns of a row of ``load.sql`` whose subdomain holds nothing."""
_NOTHING = (None, None, None, None)


class Lookups:
    """What an allocation looks up in the rows of a registry; renewed when one is asked for: a reader needs none of it.

    Attributes:
        padded: the entities whose codes have white space around them, as ``allocate_look.sql`` would give them. No
            index finds those by their digits, so they are kept in mind.
    """

    def __init__(self) -> None:
        self._rows: Sequence[Row] = ()
        self._numbers: list[tuple[int, str, str]] = []
        self._in_domain: dict[str, list[int]] = {}
        self._of_key: dict[int, int] = {}
        self._with_digits: dict[str, list[int]] = {}
        self._digits: list[str] = []
        self._padded: dict[int, tuple[list[str], list[Row]]] = {}
        self.padded: list[Row] = []

    def renew(self, rows: Sequence[Row]) -> None:
        """Takes the rows of the whole registry; what has not changed since the last ones is not looked at again."""
        if rows is self._rows:
            return
        self._rows = rows
        numbers = [(row[6], row[1], row[7]) for row in rows]
        if numbers != self._numbers:
            self._index(numbers)
        known = self._padded
        self._padded = {
            row[6]: found if (found := known.get(row[6])) and found[0] is row[12] else (row[12], _padded(row))
            for row in rows
            if row[11] is not None
        }
        self.padded = [entity for _, entities in self._padded.values() for entity in entities]

    def _index(self, numbers: list[tuple[int, str, str]]) -> None:
        self._numbers = numbers
        self._in_domain, self._of_key, self._with_digits = {}, {}, {}
        for position, (key, domain, subdomain) in enumerate(numbers):
            self._in_domain.setdefault(domain, []).append(position)
            if key is not None:
                self._of_key[key] = position
                self._with_digits.setdefault((domain + subdomain).upper(), []).append(key)
        self._digits = sorted(self._with_digits)

    def sharing(self, digits: str) -> list[int]:
        """The keys of the subdomains whose codes could be the same as those of one with these digits.

        Args:
            digits: those of the domain and the subdomain, which codes have after the layer; in upper case.
        """
        longer = self._digits[bisect_right(self._digits, digits) :]
        others = [digits[:end] for end in range(len(digits) + 1)]
        others += takewhile(lambda other: other.startswith(digits), longer)
        return [key for other in others for key in self._with_digits.get(other, ())]

    def of(self, domain: Domain, keys: Iterable[int]) -> Iterator[Row]:
        """The rows of a domain, and of the subdomains with some keys, in the order of the registry's rows."""
        wanted = {self._of_key[key] for key in keys if key in self._of_key}
        return (self._rows[position] for position in sorted(wanted.union(self._in_domain.get(domain.number, ()))))


def _padded(row: Row) -> list[Row]:
    codes = row[12]
    if codes == [code.strip() for code in codes]:  # the usual case
        return []
    return [
        (row[6], name, code, sequence) for name, code, sequence in zip(*row[11:14], strict=True) if code != code.strip()
    ]


def lock_key(domain: Domain, entity: str) -> str:
    """The key of the lock that comes first: an entity asked for in two subdomains at once gets one code."""
    return f"specql_registry:{domain.number.upper()}:{entity.lower()}"


def subdomain_key(rows: Sequence[Row], domain: Domain, subdomain: Subdomain) -> int | None:
    """The primary key of a subdomain; None where the rows do not hold it."""
    return next((row[6] for row in rows if row[1] == domain.number and row[7] == subdomain.number), None)


def odd_row(table: str, where: str, fault: str) -> SourceUnavailableError:
    """The error that says which row the model cannot hold, and why."""
    return SourceUnavailableError(
        f"The registry in PostgreSQL cannot be understood: in specql_registry.{table} the row with {where} {fault}. "
        "Correct or delete that row.",
        lost=False,
        lasting=True,
    )


_DOMAINS, _SUBDOMAINS, _ENTITIES = "tb_domain", "tb_subdomain", "tb_entity_registration"
_KINDS = {str: "text", bool: "true or false", int: "an integer", list: "a list of texts"}


def _check(
    table: str, where: str, column: str, value: object, kind: type, verb: str = "has", *, required: bool = False
) -> None:
    """Refuses a value of another type than the model's; null where it must not be."""
    if value is None and not required:
        return
    if type(value) is not kind:
        found = "null" if value is None else _KINDS.get(type(value), f"a value of type {type(value).__name__}")
        raise odd_row(table, where, f"{verb} {found} {'in' if verb == 'holds' else 'as'} {column}")


def _check_text(table: str, where: str, column: str, value: object) -> None:
    _check(table, where, column, value, str, required=True)
    if not value:
        raise odd_row(table, where, f"has an empty {column}")


def _orphan(row: Row) -> tuple[str, str, str]:
    """Table, row and fault of a row of ``load.sql`` that has no domain."""
    if row[6] is not None:
        return _SUBDOMAINS, f"pk_subdomain = {row[6]}", "names no domain that exists as fk_domain"
    if row[11] is not None:
        return _ENTITIES, _entity_place(row[11][0], row[12][0]), "names no subdomain that exists as fk_subdomain"
    return _DOMAINS, "pk_domain null", "has no key"


def _entity_place(name: object, code: object) -> str:
    return shown(f"entity_name {name!r} and table_code {code!r}")


def _subdomain(row: Row, known: tuple[Row, Subdomain] | None) -> Subdomain:
    """The subdomain of a row; given what was read of an earlier row of the same key, its entities are kept."""
    number, name, description, counter, names, codes, sequences = row[7:]
    where = f"pk_subdomain = {row[6]}"
    _check_text(_SUBDOMAINS, where, "subdomain_number", number)
    _check_text(_SUBDOMAINS, where, "subdomain_name", name)
    _check(_SUBDOMAINS, where, "description", description, str)
    _check(_SUBDOMAINS, where, "next_entity_sequence", counter, int)
    if names is None:
        return Subdomain(number, name, description, counter)
    entities, read = _kept_entities(row, known) if known is not None else ([], 0)
    for columns in zip(names[read:], codes[read:], sequences[read:], strict=True):
        _check_entity(*columns)
        entities.append(Entity(*columns))
    if read != len(names):
        entities.sort(key=entity_key)
    return Subdomain(number, name, description, counter, tuple(entities))


def _kept_entities(row: Row, known: tuple[Row, Subdomain]) -> tuple[list[Entity], int]:
    """The entities of an earlier row to which a row has only added some, and how many those of the earlier row are."""
    before, subdomain = known
    number = len(subdomain.entities)
    is_continued = number and all(now[:number] == then for now, then in zip(row[11:], before[11:], strict=True))
    return ([*subdomain.entities], number) if is_continued else ([], 0)


def _check_entity(name: object, code: object, sequence: object) -> None:
    # The usual case first: there are many.
    if type(name) is str and name and type(code) is str and (sequence is None or type(sequence) is int):
        return
    where = _entity_place(name, code)
    _check_text(_ENTITIES, where, "entity_name", name)
    _check(_ENTITIES, where, "table_code", code, str, required=True)
    _check(_ENTITIES, where, "entity_sequence", sequence, int)
