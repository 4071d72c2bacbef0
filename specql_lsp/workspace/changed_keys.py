"""Which look-ups a change concerns: the keys (``lookups``) whose answer differs afterwards."""

from __future__ import annotations

from specql_lsp.index.summary import EntityFacts, FieldFacts, FileSummary, changed_keys, changed_uses
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.lookups import (
    DISCREPANCIES,
    DOMAINS,
    FILES,
    NAMES,
    PATTERNS,
    REGISTRATIONS,
    REGISTRY,
    RULES,
    SERVICES,
    LookupKey,
    LookupKind,
    users_key,
)


def changed_by_file(uri: str, before: FileSummary | None, after: FileSummary | None) -> set[LookupKey]:
    """The keys whose answer differs when the summary of a file is replaced.

    Descriptions and fields are no part of an answer by name, schema or folder.
    """
    if before == after:
        return set()
    changed: set[LookupKey] = {(LookupKind.FILE, uri), FILES, *changed_keys(before, after)}
    changed.update(map(users_key, changed_uses(before, after)))
    if before is None and after is not None and after.library is None:  # as of thousands of files when they are read
        for facts in after.entities:
            changed.update(_answers_with(facts))
        if after.entities:
            changed.update((NAMES, (LookupKind.FIELDS, uri)))
        return changed
    old, new = _answers(before), _answers(after)
    changed.update(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    changed.update(_changed_in_library(before, after))
    if _names(before) != _names(after):
        changed.add(NAMES)
    if _fields(before) != _fields(after):
        changed.add((LookupKind.FIELDS, uri))
    return changed


def _answers(summary: FileSummary | None) -> dict[LookupKey, list[tuple[object, ...]]]:
    answers: dict[LookupKey, list[tuple[object, ...]]] = {}
    for facts in summary.entities if summary is not None else ():
        seen = (facts.name, facts.schema, facts.code, facts.name_spot, facts.code_spot)
        for key in _answers_with(facts):
            answers.setdefault(key, []).append(seen)
    return answers


def _answers_with(facts: EntityFacts) -> tuple[LookupKey, ...]:
    """The look-ups by name, schema and folder whose answers have an entity."""
    return (
        (LookupKind.NAME, facts.name.lower()),
        (LookupKind.SCHEMA, facts.schema.lower()),
        (LookupKind.FOLDER, facts.uri.rpartition("/")[0]),
    )


def _changed_in_library(before: FileSummary | None, after: FileSummary | None) -> set[LookupKey]:
    old, new = _library(before), _library(after)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    added_or_gone = {key[0] for key in old.keys() ^ new.keys()}
    if LookupKind.PATTERN in added_or_gone:
        changed.add(PATTERNS)
    if LookupKind.SERVICE in added_or_gone:
        changed.add(SERVICES)
    return changed


def _library(summary: FileSummary | None) -> dict[LookupKey, object]:
    library = summary.library if summary is not None else None
    if library is None:
        return {}
    seen: dict[LookupKey, object] = {(LookupKind.PATTERN, each.name): each.signature for each in library.patterns}
    seen.update({(LookupKind.SERVICE, each.name.lower()): each.signature for each in library.services})
    return seen


def _names(summary: FileSummary | None) -> set[str]:
    return {facts.name.lower() for facts in summary.entities} if summary is not None else set()


def _fields(summary: FileSummary | None) -> list[tuple[str, str, tuple[FieldFacts, ...]]]:
    """The fields of each entity, with what an entity is found by."""
    return [(facts.name, facts.schema, facts.fields) for facts in summary.entities] if summary is not None else []


def changed_by_registry(before: RegistryState, after: RegistryState) -> set[LookupKey]:
    """The keys whose answer differs between two states of a registry."""
    changed = _changed_by_snapshot(before.snapshot, after.snapshot)
    if before.discrepancies != after.discrepancies:
        changed.add(DISCREPANCIES)
    return changed


def _changed_by_snapshot(before: Snapshot | None, after: Snapshot | None) -> set[LookupKey]:
    if before is after:
        return set()
    if before is None or after is None or not _same_order(before.domains, after.domains):
        return {REGISTRY}
    changed: set[LookupKey] = set()
    if before.rules != after.rules:
        changed.add(RULES)
    leases = before.leased.items() ^ after.leased.items()
    if leases:
        changed.add(REGISTRATIONS)
        changed.update((LookupKind.REGISTERED_CODE, code) for code, _ in leases)
    old = {domain.number: domain for domain in before.domains}
    new = {domain.number: domain for domain in after.domains}
    for number in old.keys() | new.keys():
        was, now = old.get(number), new.get(number)
        if was is now or was == now:
            continue
        if was is not None and now is not None and frame_of(was) == frame_of(now):
            for one, other in zip(was.subdomains, now.subdomains, strict=True):
                if one is not other and one.entities != other.entities:
                    changed |= _changed_by_entities(one, other)
        else:
            changed.add(DOMAINS)
            for domain in filter(None, (was, now)):
                changed |= _keys_of(domain)
        changed.add(REGISTRATIONS)
    return changed


def frame_of(domain: Domain) -> tuple[object, ...]:
    """What a domain answers for itself: number, name, aliases, tenancy, and its subdomains' numbers and names."""
    subdomains = tuple((subdomain.number, subdomain.name) for subdomain in domain.subdomains)
    return (domain.number, domain.name, domain.aliases, domain.multi_tenant, subdomains)


def _same_order(before: tuple[Domain, ...], after: tuple[Domain, ...]) -> bool:
    """Whether the domains that both have come in the same order, each once: which one a name means may depend on it."""
    old, new = [domain.number for domain in before], [domain.number for domain in after]
    if len(set(old)) < len(old) or len(set(new)) < len(new):
        return False
    both = set(old) & set(new)
    return [number for number in old if number in both] == [number for number in new if number in both]


def _keys_of(domain: Domain) -> set[LookupKey]:
    """Every key that leads to a domain or to something in it."""
    keys: set[LookupKey] = {(LookupKind.DOMAIN, name.lower()) for name in (domain.number, domain.name, *domain.aliases)}
    keys.add((LookupKind.DOMAIN_DIGIT, domain.number[:1].upper()))
    for subdomain in domain.subdomains:
        for entity in subdomain.entities:
            keys.add((LookupKind.REGISTERED_NAME, entity.name.lower()))
            keys.add((LookupKind.REGISTERED_CODE, codes.normalize(entity.table_code)))
    return keys


def _changed_by_entities(before: Subdomain, after: Subdomain) -> set[LookupKey]:
    old, new = _registered(before), _registered(after)
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _registered(subdomain: Subdomain) -> dict[LookupKey, list[tuple[str, str | None]]]:
    registered: dict[LookupKey, list[tuple[str, str | None]]] = {}
    for entity in subdomain.entities:
        shown = (entity.name, entity.table_code)
        registered.setdefault((LookupKind.REGISTERED_NAME, entity.name.lower()), []).append(shown)
        registered.setdefault((LookupKind.REGISTERED_CODE, codes.normalize(entity.table_code)), []).append(shown)
    return registered
