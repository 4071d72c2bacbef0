"""Pictures for tests of diagnostics, code actions and edits: texts in, one ``check`` that reads like the editor.

An expectation stands below the line that it is about: ``^^^^ code: part of the message``, the carets under the
span. Lines of carets are taken out of the text before it is checked.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from specql_lsp.config import DiagnosticsSettings, Settings, SeverityOverride
from specql_lsp.features import diagnostics
from specql_lsp.features.model import Finding
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

URI = "file:///workspace/entities/it.yaml"
REGISTRY_URI = "file:///workspace/registry/domain_registry.yaml"
REGISTRY = """\
schema_layers:
  '00': common
  '01': write_side
  '02': read_side
  '03': functions
domains:
  '1':
    name: core
    description: Basics
    subdomains:
      '01':
        name: i18n
        description: Languages
        next_entity_sequence: 1
        entities: {}
  '2':
    name: crm
    description: Customer relations
    aliases:
    - management
    multi_tenant: true
    subdomains:
      '01':
        name: core
        description: Basics
        next_entity_sequence: 1
        entities: {}
      '03':
        name: customer
        description: Customers
        next_entity_sequence: 5
        entities:
          Contact:
            table_code: '012034'
            entity_code: CNT
            assigned_at: '2025-11-08'
          Company:
            table_code: '012035'
            entity_code: CMP
            assigned_at: '2025-11-08'
  '3':
    name: catalog
    description: Products
    subdomains:
      '02':
        name: manufacturer
        description: Brands
        next_entity_sequence: 2
        entities:
          Manufacturer: {table_code: '013021', entity_code: MNF, assigned_at: '2025-11-08'}
reserved_codes: ['000000', '999999', '01203E']
subdomain_inference:
  crm:
    customer:
      patterns: [contact, company, customer]
"""

_EXPECTATION = re.compile(r"(?P<margin>[ ]*)(?P<carets>\^+) (?P<code>[a-z-]+)(?:: (?P<message>.*))?\Z")


@dataclass(frozen=True)
class Expected:
    """One expectation: the text under the carets, the code, and a part of the message."""

    line: int
    start: int
    end: int
    code: str
    message: str


def document(text: str, uri: str = URI) -> Document:
    """A document; the registry's where the URI is the registry's."""
    return Document(uri, text, 1, is_registry=uri == REGISTRY_URI)


def snapshot(text: str = REGISTRY) -> Snapshot:
    """The snapshot of a registry YAML."""
    it = document(text, REGISTRY_URI)
    assert it.registry is not None
    return snapshot_of(it.registry, it.tree)


def analysis(
    *files: Document,
    registry: str | None = REGISTRY,
    writable: bool = True,
    severity: dict[str, SeverityOverride] | None = None,
) -> Analysis:
    """The picture of a workspace with these files; ``registry`` None: none can be read."""
    settings = Settings(diagnostics=DiagnosticsSettings(severity=severity or {}))
    index = WorkspaceIndex(summary for file in files if (summary := summarize(file)) is not None)
    if registry is None:
        reason = "The registry cannot be read: no such file."
        return Analysis(settings, RegistryState(Provenance(reason=reason)), index)
    source = Source.POSTGRESQL if writable else Source.YAML
    state = RegistryState(
        Provenance(source, writable=writable, reason="" if writable else "PostgreSQL does not answer."),
        snapshot(registry),
    )
    return Analysis(settings, state, index, document(registry, REGISTRY_URI))


def split_expectations(marked: str) -> tuple[str, list[Expected]]:
    """The text without its lines of carets, and what they expect."""
    kept: list[str] = []
    expected: list[Expected] = []
    for line in textwrap.dedent(marked).split("\n"):
        match = _EXPECTATION.match(line)
        if match is None:
            kept.append(line)
            continue
        start, end = match.span("carets")
        expected.append(Expected(len(kept) - 1, start, end, match["code"], match["message"] or ""))
    return "\n".join(kept), expected


def cursor(marked: str) -> tuple[str, int]:
    """The text without ``$0``, and where that stood."""
    marked = textwrap.dedent(marked)
    return marked.replace("$0", "", 1), marked.index("$0")


def check(
    marked: str,
    *others: str,
    uri: str = URI,
    registry: str | None = REGISTRY,
    severity: dict[str, SeverityOverride] | None = None,
) -> tuple[Finding, ...]:
    """Checks a file beside ``others`` and compares with the expectations in it; nothing else may be found."""
    text, expected = split_expectations(marked)
    it = document(text, uri)
    files = [document(textwrap.dedent(other), f"file:///workspace/entities/{n}.yaml") for n, other in enumerate(others)]
    found = diagnostics.check(analysis(it, *files, registry=registry, severity=severity), it)
    actual = [_seen(it, finding) for finding in found]
    assert sorted((e.line, e.start, e.end, e.code) for e in expected) == sorted(actual), [f.message for f in found]
    for each in expected:
        texts = [f.message for f in found if _seen(it, f) == (each.line, each.start, each.end, each.code)]
        assert any(each.message in text for text in texts), (each.message, texts)
    return found


def _seen(it: Document, finding: Finding) -> tuple[int, int, int, str]:
    start = it.lines.position(finding.span.start)
    return start.line, start.column, start.column + finding.span.end - finding.span.start, finding.code


def everything(text: str) -> Span:
    """The span of a whole text."""
    return Span(0, len(text))
