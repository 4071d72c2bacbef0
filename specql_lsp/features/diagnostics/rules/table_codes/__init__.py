"""The table code of an entity file: its digits, which entity has it, and whether it is the registered one."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.table_codes import digits, owners
from specql_lsp.features.model import CodeAction, Finding, Related
from specql_lsp.features.registered_files import renamed_holder
from specql_lsp.index.summary import EntityFacts
from specql_lsp.items.entity import EntityItem
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Registration
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.nodes import Entry, Scalar
from specql_lsp.syntax.yaml11 import is_null
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_MOST_RELATED = 5


RULES = (
    digits.INVALID,
    digits.UNQUOTED,
    digits.RESERVED,
    digits.UNKNOWN_LAYER,
    digits.UNKNOWN_DOMAIN_NUMBER,
    digits.UNKNOWN_SUBDOMAIN,
    digits.DOMAIN_MISMATCH,
    owners.TAKEN,
    owners.DIFFERS,
    owners.UNREGISTERED,
    owners.MISSING,
)


def check(context: RuleContext) -> Iterator[Finding]:
    """Every finding about the file's table code, or about its absence."""
    analysis, document, entity = context
    code = entity.table_code
    if code is None:
        yield from _without_scalar(analysis, document, entity)
        return
    yield from digits.check_writing(code)
    if not codes.is_well_formed(code.value):
        return
    snapshot = analysis.snapshot
    elsewhere = _other_files(analysis, document, entity, codes.normalize(code.value))
    if snapshot is None:
        if elsewhere:
            yield _taken_by_files(code, elsewhere)
        return
    reserved = digits.reserved_code(snapshot, code)
    if reserved is not None:
        yield reserved
        return
    by_digits = list(_digits(snapshot, entity, code))
    yield from by_digits
    own = own_registrations(analysis, document)
    text = codes.normalize(code.value)
    holds = any(codes.normalize(r.entity.table_code) == text for r in own)
    taken = _taken_by_registration(analysis, document, entity, code, elsewhere)
    if taken is None and elsewhere:
        taken = _used_although_ours(code, elsewhere) if holds else _taken_by_files(code, elsewhere)
    if taken is not None:
        yield taken
    if holds:
        return
    if own:
        yield _differs(analysis, own, code)
    elif taken is None and not by_digits and not _registered_without_domain(analysis, document, entity, text):
        yield from _unregistered(snapshot, entity, code)


def _unregistered(snapshot: Snapshot, entity: EntityItem, code: Scalar) -> Iterator[Finding]:
    """The finding about a code that nothing has but this file."""
    text, name = codes.normalize(code.value), _name(entity)
    lease = snapshot.lease_of(text)
    if lease is None:
        what = f"The code {text} is free, but not registered: register it for {name} before others take it."
    elif lease.entity is not None and entity.name is not None and lease.entity.lower() == entity.name.value.lower():
        return  # it got the code while PostgreSQL was away, and is registered when that is back
    elif lease.entity is not None:
        what = f"The code {text} of a lease was given to {lease.entity} while PostgreSQL was away: take another code."
    elif lease.is_own:
        what = f"The code {text} is leased by this folder, but not registered: register it for {name}."
    else:
        what = (
            f"The code {text} is leased to {lease.holder} until {lease.until}, and cannot be registered here: take "
            f"another code, unless {name} comes from there."
        )
    yield owners.UNREGISTERED.finding(code.span, what)


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Quotes; what needs the registry is offered by ``specql_lsp.features.code_actions.table_codes``."""
    if finding.code == digits.UNQUOTED.code:
        yield from digits.quote_code(context.document, finding)


def own_registrations(analysis: Analysis, document: Document) -> tuple[Registration, ...]:
    """The registrations of the file's entity in its domain; real registries have some in several subdomains."""
    entity, snapshot, domain = document.entity, analysis.snapshot, analysis.domain_of(document)
    if entity is None or entity.name is None or snapshot is None or domain is None:
        return ()
    number = domain.number.upper()
    return tuple(r for r in snapshot.by_entity(entity.name.value) if r.domain.number.upper() == number)


