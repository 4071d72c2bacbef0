"""What the server and the command line write into files: SpecQL reads it, whatever the registry holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from specql_lsp.config import Settings
from specql_lsp.features import diagnostics
from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.entity_edits import set_table_code
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.consistency.comparison import compare, compare_all
from specql_lsp.registry.migration.migrate import migrate_file
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Provenance, RegistryState, Source
from specql_lsp.registry.yaml_edits.export import export_registry
from specql_lsp.registry.yaml_edits.resolution import keep_postgresql_side
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.test_registry_edits import REGISTRY as INCOMPLETE
from tests.features.test_registry_edits import SNAPSHOT, yaml_of
from tests.specql.reference import Reference
from tests.specql.texts import COMPLETE, FIXTURE, REAL, document, registry_of
from tests.support.corpus import ENTITIES, name_of
from tests.support.effort import times
from tests.support.exports import LATER, NOW, keep_postgresql
from tests.support.sources import postgresql_source


def read(text: str) -> Snapshot:
    """The registry that our reader finds."""
    it = document(text)
    return snapshot_of(registry_of(it), it.tree)


def with_subdomains(snapshot: Snapshot, number: str, *subdomains: Subdomain) -> Snapshot:
    return Snapshot(d._replace(subdomains=subdomains) if d.number == number else d for d in snapshot.domains)


# registry export


@pytest.fixture
def source(database_url: str) -> Iterator[PostgresqlSource]:
    """An empty registry in PostgreSQL."""
    it = postgresql_source(database_url)
    yield it
    it.close()


@pytest.mark.parametrize("path", [*REAL, FIXTURE], ids=name_of)
def test_a_registry_after_migrate_allocate_register_and_export(
    specql: Reference, source: PostgresqlSource, path: Path
) -> None:
    text = path.read_text(encoding="utf-8")
    before = specql.reads(text)
    migrate_file(path, source)
    assert export_registry(source.load(), text, NOW) == text
    source.register_domain("E", "extras", None)
    digits = len(source.load().domains[0].subdomains[0].number)  # one in version 2.0.0, else two
    source.register_subdomain("E", "1".zfill(digits), "parts", None)
    allocated = [
        source.allocate(AllocationRequest(f"{name}{index}", domain.number, subdomain.number), Rules())
        for index, domain in enumerate(source.load().domains)
        for subdomain in domain.subdomains[-1:]
        for name in ("Contact", "Contract")
    ]
    after = export_registry(source.load(), text, NOW)
    found = specql.reads(after)
    assert {name: found[name] for name in before} == before
    assert {each.entity: each.table_code for each in allocated} == {
        name: code for name, (code, _) in found.items() if name not in before
    }
    ours = [short for name, (_, short) in found.items() if name not in before]
    assert len({short.upper() for short in ours}) == len(ours)
    assert export_registry(source.load(), after, LATER) == after
    specql.reads(export_registry(source.load(), None, NOW))


@settings(max_examples=times(100), suppress_health_check=[HealthCheck.too_slow])
@given(SNAPSHOT, SNAPSHOT)
def test_any_registry_exported_into_any_yaml(specql: Reference, postgresql: Snapshot, other: Snapshot) -> None:
    for text in (None, yaml_of(other, None), yaml_of(other, True), COMPLETE):
        after = export_registry(postgresql, text, NOW)
        specql.reads(after)
        assert export_registry(postgresql, after, LATER) == after


SCATTERED = """\
domains:
  '2':
    name: crm
    subdomains:
      '03':
        name: c
        next_entity_sequence: '5'
        entities:
          Contact: |
            012031
          Tag: '012032'  # why
          'yes':
            '012033'
"""
EXPLICIT_KEYS = """\
domains:
  ? '2'
  : name: crm
    subdomains:
      ? '03'
      : name: c
        entities:
          ? A
          : '012031'
