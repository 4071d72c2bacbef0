"""In any workspace: a definition leads to a definition, and references are the uses that resolve to it, all of them."""

from __future__ import annotations

from random import Random

import pytest

from specql_lsp.features.definition import definition
from specql_lsp.features.references import references
from specql_lsp.index.summary import summarize
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.semantics.classify import Role, classify
from specql_lsp.semantics.resolve import resolve_use, uses_of_entity
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

NAMES = ["Contact", "contact", "Company", "Order"]
SCHEMAS = ["crm", "CRM", "management", "sales", "common"]
REGISTRY = """\
domains:
  '2':
    name: crm
    aliases: [management]
    subdomains:
      '03': {name: core, entities: {Contact: {table_code: '012031'}, Ghost: {table_code: '012032'}}}
  '3': {name: sales, subdomains: {}}
"""


def entity_text(random: Random) -> str:
    target = random.choice([*NAMES, "Ghost", "Nobody", "crm.Contact", "sales.Order", "management.Company"])
    lines = [
        f"entity: {random.choice(NAMES)}" if random.random() < 0.9 else "entity:",
        f"schema: {random.choice(SCHEMAS)}",
        f"organization: {{table_code: '01203{random.choice('12')}'}}",
        random.choice(["fields:", "ä: 1\nfields:"]),
        f"  one: ref({target})",
        f"  two: {{type: 'ref({random.choice(NAMES)}|{random.choice(NAMES)})!'}}",
        "actions:",
        f"  - {{name: a, steps: [{{insert: {random.choice(NAMES)}}}, {{if: x, then: [{{delete: {target}}}]}}]}}",
        f"table_views: {{include_relations: [{{{random.choice(NAMES)}: {{fields: [a]}}}}]}}",
    ]
    if random.random() < 0.2:
        lines[4] = f"  &x one: &y ref({target})\n  three: *y"
    return "\n".join(lines) + "\n"


def any_workspace(random: Random) -> tuple[Analysis, dict[str, Document]]:
    folders = ["", "a/", "a/b/", "a/b/c/", "x/"]
    uris = {f"file:///{random.choice(folders)}{number}.yaml" for number in range(random.randrange(1, 9))}
    documents = {uri: Document(uri, entity_text(random)) for uri in sorted(uris)}
    index = WorkspaceIndex(summary for it in documents.values() if (summary := summarize(it)) is not None)
    registry = Document("file:///registry.yaml", REGISTRY, is_registry=True)
    assert registry.registry is not None
    snapshot = snapshot_of(registry.registry, registry.tree) if random.random() < 0.8 else Snapshot(())
    state = RegistryState(Provenance(Source.YAML), snapshot)
    return Analysis(registry=state, index=index, registry_document=registry), {**documents, registry.uri: registry}


@pytest.mark.parametrize("seed", range(40))
def test_definitions_and_references_agree(seed: int) -> None:
    random = Random(seed)
    analysis, documents = any_workspace(random)
    for document in documents.values():
        for offset in random.sample(range(len(document.text)), 40):
            symbol = classify(document, offset)
            for link in definition(analysis, document, offset, read=documents.get):
                assert symbol is not None
                target = documents[link.target.uri]
                at = target.lines.offset(link.target.start)
                leads_to = classify(target, at)
                assert leads_to is not None
                assert leads_to.kind is symbol.kind
                assert target.lines.position(leads_to.span.start) == link.target.start
                is_registration = target.is_registry and leads_to.kind is SymbolKind.ENTITY
                is_code = SymbolKind.CODE is symbol.kind
                assert leads_to.role is Role.DEFINITION or is_registration or is_code
                # In the registry YAML a number or an alias leads to the domain's name, which alone is its definition.
                named = symbol.kind in (SymbolKind.ENTITY, SymbolKind.SCHEMA, SymbolKind.CODE)
                if named and not document.is_registry:
                    found = references(analysis, target, at, with_definition=True, read=documents.get)
                    assert (document.uri, document.lines.position(symbol.span.start)) in {
                        (place.uri, place.start) for place in found
                    }


@pytest.mark.parametrize("seed", range(40))
def test_every_use_is_a_reference_of_what_it_resolves_to_and_of_nothing_else(seed: int) -> None:
    analysis, _ = any_workspace(Random(seed))
    entities = list(analysis.index.all())
    expected: dict[int, list[tuple[str, object]]] = {number: [] for number in range(len(entities))}
    for uri in analysis.index.uris:
        summary = analysis.index.get(uri)
        assert summary is not None
        for use in summary.uses:
            if use.symbol is SymbolKind.ENTITY and use.is_placed:
                files = resolve_use(analysis, summary, use).files
                assert all(facts.name.lower() == use.name for facts in files)
                for facts in files:
                    expected[entities.index(facts)].append((uri, use.spot))
    for number, facts in enumerate(entities):
        assert [(s.uri, use.spot) for s, use in uses_of_entity(analysis, facts)] == expected[number]