def renamed_registration(analysis: Analysis, document: Document) -> Registration | None:
    """The registration of the file's code under a name that no file has any more: the entity was renamed by hand.

    None where another entity has the code, or the new name is registered as well.
    """
    entity, domain = document.entity, analysis.domain_of(document)
    if entity is None or entity.name is None or entity.code is None or domain is None:
        return None
    held = renamed_holder(analysis, domain, entity.code)
    if held is None or own_registrations(analysis, document):
        return None
    is_only = len(analysis.index.using_code(codes.normalize(entity.code))) <= 1
    return held if is_only and analysis.knows_all_files() else None


def _name(entity: EntityItem) -> str:
    return entity.name.value if entity.name else "this entity"


def _without_scalar(analysis: Analysis, document: Document, entity: EntityItem) -> Iterator[Finding]:
    entry = entity.organization.entry("table_code") if entity.organization else None
    value = document.tree.resolve(entry.value) if entry else None
    if value is not None and not isinstance(value, Scalar):
        yield digits.invalid_code(value.span, document.tree.raw(value).split("\n")[0])
        return
    if isinstance(value, Scalar) and not is_null(value):  # '' between quotes is no null
        yield digits.INVALID.finding(value.span, "The table code is empty: write six hexadecimal digits.")
        return
    domain = analysis.domain_of(document)
    # A file may go without a code; the hint is there for the action, which needs a domain. In broken text a code
    # may stand where the parser lost it.
    if entity.name is None or domain is None or document.tree.has_problems:
        return
    if entity.organization_entry is not None and entry is None:  # SpecQL refuses that: ``invalid-structure``
        return
    own = own_registrations(analysis, document)
    registered = f"the registry has {own[0].entity.table_code} for it." if own and own[0].entity.table_code else None
    hint = registered or f"allocate one in domain {domain.number} ({domain.name})."
    span = _absence(entity, entry).span if entity.organization_entry else entity.name.span
    yield owners.MISSING.finding(span, f"{entity.name.value} has no table code: {hint}")


def _absence(entity: EntityItem, entry: Entry | None) -> Scalar:
    """The key that has no code yet, else the name."""
    key = (entry or entity.organization_entry or entity.entity_entry).key
    assert isinstance(key, Scalar)  # noqa: S101 - it was found by its text
    return key


def _digits(snapshot: Snapshot, entity: EntityItem, code: Scalar) -> Iterator[Finding]:
    layer = digits.unknown_layer(snapshot, code)
    if layer is not None:
        yield layer
    parts = snapshot.parts(code.value)
    if parts is None:
        return
    text = codes.normalize(code.value)
    if parts.domain is None:
        yield digits.unknown_domain_number(snapshot, code, parts.code.domain)
        return
    domain = parts.domain
    if parts.subdomain is None:
        known = ", ".join(f"{s.number} ({s.name})" for s in domain.subdomains[:10]) or "none"
        yield digits.UNKNOWN_SUBDOMAIN.finding(
            code.span,
            f"Domain {domain.number} ({domain.name}) has no subdomain {parts.code.subdomain}, which the code {text} "
            f"names; it has {known}.",
        )
    meant = snapshot.domain_named(entity.schema)
    if meant is not None and meant is not domain:
        yield digits.DOMAIN_MISMATCH.finding(
            code.span,
            f"The code {text} belongs to domain {domain.number} ({domain.name}), but the schema {entity.schema} is "
            f"domain {meant.number} ({meant.name}).",
        )


def _same_entity(snapshot: Snapshot | None, domain: Domain | None, entity: EntityItem, other: EntityFacts) -> bool:
    """Whether another file defines this very entity: the same name in the same schema or domain."""
    if entity.name is None or other.name.lower() != entity.name.value.lower():
        return False
    if other.schema.lower() == entity.schema.lower():
        return True
    return snapshot is not None and domain is not None and snapshot.domain_named(other.schema) is domain


