"""Entities of a registry YAML: the next free code of the subdomain that they are registered in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from specql_lsp.features.completion.builder import NOTHING, UNAVAILABLE, Proposal, build, with_prefix
from specql_lsp.features.completion.insertion import Insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.descriptions import file_name
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language import table_code as codes
from specql_lsp.language.keys import Meaning
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.short_codes import ShortCodes
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.editing.values import TextScalar, write


def complete(request: Request) -> CompletionList:
    """Codes for the entity under whose name the cursor is, or its whole registration."""
    snapshot, place = request.analysis.snapshot, request.place
    domain, subdomain = place.name(Meaning.DOMAIN_NUMBER), place.name(Meaning.SUBDOMAIN_NUMBER)
    entity = place.name(Meaning.REGISTERED_ENTITY)
    if domain is None or subdomain is None or entity is None:
        return NOTHING
    if place.key is not None and place.key.meaning is Meaning.REGISTERED_ENTITY:
        return _registrations(request, domain, subdomain, entity)
    if snapshot is None:
        return UNAVAILABLE
    return _codes(request, snapshot, (domain, subdomain), entity, value_insertion(request, quote_always=True))


def _registrations(request: Request, domain: str, subdomain: str, entity: str) -> CompletionList:
    """Codes as the value of an entity: what is accepted is the whole registration.

    SpecQL reads a mapping with a short code and a time of assignment; a code alone stops it.
    """
    snapshot, registry = request.analysis.snapshot, request.document.registry
    if snapshot is None:
        return UNAVAILABLE
    node = registry.entity(domain, subdomain, entity) if registry is not None else None
    if registry is None or (node is not None and node.body is not None and node.body.entries):
        return NOTHING  # the lines below are its mapping
    short = write(TextScalar(ShortCodes(registry, request.document.tree).give(entity)), in_flow=True)
    tail = f", entity_code: {short}, assigned_at: '{timestamp(request.now)}'}}"
    plain = value_insertion(request, quote_always=True)
    insertion = replace(plain, head=plain.head + "{table_code: ", tail=tail + plain.tail)
    return _codes(request, snapshot, (domain, subdomain), entity, insertion)


def _codes(
    request: Request, snapshot: Snapshot, place: tuple[str, str], entity: str, insertion: Insertion
) -> CompletionList:
    typed = codes.normalize(request.context.prefix)
    proposals = with_prefix(typed, _proposals(request, snapshot, place, entity))
    return build(typed, proposals, insertion)


def _proposals(request: Request, snapshot: Snapshot, place: tuple[str, str], entity: str) -> Iterator[Proposal]:
    domain, subdomain = (number.upper() for number in place)
    prefix = codes.WRITE_LAYER + domain + subdomain
    in_file = _codes_in_file(request)
    where = _names(request, *place)
    own = _own_codes(request, snapshot, domain, entity)
    offered = {code: source for code, source in own.items() if code.startswith(prefix) and code not in in_file}
    for code, source in offered.items():
        yield _code(code, where, source, preselect=code == next(iter(offered)))
    free = _free_codes(request, snapshot, prefix, entity) if codes.is_hexadecimal(domain + subdomain) else []
    left = [code for code in free if code not in in_file and code not in offered]
    for rank, code in enumerate(left):
        yield _code(code, where, f"{len(left)} left", preselect=rank == 0 and not offered)


def _code(code: str, where: str, description: str, *, preselect: bool) -> Proposal:
    key = DocumentationKey("code", {"code": code})
    return Proposal(code, code, CompletionKind.VALUE, where, description, preselect, key)


def _codes_in_file(request: Request) -> set[str]:
    """The codes that the file gives to its entities, but for the one that is being typed."""
    registry = request.document.registry
    entities = registry.entities() if registry else ()
    return {
        codes.normalize(node.code.value)
        for _, _, node in entities
        if node.code is not None and not node.code.span.contains(request.offset)
    }


def _own_codes(request: Request, snapshot: Snapshot, domain: str, entity: str) -> dict[str, str]:
    """Codes that the entity has elsewhere (in the registry that answers, in its own file), and what says so."""
    found: dict[str, str] = {}
    for registration in snapshot.by_entity(entity):
        if registration.domain.number.upper() == domain:
            found.setdefault(codes.normalize(registration.entity.table_code), "registered")
    for facts in request.analysis.index.named(entity):
        if facts.code:
            found.setdefault(facts.code, f"used by {file_name(facts.uri)}")
    return {code: source for code, source in found.items() if codes.is_well_formed(code)}


def _free_codes(request: Request, snapshot: Snapshot, prefix: str, entity: str) -> list[str]:
    """The codes under ``prefix`` that no registration, no lease and no other entity's file has, lowest first."""
    index = request.analysis.index
    width = codes.CODE_LENGTH - len(prefix)
    candidates = (f"{prefix}{sequence:0{width}X}" for sequence in range(1, 16**width if width > 0 else 1))
    return [
        code
        for code in candidates
        if not snapshot.by_code(code)
        and not snapshot.is_reserved(code)
        and not snapshot.is_withheld(code)
        and snapshot.lease_of(code) is None
        and all(facts.name.lower() == entity.lower() for facts in index.using_code(code))
    ]


def _names(request: Request, domain_number: str, subdomain_number: str) -> str:
    registry = request.document.registry
    domain = registry.domain(domain_number) if registry else None
    subdomain = registry.subdomain(domain_number, subdomain_number) if registry else None
    domain_name = domain.name.value if domain and domain.name else domain_number
    return f"{domain_name} / {subdomain.name.value if subdomain and subdomain.name else subdomain_number}"
