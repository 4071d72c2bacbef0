"""The entity's table code: allocated, registered, or taken from the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.diagnostics.rules.table_codes import own_registrations, renamed_registration
from specql_lsp.features.entity_edits import set_table_code, why_no_table_code
from specql_lsp.features.model import ActionKind, CodeAction, CommandCall, EditsElsewhere, Finding
from specql_lsp.features.writable import why_not_write
from specql_lsp.items.entity import EntityItem
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Registration, RegistryPath, Subdomain
from specql_lsp.registry.state import Provenance, Source
from specql_lsp.registry.yaml_edits.renamed import registry_entity_edits
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.nodes import Entry
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

ALLOCATE = "specql.allocateEntityCode"
RENAME = "specql.renameRegistration"
CHOOSE_SUBDOMAIN = "specql.chooseSubdomain"
"""A command of the client, with the argument of ``ALLOCATE`` without the subdomain, for which it asks."""
CLIENT_COMMANDS = frozenset({CHOOSE_SUBDOMAIN})
"""The commands of actions that only some clients have."""
_SHAPE = "invalid-structure"
"""What an ``organization`` without a table code is."""
_MOST_SUBDOMAINS = 8
_CALLS_FOR_A_CODE = frozenset(
    {
        "missing-table-code",
        "invalid-table-code",
        "reserved-table-code",
        "unknown-schema-layer",
        "unknown-domain-number",
        "unknown-subdomain",
        "domain-mismatch",
        "table-code-taken",
        "table-code-differs",
    }
)


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """The actions for findings about the code, and at the places where a code belongs."""
    entity = request.document.entity
    if entity is not None and entity.name is not None:
        yield from _code_actions(request.analysis, request.document, entity, request.span, request.findings)


def _code_actions(
    analysis: Analysis, document: Document, entity: EntityItem, span: Span, findings: tuple[Finding, ...]
) -> Iterator[CodeAction]:
    organization = entity.organization_entry
    fixes = tuple(
        finding
        for finding in findings
        if finding.code in _CALLS_FOR_A_CODE
        or (finding.code == _SHAPE and organization is not None and finding.span == organization.key.span)
    )
    unregistered = tuple(finding for finding in findings if finding.code == "unregistered-table-code")
    is_anothers = _is_leased_elsewhere(analysis, entity)
    if is_anothers:
        fixes += unregistered
    elif unregistered:
        yield from _register(analysis, document, entity, unregistered)
    if not fixes and not _at_the_code(document, entity, span):
        return
    kind = ActionKind.QUICK_FIX if fixes else ActionKind.REFACTOR_REWRITE
    own = own_registrations(analysis, document)
    renamed = renamed_registration(analysis, document)
    if renamed is not None:
        yield _rename_registered(analysis, document, entity, renamed, fixes, kind)
    if own:
        yield from _take_registered(analysis, document, entity, fixes, kind)
    else:
        may_be_preferred = renamed is None and not is_anothers
        yield from _allocate(analysis, document, entity, fixes, kind, may_be_preferred=may_be_preferred)


def _is_leased_elsewhere(analysis: Analysis, entity: EntityItem) -> bool:
    """Whether the code of an entity cannot be registered for it because of a lease."""
    snapshot, name = analysis.snapshot, entity.name.value.lower() if entity.name is not None else ""
    lease = snapshot.lease_of(entity.code) if snapshot is not None and entity.code is not None else None
    return lease is not None and (not lease.is_own or (lease.entity is not None and lease.entity.lower() != name))


def _rename_registered(
    analysis: Analysis,
    document: Document,
    entity: EntityItem,
    registration: Registration,
    fixes: tuple[Finding, ...],
    kind: ActionKind,
) -> CodeAction:
    """The registry follows an entity that was renamed in its file.

    Not preferred, which an editor may do unasked: the registration may be of another workspace's entity.
    """
    old, new = registration.entity, entity.name.value if entity.name else ""
    title = f"Rename {old.name} to {new} in the registry (keeps {codes.normalize(old.table_code)})"
    refused = why_not_write(analysis)
    if refused is not None:
        in_yaml = _renamed_in_yaml(analysis, registration, new)
        if in_yaml is not None:
            return CodeAction(title, kind, fixes, elsewhere=(in_yaml,))
        return CodeAction(title, kind, fixes, disabled=refused)
    arguments = {
        "uri": document.uri,
        "domain": registration.domain.number,
        "subdomain": registration.subdomain.number,
        "entity": old.name,
        "newName": new,
        "tableCode": old.table_code,
    }
    return CodeAction(title, kind, fixes, command=CommandCall(RENAME, arguments))


def _renamed_in_yaml(analysis: Analysis, registration: Registration, new: str) -> EditsElsewhere | None:
    """The edits of the registry YAML, where that is the registry and can be changed."""
    document = analysis.registry_document
    is_alone = analysis.settings.registry.is_yaml_alone and analysis.registry.provenance.source is Source.YAML
    if not is_alone or analysis.registry.provenance.stale or document is None or document.tree.has_problems:
        return None
    domain, subdomain, entity = registration
    wanted = registry_entity_edits(document, RegistryPath(domain.number, subdomain.number, entity.name), new)
    edits = tuple(sorted((replace_text(document.tree, *each) for each in wanted), key=lambda edit: edit.span))
    return EditsElsewhere(document, edits) if edits else None


def _at_the_code(document: Document, entity: EntityItem, span: Span) -> bool:
    """Whether the range is on the line of ``entity``, ``organization`` or ``table_code``."""
    lines = document.tree.lines
    wanted = range(lines.line_of(span.start), lines.line_of(span.end) + 1)
    entry = entity.organization.entry("table_code") if entity.organization else None
    entries: tuple[Entry | None, ...] = (entity.entity_entry, entity.organization_entry, entry)
    places = [each.span.start for each in entries if each is not None]
    if entity.name is not None:
        places.append(entity.name.span.start)
    return any(lines.line_of(each) in wanted for each in places)


def _take_registered(
    analysis: Analysis, document: Document, entity: EntityItem, fixes: tuple[Finding, ...], kind: ActionKind
) -> Iterator[CodeAction]:
    """The code that the registry has for the entity; a malformed one is no help."""
    registered = [codes.normalize(r.entity.table_code) for r in own_registrations(analysis, document)]
    usable = [code for code in dict.fromkeys(registered) if codes.is_well_formed(code)]
    if entity.code in usable:
        return
    for index, code in enumerate(usable):
        title = f"Take the registered code {code}"
        edits = set_table_code(document, code)
        if edits:
            preferred = index == 0 and len(usable) == 1
            yield CodeAction(title, kind, fixes, edits, preferred=preferred)
        elif (refused := why_no_table_code(document)) is not None:
            yield CodeAction(title, kind, fixes, disabled=refused)


def _allocate(
    analysis: Analysis,
    document: Document,
    entity: EntityItem,
    fixes: tuple[Finding, ...],
    kind: ActionKind,
    *,
    may_be_preferred: bool,
) -> Iterator[CodeAction]:
    refused = why_not_write(analysis)
    domain = analysis.domain_of(document)
    if domain is None:
        if refused is not None and analysis.snapshot is None:
            yield CodeAction("Allocate a code", kind, fixes, disabled=refused)
        return
    best = analysis.subdomain_of(document, domain)
    ordered = sorted(domain.subdomains, key=lambda each: each is not best)
    provenance = analysis.registry.provenance
    if refused is not None and provenance.leased and why_no_table_code(document) is None:
        yield from _leased(document, entity, domain, ordered, provenance, kind, fixes)
        return
    refused = refused or why_no_table_code(document)
    if refused is not None:
        where = f"{domain.name} / {best.name}" if best else domain.name
        yield CodeAction(f"Allocate a code in {where}", kind, fixes, disabled=refused)
        return
    offered = 0
    for subdomain in ordered:
        free = analysis.free_sequences(domain, subdomain, document.uri)
        if not free:
            continue
        if offered == _MOST_SUBDOMAINS:
            arguments = _allocation(document, entity, domain)
            yield CodeAction("Another subdomain…", kind, fixes, command=CommandCall(CHOOSE_SUBDOMAIN, arguments))
            return
        code = codes.TableCode(codes.WRITE_LAYER, domain.number.upper(), subdomain.number.upper(), free[0])
        title = f"Allocate a code in {domain.name} / {subdomain.name} ({code}, {len(free)} left)"
        command = CommandCall(ALLOCATE, _allocation(document, entity, domain, subdomain))
        # Preferred is what an editor does unasked: only for what is wrong, and where SpecQL would put it itself.
        yield CodeAction(
            title, kind, fixes, command=command, preferred=may_be_preferred and bool(fixes) and subdomain is best
        )
        offered += 1


def _leased(
    document: Document,
    entity: EntityItem,
    domain: Domain,
    subdomains: Sequence[Subdomain],
    provenance: Provenance,
    kind: ActionKind,
    fixes: tuple[Finding, ...],
) -> Iterator[CodeAction]:
    """What can be allocated while PostgreSQL is away: the leased codes of the folder."""
    for subdomain in subdomains:
        if left := provenance.leased_in(domain.number, subdomain.number):
            title = f"Allocate a leased code in {domain.name} / {subdomain.name} ({left[0]}, {len(left)} left)"
            command = CommandCall(ALLOCATE, _allocation(document, entity, domain, subdomain))
            yield CodeAction(title, kind, fixes, command=command)


def _allocation(
    document: Document, entity: EntityItem, domain: Domain, subdomain: Subdomain | None = None
) -> dict[str, Any]:
    place = {} if subdomain is None else {"subdomain": subdomain.number}
    return {
        "uri": document.uri,
        "entity": entity.name.value if entity.name else "",
        "domain": domain.number,
        **place,
    }


def _register(
    analysis: Analysis, document: Document, entity: EntityItem, fixes: tuple[Finding, ...]
) -> Iterator[CodeAction]:
    snapshot, code = analysis.snapshot, entity.code
    parts = snapshot.parts(code) if snapshot is not None and code is not None else None
    if code is None or parts is None or parts.domain is None or parts.subdomain is None or entity.name is None:
        return
    title = f"Register {code} for {entity.name.value} in {parts.domain.name} / {parts.subdomain.name}"
    refused = why_not_write(analysis)
    if refused is not None:
        yield CodeAction(title, ActionKind.QUICK_FIX, fixes, disabled=refused)
        return
    arguments: Mapping[str, Any] = {
        **_allocation(document, entity, parts.domain, parts.subdomain),
        "tableCode": code,
    }
    yield CodeAction(title, ActionKind.QUICK_FIX, fixes, command=CommandCall(ALLOCATE, arguments), preferred=True)
