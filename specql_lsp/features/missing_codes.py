"""The entity files without a table code, and what to ask the registry for them. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from specql_lsp.features.entity_edits import why_no_table_code
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.names import FALLBACK_SUBDOMAIN, named_subdomain
from specql_lsp.language.release import REFERENCE
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class MissingCode(NamedTuple):
    """An entity file without a table code, and what to ask for it."""

    uri: str
    request: AllocationRequest


class Undecided(NamedTuple):
    """An entity file without a table code that gets none, and a sentence that says why and what to do."""

    uri: str
    entity: str
    kind: RefusalKind
    message: str


class MissingCodes(NamedTuple):
    """What to ask of the registry, by the number of the domain, in the order of the files; and what not to ask."""

    by_domain: dict[str, list[MissingCode]]
    undecided: list[Undecided]


def files_without_code(index: WorkspaceIndex, within: Callable[[str], bool]) -> Iterator[str]:
    """The files, by URI and in order, that define an entity without a table code.

    Args:
        index: of the workspace.
        within: whether a file, given by its URI, is among those that are asked about.
    """
    for uri in index.uris:
        facts = index.entity(uri)
        if facts is not None and facts.code is None and within(uri):
            yield uri


def missing_codes(analysis: Analysis, documents: Iterable[Document]) -> MissingCodes:
    """What to ask the registry for files without a table code; a file that has one is left out.

    Nothing is guessed: where the subdomain follows neither from the file, nor from the registry, nor from the
    entity's name, the file is among the undecided. Of several files that define one entity none is asked for.
    """
    found: list[MissingCode] = []
    undecided: list[Undecided] = []
    used = frozenset(analysis.index.codes())
    for document in documents:
        decided = _decided(analysis, document, used)
        if isinstance(decided, MissingCode):
            found.append(decided)
        elif decided is not None:
            undecided.append(decided)
    by_entity: dict[tuple[str, str], list[MissingCode]] = defaultdict(list)
    for missing in found:
        by_entity[missing.request.domain, missing.request.entity.lower()].append(missing)
    by_domain: dict[str, list[MissingCode]] = defaultdict(list)
    for (number, _), group in by_entity.items():
        if len(group) == 1:
            by_domain[number] += group
        else:
            undecided += (_defined_twice(missing, len(group)) for missing in group)
    return MissingCodes(dict(by_domain), sorted(undecided))


def _decided(analysis: Analysis, document: Document, used: frozenset[str]) -> MissingCode | Undecided | None:
    entity, snapshot = document.entity, analysis.snapshot
    if entity is None or entity.name is None or entity.table_code is not None or snapshot is None:
        return None
    name = entity.name.value

    def undecided(kind: RefusalKind, message: str) -> Undecided:
        return Undecided(document.uri, name, kind, message)

    refused = _why_not_read(document, entity) or why_no_table_code(document)
    if refused is not None:
        return undecided(RefusalKind.INVALID_ARGUMENT, refused)
    domain = analysis.domain_of(document)
    if domain is None:
        return undecided(
            RefusalKind.UNKNOWN_DOMAIN,
            f"The schema {entity.schema} is no domain of the registry: register the domain, or change the schema.",
        )
    named = entity.subdomain.value if entity.subdomain is not None else None
    if analysis.registration_of(document) is not None:
        named = None  # The registry says which.
    elif named is None:
        subdomain = _implied_subdomain(analysis, domain, name)
        if subdomain is None:
            return undecided(RefusalKind.UNKNOWN_SUBDOMAIN, _which_subdomain(domain, name))
        named = subdomain.number
    return MissingCode(document.uri, AllocationRequest(name, domain.number, named, used=used))


def _why_not_read(document: Document, entity: EntityItem) -> str | None:
    """Why SpecQL does not read the entity from the file as it is, so that what the file says of it may be wrong."""
    review = document.syntax_review
    if review.second_document is not None:
        return f"The file has several YAML documents, and {REFERENCE} refuses it: put each entity into its own file."
    if review.errors:
        return "The file is not valid YAML: correct it, then ask again."
    kind = constructed(document.tree.resolve(entity.name))
    if kind is not Constructed.TEXT:
        return f"The entity's name is {kind.value}: put it between quotes, or write another name."
    return None


def _implied_subdomain(analysis: Analysis, domain: Domain, entity: str) -> Subdomain | None:
    """The subdomain that the registry's rules give an entity's name; the only one; else the one named ``core``."""
    if len(domain.subdomains) == 1:
        return domain.subdomains[0]
    snapshot = analysis.snapshot
    patterns = snapshot.rules.subdomain_inference.get(domain.name, {}) if snapshot is not None else {}
    name = named_subdomain(entity, [each.name for each in domain.subdomains], patterns) or FALLBACK_SUBDOMAIN
    return next((each for each in domain.subdomains if each.name == name), None)


def _which_subdomain(domain: Domain, entity: str) -> str:
    if not domain.subdomains:
        return f"Domain {domain.number} ({domain.name}) has no subdomain yet: register one first."
    names = ", ".join(each.name for each in domain.subdomains)
    return (
        f"Which subdomain of {domain.name} {entity} belongs to follows from nothing: allocate its code in one of "
        f"{names}."
    )


def _defined_twice(missing: MissingCode, count: int) -> Undecided:
    request = missing.request
    reason = f"{count} files define {request.entity} in domain {request.domain}: which of them is meant is not known."
    return Undecided(missing.uri, request.entity, RefusalKind.CONFLICT, reason)