def _other_files(analysis: Analysis, document: Document, entity: EntityItem, code: str) -> tuple[EntityFacts, ...]:
    """The files that use the code for another entity."""
    users = analysis.index.using_code(code)
    if not users:
        return ()
    domain = analysis.domain_of(document)
    return tuple(
        facts
        for facts in sorted(users, key=lambda facts: facts.uri)
        if facts.uri != document.uri and not _same_entity(analysis.snapshot, domain, entity, facts)
    )


def _file_related(files: tuple[EntityFacts, ...]) -> tuple[Related, ...]:
    return tuple(
        Related(facts.code_place or facts.name_place, f"{facts.name} uses the code {facts.code}.")
        for facts in files[:_MOST_RELATED]
    )


def _taken_by_files(code: Scalar, files: tuple[EntityFacts, ...]) -> Finding:
    first = files[0]
    return owners.TAKEN.finding(
        code.span,
        f"The code {codes.normalize(code.value)} is used by {first.name} in another file: take another code.",
        related=_file_related(files),
    )


def _used_although_ours(code: Scalar, files: tuple[EntityFacts, ...]) -> Finding:
    """The finding in the file of the entity that has the code by right: the other file is to be mended."""
    first = files[0]
    return owners.TAKEN.finding(
        code.span,
        f"{first.name} in another file uses the code {codes.normalize(code.value)}, too, which is registered to this "
        "entity: give that file another code.",
        related=_file_related(files),
    )


def _taken_by_registration(
    analysis: Analysis, document: Document, entity: EntityItem, code: Scalar, files: tuple[EntityFacts, ...]
) -> Finding | None:
    snapshot = analysis.snapshot
    assert snapshot is not None  # noqa: S101 - the caller looked
    domain = analysis.domain_of(document)
    name = entity.name.value.lower() if entity.name else None
    others = [
        registration
        for registration in snapshot.by_code(code.value)
        if registration.entity.name.lower() != name
        # Without a domain of its own, the file may well mean that registration.
        or (domain is not None and registration.domain.number.upper() != domain.number.upper())
    ]
    if not others or name is None:
        return None
    holder = others[0]
    if renamed_registration(analysis, document) is not None:
        return owners.TAKEN.finding(
            code.span,
            f"The code {codes.normalize(code.value)} is registered to {holder.entity.name} in domain "
            f"{holder.domain.number} ({holder.domain.name}), which no file defines: rename it to {_name(entity)} in "
            "the registry, or take another code.",
            related=_registered_places(analysis, others),
        )
    return owners.TAKEN.finding(
        code.span,
        f"The code {codes.normalize(code.value)} is registered to {holder.entity.name} in domain "
        f"{holder.domain.number} ({holder.domain.name}): take another code.",
        related=(*_registered_places(analysis, others), *_file_related(files)),
    )


def _registered_places(analysis: Analysis, registrations: list[Registration]) -> tuple[Related, ...]:
    """Where the registry's YAML has these registrations, as far as it can be read."""
    related: list[Related] = []
    for domain, subdomain, entity in registrations[:_MOST_RELATED]:
        place = analysis.registered_place(domain.number, subdomain.number, entity.name)
        if place is not None:
            related.append(Related(place, f"{entity.name} is registered with {entity.table_code}."))
    return tuple(related)


def _registered_without_domain(analysis: Analysis, document: Document, entity: EntityItem, code: str) -> bool:
    """Whether the code is registered to an entity of that name, where the file has no domain to compare."""
    snapshot = analysis.snapshot
    if snapshot is None or analysis.domain_of(document) is not None or entity.name is None:
        return False
    name = entity.name.value.lower()
    return any(r.entity.name.lower() == name for r in snapshot.by_code(code))


def _differs(analysis: Analysis, own: tuple[Registration, ...], code: Scalar) -> Finding:
    registered = " or ".join(dict.fromkeys(codes.normalize(r.entity.table_code) or "no code" for r in own))
    first = own[0]
    return owners.DIFFERS.finding(
        code.span,
        f"The registry has {registered} for {first.entity.name} in domain {first.domain.number} "
        f"({first.domain.name}), not {codes.normalize(code.value)}: take the registered code.",
        related=_registered_places(analysis, list(own)),
    )
