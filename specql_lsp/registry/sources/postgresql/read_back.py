"""Holds what a registry holds after changes against what the changes should have made of it. Pure.

A trigger or a rule in the database can swallow a change or make another one of it without any error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from specql_lsp.language import table_code as codes
from specql_lsp.registry.consistency.changes import Add, Change, Place, Remove, Replace, Thing
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot


def refuse_unkept(changes: Sequence[Change], written: Snapshot) -> None:
    """Refuses changes that the registry does not hold; what it holds beside them does not matter.

    Args:
        changes: what was written.
        written: the registry as it was read after that, in the same transaction.

    Raises:
        Refused: kind ``conflict``, with a sentence about the first place that differs.
    """
    for place, difference in unkept(changes, written):
        raise Refused(
            RefusalKind.CONFLICT,
            f"PostgreSQL reported no error and {difference.format(place)}: a trigger or a rule on the tables of "
            "specql_registry changes what is written. Nothing was changed; that trigger or rule has to let it through.",
        )


def unkept(changes: Iterable[Change], written: Snapshot) -> Iterator[tuple[Place, str]]:
    """The places that do not hold what was written there, each with what was found; ``{}`` is for the place."""
    things = _Things(written)
    for change in changes:
        match change:
            case Add(thing=thing, parent=parent):
                yield from _differences(things, _place(thing, parent), thing)
            case Replace(place=place, thing=thing):
                yield from _differences(things, place, thing, with_content=False)
            case Remove(place=place):
                if things.get(place) is not None:
                    yield place, "kept {}"


class _Things:
    """What a registry holds, by places as written; a subdomain's entities are looked up once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._domains = {domain.number: domain for domain in snapshot.domains}
        self._subdomains: dict[Place, dict[str, Entity]] = {}

    def get(self, place: Place) -> Thing | None:
        domain = self._domains.get(place.domain)
        if domain is None or place.subdomain is None:
            return domain
        subdomain = next((s for s in domain.subdomains if s.number == place.subdomain), None)
        if subdomain is None or place.entity is None:
            return subdomain
        key = Place(place.domain, place.subdomain)
        if key not in self._subdomains:
            self._subdomains[key] = {entity.name: entity for entity in subdomain.entities}
        return self._subdomains[key].get(place.entity)


def _place(thing: Thing, parent: Place | None) -> Place:
    match thing:
        case Domain():
            return Place(thing.number)
        case Subdomain() if parent is not None:
            return Place(parent.domain, thing.number)
        case Entity() if parent is not None:
            return parent._replace(entity=thing.name)
        case _:
            raise ValueError("a subdomain or an entity can only be added to a parent")


def _differences(
    things: _Things, place: Place, wanted: Thing, *, with_content: bool = True
) -> Iterator[tuple[Place, str]]:
    found = things.get(place)
    if found is None:
        yield place, "stored no {}"
    elif _stored(found) != _stored(wanted):
        yield place, "stored something else than what was written for {}"
    if with_content and isinstance(wanted, Domain):
        for subdomain in wanted.subdomains:
            yield from _differences(things, Place(place.domain, subdomain.number), subdomain)
    elif with_content and isinstance(wanted, Subdomain):
        for entity in wanted.entities:
            yield from _differences(things, place._replace(entity=entity.name), entity)


def _stored(thing: Thing) -> Thing:
    """A thing as far as its own row in the database goes, its values as registries are compared (``changes``)."""
    match thing:
        case Domain():
            description, aliases = thing.description or None, tuple(sorted(thing.aliases))
            return thing._replace(description=description, aliases=aliases, subdomains=())
        case Subdomain():
            return thing._replace(description=thing.description or None, entities=())
        case _:
            return thing._replace(table_code=codes.normalize(thing.table_code), entity_code=None, assigned_at=None)