"""


@pytest.mark.parametrize(
    "text",
    [
        INCOMPLETE,
        INCOMPLETE.replace("'", '"'),
        INCOMPLETE.replace("\n", "\r\n"),
        INCOMPLETE.replace("  '2':", "  2:").replace("'03'", "03"),
        "domains: {'2': {name: crm, subdomains: {'03': {name: c, entities: {A: '012031', B: &b '012032', C: *b}}}}}\n",
        "domains:\n  '2':\n    name: crm\n    aliases:\n    subdomains:\n",
        SCATTERED,
        "domains:\n  '2':\n    name: crm\n    subdomains: []\nreserved_codes:\nsubdomain_inference:\n  crm:\n",
        EXPLICIT_KEYS,
    ],
)
def test_a_registry_that_specql_cannot_read_is_readable_after_an_export(specql: Reference, text: str) -> None:
    assert specql.registry(text).error is not None or specql.registry(text).value["keysThatAreNoTexts"]
    after = export_registry(read(text), text, NOW)
    specql.reads(after)
    assert compare_all(read(text), read(after)) == ()
    assert export_registry(read(text), after, LATER) == after


# Fixes of drift

CRM, CUSTOMER = "2", "03"
BASE = read(COMPLETE)
CORE, CUSTOMERS = BASE.domains[0].subdomains
CHANGED = {
    "missing_in_yaml": Snapshot(
        (
            *BASE.domains,
            Domain(
                "3", "catalog", None, False, ("c",), (Subdomain("01", "x", None, 2, (Entity("Contact", "013011"),)),)
            ),
        )
    ),
    "missing_in_postgresql": Snapshot(()),
    "domain_attribute_mismatch": Snapshot(
        (BASE.domains[0]._replace(name="1", description=None, aliases=(), multi_tenant=False),)
    ),
    "missing_subdomain_in_yaml": with_subdomains(
        BASE, CRM, CORE, CUSTOMERS, Subdomain("04", "yes", None, None, (Entity("Contact", "012041"),))
    ),
    "missing_subdomain_in_postgresql": with_subdomains(BASE, CRM, CORE),
    "subdomain_attribute_mismatch": with_subdomains(
        BASE, CRM, CORE, CUSTOMERS._replace(name="people", description=None, next_entity_sequence=9)
    ),
    "missing_entity_in_yaml": with_subdomains(
        BASE,
        CRM,
        CORE._replace(entities=(Entity("Contract", "012011"),)),
        CUSTOMERS._replace(entities=(*CUSTOMERS.entities, Entity("Connect", "012033"))),
    ),
    "missing_entity_in_postgresql": with_subdomains(BASE, CRM, CORE, CUSTOMERS._replace(entities=())),
    "entity_attribute_mismatch": with_subdomains(
        BASE,
        CRM,
        CORE,
        CUSTOMERS._replace(entities=(CUSTOMERS.entities[0]._replace(table_code="01203A"), CUSTOMERS.entities[1])),
    ),
}


def test_each_kind_of_discrepancy_has_its_case() -> None:
    assert set(CHANGED) == {kind.value for kind in DiscrepancyType}


ONE_LINE = COMPLETE.replace(
    "Contact:\n            table_code: '012031'\n            entity_code: CNT\n"
    "            assigned_at: '2026-01-20T10:02:30'",
    "Contact: {table_code: '012031', entity_code: CNT, assigned_at: '2026-01-20T10:02:30'}",
)


@pytest.mark.parametrize("kind", CHANGED)
@pytest.mark.parametrize("style", ["block", "one line an entity", "flow", "windows"])
def test_the_file_after_a_fix_that_keeps_postgresql(specql: Reference, kind: str, style: str) -> None:
    text = {
        "block": COMPLETE,
        "one line an entity": ONE_LINE,
        "flow": export_registry(BASE, "{domains: {}}", NOW),
        "windows": COMPLETE.replace("\n", "\r\n"),
    }[style]
    postgresql = CHANGED[kind]
    fixed: list[Discrepancy] = []
    for _ in range(20):
        left = compare_all(postgresql, read(text))
        if not left:
            break
        discrepancy = left[0]
        text = apply(text, keep_postgresql(document(text), discrepancy, postgresql, NOW))
        specql.reads(text)
        fixed.append(discrepancy)
    assert compare_all(postgresql, read(text)) == ()
    assert {each.type.value for each in fixed} == {kind}


def test_a_registration_that_moved_keeps_its_short_code(specql: Reference) -> None:
    text = COMPLETE.replace("CNT", "KON")
    moved = with_subdomains(
        BASE,
        CRM,
        CORE._replace(entities=(Entity("Contact", "012011"),)),
        CUSTOMERS._replace(entities=CUSTOMERS.entities[1:]),
    )
    after = export_registry(moved, text, NOW)
    assert specql.reads(after)["Contact"] == ["012011", "KON"]
    assert "            entity_code: KON\n            assigned_at: '2026-01-20T10:02:30'\n" in after


# Code actions

ENTITY_FILES = {
    "none": "entity: Supplier\nschema: crm\n",
    "description": "entity: Supplier  # sells\nschema: crm\ndescription: >\n  Who\n  sells\nfields:\n  name: text!\n",
    "mapping": "entity:\n  name: Supplier\n  schema: crm\n  fields: {name: text}\n",
    "organization": "entity: Supplier\nschema: crm\norganization:\n  domain_name: crm\nfields:\n  name: text\n",
    "empty": "entity: Contact\nschema: crm\norganization:\n",
    "flow": "{entity: Contact, schema: crm, fields: {name: text}}\n",
    "flow organization": "entity: Contact\nschema: crm\norganization: {domain_name: crm}\n",
    "unquoted": "entity: Contact\nschema: crm\norganization:\n  table_code: 012031\n",
    "other code": "entity: Contact\nschema: crm\norganization:\n  table_code: '012039'\n",
    "unknown domain": "entity: Contact\nschema: crn\norganization: {table_code: '012031'}\n",
    "windows": "entity: Contact\r\nschema: crm\r\nfields:\r\n  name: text\r\n",
}


def picture(it: Document) -> Analysis:
    """A writable registry with one open file."""
    summary = summarize(it)
    state = RegistryState(Provenance(Source.POSTGRESQL, writable=True), BASE)
    return Analysis(Settings(), state, WorkspaceIndex([summary] if summary is not None else []))


@pytest.mark.parametrize("text", ENTITY_FILES.values(), ids=ENTITY_FILES)
def test_the_entity_file_after_each_code_action_that_writes_it(specql: Reference, text: str) -> None:
    it = Document("file:///entities/it.yaml", text, 1)
    analysis = picture(it)
    everything = Span(0, len(text))
    written = 0
    for action in code_actions(analysis, it, everything, diagnostics.check(analysis, it), NOW):
        if action.edits:
            written += 1
            answer = specql.entity(apply(text, action.edits))
            assert answer.error is None, (action.title, apply(text, action.edits))
    assert written or "Supplier" in text


@pytest.mark.parametrize("text", ENTITY_FILES.values(), ids=ENTITY_FILES)
def test_the_entity_file_after_an_allocation(specql: Reference, text: str) -> None:
    it = Document("file:///entities/it.yaml", text, 1)
    answer = specql.entity(apply(text, set_table_code(it, "01203A")))
    assert answer.error is None
    assert answer.value["tableCode"] == "01203A"


@pytest.mark.parametrize("path", ENTITIES, ids=name_of)
def test_a_real_entity_file_after_an_allocation(specql: Reference, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before = specql.entity(text)
    it = Document("file:///entities/it.yaml", text, 1)
    edits = set_table_code(it, "01203A")
    if before.error is None and edits:
        answer = specql.entity(apply(text, edits))
        assert answer.error is None
        assert answer.value == {**before.value, "tableCode": "01203A"}


@pytest.mark.parametrize(
    "text", [INCOMPLETE, INCOMPLETE.replace("\n", "\r\n"), INCOMPLETE.replace("'03'", "03").replace("  '2':", "  2:")]
)
@pytest.mark.parametrize("known", [None, BASE])
def test_the_registry_file_after_the_fix_for_all_of_it(specql: Reference, text: str, known: Snapshot | None) -> None:
    assert specql.registry(text).error is not None
    it = Document("file:///registry.yaml", text, 1, is_registry=True)
    state = RegistryState(Provenance(Source.POSTGRESQL if known else Source.YAML, writable=True), known or read(text))
    analysis = Analysis(Settings(), state, WorkspaceIndex(()), it)
    findings = diagnostics.check(analysis, it)
    everything = [
        action
        for action in code_actions(analysis, it, Span(0, len(text)), findings, NOW)
        if action.title == "Add everything that SpecQL 0.9.2 needs to this file"
    ]
    assert len(everything) == 1
    after = apply(text, everything[0].edits)
    specql.reads(after)
    again = Document("file:///registry.yaml", after, 2, is_registry=True)
    assert [f for f in diagnostics.check(analysis, again) if f.code == "invalid-registry"] == []
    # One by one comes to the same.
    for _ in range(40):
        it = Document("file:///registry.yaml", text, 1, is_registry=True)
        findings = [f for f in diagnostics.check(analysis, it) if f.code == "invalid-registry"]
        if not findings:
            break
        action = code_actions(analysis, it, findings[0].span, (findings[0],), NOW)[0]
        text = apply(text, action.edits)
    assert text == after


@pytest.mark.parametrize("style", ["block", "flow", "windows"])
@pytest.mark.parametrize("kind", [None, *CHANGED])
def test_the_file_after_everything_was_kept_at_once(specql: Reference, kind: str | None, style: str) -> None:
    """By one edit, there and back; without a kind, beside an entity that another program renamed and one it moved."""
    text = {
        "block": COMPLETE,
        "flow": export_registry(BASE, "{domains: {}}", NOW),
        "windows": COMPLETE.replace("\n", "\r\n"),
    }[style]
    first, second = CUSTOMERS.entities
    moved = CUSTOMERS._replace(entities=(first._replace(name="Renamed"),))
    other = CHANGED[kind] if kind else with_subdomains(BASE, CRM, CORE._replace(entities=(second,)), moved)
    for postgresql in (other, BASE):
        found = compare(postgresql, read(text))
        made = keep_postgresql_side(document(text), found, postgresql, NOW)
        assert made.resolution == (found, ())
        text = apply(text, made.edits)
        specql.reads(text)
        assert compare_all(postgresql, read(text)) == ()
