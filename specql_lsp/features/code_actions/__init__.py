"""Code actions: what a finding, or the place of the cursor, lets the user change with one keystroke.

Edits are the smallest ones; what writes the registry is a command of the contract, which asks the registry again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from specql_lsp.features.code_actions.replacements import replacement_actions
from specql_lsp.features.diagnostics.rules import fixes_of
from specql_lsp.features.diagnostics.rules.table_codes import own_registrations
from specql_lsp.features.discrepancy_titles import keep_postgresql_title, keep_yaml_question, keep_yaml_title
from specql_lsp.features.entity_edits import set_table_code, shared_anchor, why_no_table_code
from specql_lsp.features.model import ActionKind, CodeAction, CommandCall, Finding
from specql_lsp.features.registry_yaml.actions import required_actions
from specql_lsp.items.entity import EntityItem
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language import table_code as codes
from specql_lsp.registry.consistency.changes import lowered_counter
from specql_lsp.registry.consistency.comparison import discrepancy_to_json
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.state import Discrepancy
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Entry, Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

ALLOCATE = "specql.allocateEntityCode"
RESOLVE = "specql.resolveDiscrepancy"
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


def code_actions(
    analysis: Analysis, document: Document, span: Span, findings: tuple[Finding, ...], now: datetime
) -> tuple[CodeAction, ...]:
    """The actions for a range of a file, best first.

    Args:
        analysis: the analysis of the workspace.
        document: the file.
        span: the range; empty for a cursor.
        findings: those of ``check`` and ``drift`` that overlap the range.
        now: what a fix writes for the time of an assignment that is not known.
    """
    actions: list[CodeAction] = []
    for finding in findings:
        actions.extend(replacement_actions(document, finding))
        actions.extend(fixes_of(analysis, document, finding))
        if finding.discrepancy is not None:
            actions.extend(_keep(analysis, document, finding, finding.discrepancy))
        elif finding.code == "unquoted-table-code":
            actions.extend(_quote_code(document, finding))
    actions.extend(required_actions(analysis, document, findings, now))
    entity = document.entity
    if entity is not None and entity.name is not None:
        actions.extend(_code_actions(analysis, document, entity, span, findings))
    return tuple(actions)


# The entity's code


def _code_actions(
    analysis: Analysis, document: Document, entity: EntityItem, span: Span, findings: tuple[Finding, ...]
) -> Iterator[CodeAction]:
    fixes = tuple(finding for finding in findings if finding.code in _CALLS_FOR_A_CODE)
    unregistered = tuple(finding for finding in findings if finding.code == "unregistered-table-code")
    if unregistered:
        yield from _register(analysis, document, entity, unregistered)
    if not fixes and not _at_the_code(document, entity, span):
        return
    kind = ActionKind.QUICK_FIX if fixes else ActionKind.REFACTOR_REWRITE
    own = own_registrations(analysis, document)
    if own:
        yield from _take_registered(analysis, document, entity, fixes, kind)
    else:
        yield from _allocate(analysis, document, entity, fixes, kind)


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
    analysis: Analysis, document: Document, entity: EntityItem, fixes: tuple[Finding, ...], kind: ActionKind
) -> Iterator[CodeAction]:
    refused = _why_not_write(analysis)
    domain = analysis.domain_of(document)
    if domain is None:
        if refused is not None and analysis.snapshot is None:
            yield CodeAction("Allocate a code", kind, fixes, disabled=refused)
        return
    best = analysis.subdomain_of(document, domain)
    ordered = sorted(domain.subdomains, key=lambda each: each is not best)
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
        code = codes.TableCode(codes.WRITE_LAYER, domain.number.upper(), subdomain.number.upper(), free[0])
        title = f"Allocate a code in {domain.name} / {subdomain.name} ({code}, {len(free)} left)"
        command = CommandCall(ALLOCATE, _allocation(document, entity, domain, subdomain))
        # Preferred is what an editor does unasked: only for what is wrong, and where SpecQL would put it itself.
        yield CodeAction(title, kind, fixes, command=command, preferred=bool(fixes) and subdomain is best)
        offered += 1
        if offered == _MOST_SUBDOMAINS:
            return


def _allocation(document: Document, entity: EntityItem, domain: Domain, subdomain: Subdomain) -> dict[str, Any]:
    return {
        "uri": document.uri,
        "entity": entity.name.value if entity.name else "",
        "domain": domain.number,
        "subdomain": subdomain.number,
    }


def _register(
    analysis: Analysis, document: Document, entity: EntityItem, fixes: tuple[Finding, ...]
) -> Iterator[CodeAction]:
    snapshot, code = analysis.snapshot, entity.code
    parts = snapshot.parts(code) if snapshot is not None and code is not None else None
    if code is None or parts is None or parts.domain is None or parts.subdomain is None or entity.name is None:
        return
    title = f"Register {code} for {entity.name.value} in {parts.domain.name} / {parts.subdomain.name}"
    refused = _why_not_write(analysis)
    if refused is not None:
        yield CodeAction(title, ActionKind.QUICK_FIX, fixes, disabled=refused)
        return
    arguments: Mapping[str, Any] = {
        **_allocation(document, entity, parts.domain, parts.subdomain),
        "tableCode": code,
    }
    yield CodeAction(title, ActionKind.QUICK_FIX, fixes, command=CommandCall(ALLOCATE, arguments), preferred=True)


def _why_not_write(analysis: Analysis) -> str | None:
    """Why the registry cannot be written now; None where it can."""
    provenance = analysis.registry.provenance
    if analysis.snapshot is None:
        return provenance.reason or "No registry can be read now."
    if not provenance.writable:
        reason = f" {provenance.reason}" if provenance.reason else ""
        return f"The registry is read-only now, as it is read from {provenance.source.label}.{reason}"
    return None


# Scalars


def _quote_code(document: Document, finding: Finding) -> Iterator[CodeAction]:
    scalar = _scalar_at(document, finding.span)
    if scalar is None or _is_shared(document, finding.span):
        return
    edit = TextEdit(finding.span, f"'{scalar.value}'")
    # Quotes alone mend a code of six digits only.
    preferred = codes.is_well_formed(scalar.value)
    yield CodeAction(f"Quote {scalar.value}", ActionKind.QUICK_FIX, (finding,), (edit,), preferred=preferred)


def _is_shared(document: Document, span: Span) -> bool:
    """Whether what is written there is also read in another place, by an alias, so that an edit would change both."""
    return shared_anchor(document.tree, span) is not None


def _scalar_at(document: Document, span: Span) -> Scalar | None:
    """The scalar that a finding is about, by its span."""
    candidates: list[Scalar | None] = []
    entity = document.entity
    if entity is not None:
        candidates += [entity.table_code, entity.schema_node, entity.domain_name]
    if document.registry is not None:
        candidates += _registry_scalars(document.registry)
    return next((each for each in candidates if each is not None and each.span == span), None)


def _registry_scalars(registry: RegistryFile) -> list[Scalar | None]:
    keys = [entry.key for entry in registry.inference]
    return [
        *(node.code for _, _, node in registry.entities()),
        *(key for key in keys if isinstance(key, Scalar)),
    ]


# Drift


def _keep(analysis: Analysis, document: Document, finding: Finding, discrepancy: Discrepancy) -> Iterator[CodeAction]:
    argument: dict[str, Any] = {"uri": document.uri, "discrepancy": discrepancy_to_json(discrepancy)}
    yield CodeAction(
        keep_postgresql_title(discrepancy),
        ActionKind.QUICK_FIX,
        (finding,),
        command=CommandCall(RESOLVE, {**argument, "keep": "postgresql"}),
    )
    title, snapshot = keep_yaml_title(discrepancy), analysis.snapshot
    refused = _why_not_write(analysis)
    if refused is None and snapshot is not None:
        refused = lowered_counter(snapshot, discrepancy)
    if refused is not None or snapshot is None:
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), disabled=refused)
        return
    keep_yaml = {**argument, "keep": "yaml"}
    if keep_yaml_question(discrepancy, snapshot, analysis.registry.provenance.server) is not None:
        keep_yaml["confirmed"] = False
    yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), command=CommandCall(RESOLVE, keep_yaml))
