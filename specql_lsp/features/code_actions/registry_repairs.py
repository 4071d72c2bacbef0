"""Code actions for what SpecQL needs in order to read a registry YAML: for one place, and for the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.findings import Repair
from specql_lsp.registry.sources.yaml.specql_needs import LISTS, RELEASE, listed, specql_findings
from specql_lsp.registry.state import Source
from specql_lsp.registry.yaml_edits.required import addable, required
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def required_actions(
    analysis: Analysis, document: Document, findings: tuple[Finding, ...], now: datetime
) -> Iterator[CodeAction]:
    """The actions for the ``invalid-registry`` findings among those given.

    Args:
        analysis: the registry that may know what the file lacks.
        document: the registry YAML.
        findings: the findings at the cursor.
        now: what ``assigned_at`` says of an entity whose time of allocation is not known.
    """
    invalid = {finding.span: finding for finding in findings if finding.code == "invalid-registry"}
    if not invalid or document.registry is None:
        return
    found = specql_findings(document.registry, document.tree)
    known = _known(analysis, document)
    fixable = 0
    for each in found:
        finding = invalid.get(each.span)
        edits = required(document, now, known, (each,)) if finding is not None else ()
        if finding is not None and edits and each.repair is not None:
            fixable += 1
            yield CodeAction(_title(each.repair, known), ActionKind.QUICK_FIX, (finding,), edits, preferred=True)
    if fixable and len(found) > 1:
        everything = required(document, now, known)
        title = f"Add everything that {RELEASE} needs to this file"
        yield CodeAction(title, ActionKind.QUICK_FIX, tuple(invalid.values()), everything)


def _known(analysis: Analysis, document: Document) -> Snapshot | None:
    """PostgreSQL's registry, where it is the one of this file: what is added there shall not differ from it."""
    is_postgresql = analysis.registry.provenance.source is Source.POSTGRESQL
    return analysis.snapshot if is_postgresql and document.is_registry else None


def _title(repair: Repair, known: Snapshot | None) -> str:
    if repair.unquoted is not None:
        return f"Quote {repair.unquoted.value}"
    if repair.unusable is not None:
        name = repair.unusable.name
        if name == "next_entity_sequence":
            return f"Write {name} as an integer"
        if name == "schema_layers":
            return "Write SpecQL's own schema layers"
        return f"Write {'[]' if name in LISTS else '{}'} for {name}"
    return f"Add {listed(addable(repair, known))} to {repair.title}"
