"""Symbols of what only PostgreSQL has: each leads to a place that exists, with a registry YAML and without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.features.workspace_symbols import MOST_SYMBOLS, workspace_symbols
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.workspace.analysis import Analysis
from tests.features.workspace_snippets import Workspace, spot, workspace
from tests.support.registries import large_registry
from tests.support.sources import fill, postgresql_source

YAML = """
-- registry/domain_registry.yaml --
version: 1.0.0
domains:
^^^^^^^ domains
  '2':
    name: crm
          ^^^ crm
    subdomains:
      '03':
        name: customer
              ^^^^^^^^ customer
        entities:
          Contact: {table_code: '012031'}
                                ^^^^^^^^ contact
"""
FILES = """
-- crm/account.yaml --
entity: Account
schema: crm
        ^^^ schema
fields: {é: 'ref(crm.Ghost)', owner: ref(Ghost)}
                     ^^^^^ ref
-- crm/note.yaml --
entity: Note
schema: management
organization: {table_code: '012041', domain_name: crm, subdomain: support}
                                                                  ^^^^^^^ subdomain
"""
CUSTOMER = Subdomain("03", "customer", None, 9, (Entity("Contact", "012031", 1), Entity("Ghost", "012038", 8)))
SUPPORT = Subdomain("04", "support", None, 2, (Entity("Case", "012042", 2), Entity("Café", "012043", 3)))
ORDER = Subdomain("01", "order", None, 2, (Entity("Invoice", "015011", 1),))
CRM = Domain("2", "crm", None, False, ("management",), (CUSTOMER, SUPPORT))
REGISTRY = Snapshot((CRM, Domain("5", "sales", None, False, ("shop",), (ORDER,))))


@pytest.fixture
def in_postgresql(database_url: str) -> Snapshot:
    """What PostgreSQL answers when it holds the registry."""
    source = postgresql_source(database_url)
    try:
        fill(source, REGISTRY)
        return source.load()
    finally:
        source.close()


def analysis_of(it: Workspace, snapshot: Snapshot) -> Analysis:
    return replace(it.analysis(), registry=RegistryState(Provenance(Source.POSTGRESQL, writable=True), snapshot))


def found(it: Workspace, snapshot: Snapshot, query: str) -> list[tuple[str, str]]:
    """The name, the container and the mark of each symbol."""
    marks = {mark.place: mark.name for mark in it.marks}
    analysis = analysis_of(it, snapshot)
    symbols = workspace_symbols(analysis, query)
    assert all(each.place is not None and each.uri == each.place.uri for each in symbols)
    return [(f"{each.name} · {each.container}", marks[spot(each.place)]) for each in symbols if each.place is not None]


WITH_YAML = {
    "contact": [("Contact · crm · 012031", "contact")],
    "ghost": [("Ghost · crm · 012038 · only in PostgreSQL", "customer")],
    "café": [("Café · crm · 012043 · only in PostgreSQL", "crm")],
    "invoice": [("Invoice · sales · 015011 · only in PostgreSQL", "domains")],
    "crm": [("crm · 2", "crm")],
    "sales": [("sales · 5 · only in PostgreSQL", "domains")],
    "shop": [("sales · 5 · only in PostgreSQL", "domains")],
    "support": [("support · crm · only in PostgreSQL", "crm")],
    "order": [("order · sales · only in PostgreSQL", "domains")],
    "012038": [("012038 Ghost · crm · only in PostgreSQL", "customer")],
    "015011": [("015011 Invoice · sales · only in PostgreSQL", "domains")],
    "012031": [("012031 Contact · crm", "contact")],
}
WITHOUT_YAML = {
    "ghost": [("Ghost · crm · 012038 · only in PostgreSQL", "ref")],
    "café": [("Café · crm · 012043 · only in PostgreSQL", "subdomain")],
    "contact": [("Contact · crm · 012031 · only in PostgreSQL", "schema")],
    "crm": [("crm · 2 · only in PostgreSQL", "schema")],
    "support": [("support · crm · only in PostgreSQL", "subdomain")],
    "012038": [("012038 Ghost · crm · only in PostgreSQL", "ref")],
    # Nothing in the workspace has anything to do with it.
    "invoice": [],
    "sales": [],
    "order": [],
}


def test_with_a_registry_yaml_that_lacks_them(in_postgresql: Snapshot) -> None:
    it = workspace(YAML)
    assert {query: found(it, in_postgresql, query) for query in WITH_YAML} == WITH_YAML


def test_without_a_registry_yaml(in_postgresql: Snapshot) -> None:
    it = workspace(FILES)
    assert {query: found(it, in_postgresql, query) for query in WITHOUT_YAML} == WITHOUT_YAML


def test_what_a_file_defines_comes_once(in_postgresql: Snapshot) -> None:
    it = workspace(f"{FILES}-- crm/ghost.yaml --\nentity: Ghost\n        ^^^^^ file\nschema: crm\n")
    assert found(it, in_postgresql, "ghost") == [("Ghost · crm", "file")]


@pytest.mark.parametrize(
    "registry", ["", "domains: {}\n", "domains:\n", "domains: [\n", "- domains\n", "domains: &a\n"]
)
def test_of_an_empty_or_broken_yaml(registry: str) -> None:
    it = workspace(f"{FILES}-- registry/domain_registry.yaml --\n{registry}")
    for query in ("", *WITHOUT_YAML, *WITH_YAML):
        for symbol in workspace_symbols(analysis_of(it, REGISTRY), query):
            assert symbol.place is not None
            document = it.document(symbol.uri.removeprefix("file:///workspace/"))
            line, column = symbol.place.start
            assert document.lines.line_text(line)[column : symbol.place.end.column].strip()


def test_so_many_and_no_more() -> None:
    it = workspace("-- a.yaml --\nentity: A\nschema: domain_1\n")
    analysis = analysis_of(it, large_registry(domains=9, subdomains=20, entities=10))
    assert len(workspace_symbols(analysis, "01")) == MOST_SYMBOLS
    assert len(workspace_symbols(analysis, "entity1")) == MOST_SYMBOLS
