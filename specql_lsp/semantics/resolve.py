"""Which definition a name has: of several entities of one name the one that is meant where it is used.

SpecQL compares names without regard to case. An unqualified name is looked for in the schema of the file first, then
in the nearest folder, then anywhere; an entity that only the registry has is known, too. Every question goes through
the index and the snapshot of the ``Analysis``, which may write down what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol, TypeVar

from specql_lsp.index.summary import EntityFacts, FileSummary
from specql_lsp.index.symbols import SymbolKind, Use, entity_key
from specql_lsp.index.workspace_index import Definition
from specql_lsp.registry.model import Domain, Registration
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class Site(NamedTuple):
    """Where a name is used: what decides which of several definitions is meant."""

    uri: str
    schema: str


class Resolution(NamedTuple):
    """What an entity's name means."""

    files: tuple[EntityFacts, ...]
    """Its definition; several where nothing says which one is meant."""
    registrations: tuple[Registration, ...]
    """Its registrations; where it has a file, those in the domain of the file's schema, if any."""


class _Defined(Protocol):
    """An entity that a file defines."""

    @property
    def uri(self) -> str: ...

    @property
    def schema(self) -> str: ...


_DefinedT = TypeVar("_DefinedT", bound=_Defined)


def site_of(document: Document) -> Site:
    """The site of what a file uses."""
    return Site(document.uri, document.entity.schema if document.entity else "")


def site_of_use(summary: FileSummary, use: Use) -> Site:
    """The site of a name that an indexed file uses."""
    return Site(summary.uri, summary.schema_of(use))


def resolve_entity(analysis: Analysis, site: Site, name: str, schema: str | None = None) -> Resolution:
    """What an entity's name means at a site.

    Args:
        analysis: what is known.
        site: where the name is used.
        name: the entity's name.
        schema: the schema that is written before it. SpecQL 0.9.2 takes an entity of another schema where the named one
            has none, and so does this.
    """
    named = analysis.index.named(name)
    wanted = schema or site.schema
    files = named
    if len(named) > 1:
        files = nearest_files(site, in_schema(analysis, named, wanted) or named)
    registered = analysis.snapshot.by_entity(name) if analysis.snapshot is not None else ()
    domain = _domain(analysis, files[0].schema if files else wanted) if registered else None
    own = tuple(r for r in registered if domain is not None and r.domain.number == domain.number)
    return Resolution(files, own if files else own or registered)


def definitions_meant(analysis: Analysis, site: Site, name: str, schema: str | None = None) -> tuple[Definition, ...]:
    """The files that define the entity that a name means at a site; as ``resolve_entity``, without places.

    What is looked up does not change when the entity moves within its file, or gets another code.
    """
    named = analysis.index.definitions(name)
    if len(named) > 1:
        return nearest_files(site, in_schema(analysis, named, schema or site.schema) or named)
    return named


def in_schema(analysis: Analysis, entities: Iterable[_DefinedT], schema: str) -> tuple[_DefinedT, ...]:
    """Those of some entities whose schema has that name, or names the same domain."""
    lowered = schema.lower()
    same: list[_DefinedT] = []
    for facts in entities:
        if facts.schema.lower() == lowered:
            same.append(facts)
            continue
        domain = _domain(analysis, schema)
        other = _domain(analysis, facts.schema) if domain is not None else None
        if domain is not None and other is not None and other.number == domain.number:
            same.append(facts)
    return tuple(same)


def _domain(analysis: Analysis, schema: str) -> Domain | None:
    return analysis.snapshot.domain_named(schema) if analysis.snapshot is not None and schema else None


def nearest_files(site: Site, entities: Iterable[_DefinedT]) -> tuple[_DefinedT, ...]:
    """Those of some entities whose file is nearest: in the site's own file, else with most folders in common.

    Of files with as many folders in common, those to which the way is shorter; several where that is the same.
    """
    best: list[_DefinedT] = []
    shortest: tuple[bool, int, int] | None = None
    folders = site.uri.split("/")[:-1]
    for facts in entities:
        distance = (facts.uri != site.uri, *_distance(folders, facts.uri.split("/")[:-1]))
        if shortest is None or distance < shortest:
            shortest, best = distance, [facts]
        elif distance == shortest:
            best.append(facts)
    return tuple(best)


def _distance(folders: list[str], others: list[str]) -> tuple[int, int]:
    """How few folders two paths have in common, negated, and how many lie on the way from one to the other."""
    common = 0
    for one, other in zip(folders, others, strict=False):
        if one != other:
            break
        common += 1
    return -common, len(folders) + len(others) - 2 * common


def resolve_use(analysis: Analysis, summary: FileSummary, use: Use) -> Resolution:
    """What the name of an entity that an indexed file uses means."""
    # A use keeps its name in lower case, as names are compared.
    return resolve_entity(analysis, site_of_use(summary, use), use.name, use.owner or None)


def uses_of_entity(analysis: Analysis, entity: EntityFacts) -> Iterator[tuple[FileSummary, Use]]:
    """Every use of a name that means an entity of a file, by file and in the order of the text."""
    name = entity.name.lower()
    definers = {facts.uri for facts in analysis.index.named(name)}
    # What a name means is the same for all files of a folder and schema, apart from those that define it themselves.
    known: dict[tuple[str, str, str], bool] = {}
    for summary in _users(analysis, name):
        uri = summary.uri
        place = uri if uri in definers else uri.rpartition("/")[0]
        for use in _named_uses(summary, name):
            key = (place, summary.schema_of(use), use.owner)
            if key not in known:
                known[key] = entity in resolve_use(analysis, summary, use).files
            if known[key]:
                yield summary, use


def _named_uses(summary: FileSummary, name: str) -> Iterator[Use]:
    """The places of a file that name an entity, as far as they are known."""
    entity = SymbolKind.ENTITY
    return (use for use in summary.uses if use.name == name and use.symbol is entity and use.is_placed)


def _users(analysis: Analysis, name: str) -> Iterator[FileSummary]:
    for uri in analysis.index.users(entity_key(name)):
        summary = analysis.index.get(uri)
        if summary is not None:
            yield summary
