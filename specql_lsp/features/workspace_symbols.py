"""Symbols of the whole workspace by a part of their name: of entities, domains, table codes, patterns, services.

Nothing is read for the list: an entity's position is in the index, that of a field or an action is worked out when a
symbol is chosen (``located``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from specql_lsp.features.definition_places import definition_places
from specql_lsp.features.model import OutlineKind
from specql_lsp.features.occurrences import Read
from specql_lsp.features.registered_places import domain_place, entity_place, subdomain_place
from specql_lsp.index.name_search import Score, candidates, names_of, score, text_of
from specql_lsp.index.summary import UNNAMED, EntityFacts
from specql_lsp.index.symbols import Place, SymbolKind, member_owner, place
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Registration
from specql_lsp.semantics.identity import Identity, domain_node, subdomain_node
from specql_lsp.workspace.analysis import Analysis

MOST_SYMBOLS = 150
"""So many are given: a person looks at the first few."""
_MOST_OF_A_NAME = 40
_MOST_CANDIDATES = 300
_SHORTEST_CODE = 2
_ORDER = (
    *(OutlineKind.ENTITY, OutlineKind.DOMAIN, OutlineKind.CODE),
    *(OutlineKind.PATTERN, OutlineKind.SERVICE, OutlineKind.SUBDOMAIN, OutlineKind.ACTION, OutlineKind.FIELD),
)
"""Of those that match as well, which kind is meant more often."""


class WorkspaceSymbol(NamedTuple):
    """A symbol of the workspace."""

    name: str
    kind: OutlineKind
    container: str
    uri: str
    place: Place | None
    """None for a field or an action, whose file is not read."""
    identity: Identity
    score: Score


def workspace_symbols(analysis: Analysis, query: str) -> tuple[WorkspaceSymbol, ...]:
    """The symbols of a folder that match a query, best first, at most ``MOST_SYMBOLS``.

    Args:
        analysis: what is known of the folder.
        query: letters of the name in their order, in any case; what is before its last dot has to be in the container.
            Without one, entities are given.
    """
    container, _, wanted = "".join(query.split()).lower().rpartition(".")
    found = _found(analysis, wanted)
    if container:
        found = (each for each in found if container in each.container.lower())
    return best(found)


def best(symbols: Iterable[WorkspaceSymbol]) -> tuple[WorkspaceSymbol, ...]:
    """The first of some symbols, those of several folders, too."""
    return tuple(sorted(symbols, key=_rank)[:MOST_SYMBOLS])


def _rank(symbol: WorkspaceSymbol) -> tuple[int, int, int, str, str, str]:
    tier, length = symbol.score
    return tier, _ORDER.index(symbol.kind), length, symbol.name, symbol.container, symbol.uri


def _found(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    yield from _entities(analysis, wanted)
    yield from _registered(analysis, wanted)
    yield from _domains(analysis, wanted)
    if wanted:
        yield from _members(analysis, wanted)
        yield from _codes(analysis, wanted)
        yield from _patterns(analysis, wanted)
        yield from _services(analysis, wanted)


# What files define.


def _entities(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    for name in _matching(analysis.index.names_text, wanted):
        for facts in islice(analysis.index.named(name), _MOST_OF_A_NAME):
            yield _entity(facts, facts.name, OutlineKind.ENTITY, score(facts.name, wanted))


def _entity(facts: EntityFacts, name: str, kind: OutlineKind, matches: Score) -> WorkspaceSymbol:
    container = facts.schema if facts.code is None else f"{facts.schema} · {facts.code}"
    identity = Identity(SymbolKind.ENTITY, facts.name.lower(), facts.schema.lower(), facts.uri)
    return WorkspaceSymbol(name, kind, container, facts.uri, facts.name_place, identity, matches)


def _matching(text: str, wanted: str) -> Iterable[str]:
    """The names of a text of names that match; the first ones for an empty query."""
    return candidates(text, wanted, _MOST_CANDIDATES) if wanted else islice(names_of(text), MOST_SYMBOLS)


def _members(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    """Fields and actions: one look at every entity for all names that match."""
    left = dict.fromkeys(_matching(analysis.index.member_names_text, wanted), _MOST_OF_A_NAME)
    for facts in analysis.index.all() if left else ():
        named = [(OutlineKind.FIELD, field.name) for field in facts.fields if field.name.lower() in left]
        named += [(OutlineKind.ACTION, action) for action in facts.actions if action.lower() in left]
        for kind, name in named:
            lowered = name.lower()
            left[lowered] -= 1
            if left[lowered] < 0:
                continue
            symbol = SymbolKind.FIELD if kind is OutlineKind.FIELD else SymbolKind.ACTION
            identity = Identity(symbol, name, member_owner(facts.name, facts.schema), facts.uri)
            yield WorkspaceSymbol(
                name, kind, f"{facts.schema}.{facts.name}", facts.uri, None, identity, score(name, wanted)
            )


def _patterns(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    """Action patterns of the workspace's files."""
    for name in analysis.index.pattern_names():
        found, matches = analysis.index.pattern(name), _best_score([name], wanted)
        if found is not None and found.spot is not None and matches is not None:
            identity = Identity(SymbolKind.PATTERN, found.name, "", found.uri)
            at = found.spot.place(found.uri)
            yield WorkspaceSymbol(found.name, OutlineKind.PATTERN, "pattern", found.uri, at, identity, matches)


def _services(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    """Services of the service registry, and what they can be called for."""
    for name in analysis.index.service_names():
        service, matches = analysis.index.service(name), _best_score([name], wanted)
        if service is None:
            continue
        identity = Identity(SymbolKind.SERVICE, service.name.lower())
        if service.spot is not None and matches is not None:
            at = service.spot.place(service.uri)
            yield WorkspaceSymbol(service.name, OutlineKind.SERVICE, "service", service.uri, at, identity, matches)
        for operation in service.details:
            matches = _best_score([operation.name], wanted)
            if matches is not None:
                own = Identity(SymbolKind.SERVICE_OPERATION, operation.name.lower(), service.name.lower())
                at = operation.spot.place(service.uri)
                yield WorkspaceSymbol(operation.name, OutlineKind.ACTION, service.name, service.uri, at, own, matches)


def located(symbol: WorkspaceSymbol, analysis: Analysis, read: Read) -> Place | None:
    """Where a symbol is: of a field or an action, its file is read; None where it is there no more."""
    if symbol.place is not None:
        return symbol.place
    return place_of(symbol.identity, analysis, read)


def place_of(identity: Identity, analysis: Analysis, read: Read) -> Place | None:
    """Where a field or an action is, in its file as it is now."""
    document = read(identity.uri)
    if document is None:
        return None
    return next(definition_places(analysis, document, identity, read), None)


# What the registry has.


def _registered(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    """Entities that no file defines."""
    snapshot = analysis.snapshot
    if snapshot is None:
        return
    for name in _matching(text_of(filter(None, snapshot.names_text.split("\n"))), wanted):
        for registration in snapshot.by_entity(name):
            domain, subdomain, entity = registration
            if analysis.file_of(domain, entity) is None:
                owner = f"{domain.number}.{subdomain.number}".lower()
                identity = Identity(SymbolKind.ENTITY, entity.name.lower(), owner)
                yield from _of_registration(analysis, registration, entity.name, identity, score(entity.name, wanted))


def _of_registration(
    analysis: Analysis, registration: Registration, name: str, identity: Identity, matches: Score
) -> Iterator[WorkspaceSymbol]:
    """A registered entity, or its code, where there is a place that shows it."""
    domain, subdomain, entity = registration
    at = entity_place(analysis, registration)
    if at is not None:
        is_code = identity.kind is SymbolKind.CODE
        container = domain.name if is_code else f"{domain.name} · {entity.table_code}"
        if analysis.registered_place(domain.number, subdomain.number, entity.name) is None:
            container = _outside_of_yaml(analysis, container)
        kind = OutlineKind.CODE if is_code else OutlineKind.ENTITY
        yield WorkspaceSymbol(name, kind, container, at.uri, at, identity, matches)


def _outside_of_yaml(analysis: Analysis, container: str) -> str:
    """A container that says where alone a symbol is: the place that it leads to is another one's."""
    return f"{container} · only in {analysis.registry.provenance.source.label}"


def _domains(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    document = analysis.registry_document
    registry = document.registry if document is not None else None
    for domain in registry.domains if registry is not None else ():
        name = domain.name or domain.number
        number = domain.number.value
        named = [name.value, number, *(alias.value for alias in domain.aliases)]
        matches = _best_score(named, wanted)
        identity = Identity(SymbolKind.SCHEMA, number.lower())
        if matches is not None and document is not None:
            at = place(document, name.text_span)
            yield WorkspaceSymbol(name.value, OutlineKind.DOMAIN, number, document.uri, at, identity, matches)
        for subdomain in domain.subdomains if wanted else ():
            inner = subdomain.name or subdomain.number
            matches = _best_score([inner.value], wanted)
            if matches is not None and document is not None:
                at = place(document, inner.text_span)
                own = Identity(SymbolKind.SUBDOMAIN, subdomain.number.value.lower(), number.lower())
                yield WorkspaceSymbol(inner.value, OutlineKind.SUBDOMAIN, name.value, document.uri, at, own, matches)
    yield from _domains_outside_of_yaml(analysis, wanted)


def _domains_outside_of_yaml(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    """The domains and subdomains that the registry has, and its YAML has not."""
    for domain in analysis.snapshot.domains if analysis.snapshot is not None else ():
        matches = _best_score([domain.name, domain.number, *domain.aliases], wanted)
        if matches is not None and domain_node(analysis, domain.number) is None:
            at = domain_place(analysis, domain)
            if at is not None:
                container, identity = domain.number, Identity(SymbolKind.SCHEMA, domain.number.lower())
                container = _outside_of_yaml(analysis, container)
                yield WorkspaceSymbol(domain.name, OutlineKind.DOMAIN, container, at.uri, at, identity, matches)
        for subdomain in domain.subdomains if wanted else ():
            matches = _best_score([subdomain.name], wanted)
            if matches is None or subdomain_node(analysis, domain.number, subdomain.number) is not None:
                continue
            at = subdomain_place(analysis, domain, subdomain)
            if at is not None:
                identity = Identity(SymbolKind.SUBDOMAIN, subdomain.number.lower(), domain.number.lower())
                container = _outside_of_yaml(analysis, domain.name)
                yield WorkspaceSymbol(subdomain.name, OutlineKind.SUBDOMAIN, container, at.uri, at, identity, matches)


def _best_score(names: Iterable[str], wanted: str) -> Score | None:
    """How well the best of some names matches; None where none does."""
    scores = [score(name, wanted) for name in names if _has_letters(name.lower(), wanted)]
    return min(scores, default=None)


def _has_letters(name: str, wanted: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in wanted)


def _codes(analysis: Analysis, wanted: str) -> Iterator[WorkspaceSymbol]:
    """The owners of table codes that hold the digits."""
    code = codes.normalize(wanted)
    if len(code) < _SHORTEST_CODE or not all(digit in "0123456789ABCDEF" for digit in code):
        return
    index, snapshot = analysis.index, analysis.snapshot
    matching = [each for each in index.codes() if code in each]
    for each in sorted(matching, key=lambda each: (not each.startswith(code), each))[:MOST_SYMBOLS]:
        for facts in index.using_code(each):
            if facts.name == UNNAMED:
                continue
            yield _entity(facts, f"{each} {facts.name}", OutlineKind.CODE, score(each, code.lower()))
    registered = [
        (registered, registration)
        for registration in (snapshot.registrations() if snapshot is not None else ())
        if code in (registered := codes.normalize(registration.entity.table_code)) and not index.using_code(registered)
    ]
    registered.sort(key=lambda each: (not each[0].startswith(code), each[0]))
    for own, registration in registered[:MOST_SYMBOLS]:
        identity = Identity(SymbolKind.CODE, own)
        name = f"{own} {registration.entity.name}"
        yield from _of_registration(analysis, registration, name, identity, score(own, code.lower()))
