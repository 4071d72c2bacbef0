"""Findings whatever the rule: broken files, other YAML, severities, real files, large ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from specql_lsp.config import DiagnosticsSettings, Settings, SeverityOverride
from specql_lsp.features import diagnostics
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.model import Severity
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.parsing.gc_pause import gc_paused
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.support import REGISTRY_URI, analysis, check, document
from tests.support.corpus import REGISTRIES, name_of
from tests.support.patience import cpu_seconds

ENTITY = "entity: Contact\nschema: crm\norganization:\n  table_code: "


def test_a_broken_file_still_has_its_code_checked() -> None:
    found = diagnostics.check(
        analysis(),
        document("entity: New\nschema: crm\norganization:\n  table_code: 012036\nfields:\n\ta: b\n  c\n"),
    )
    assert {"yaml-syntax", "unquoted-table-code", "unregistered-table-code"} == {f.code for f in found}


def test_other_yaml_is_none_of_our_business() -> None:
    check("services:\n  a: 1\n  a: 2\n", registry=None)
    check("a: [\n")


def test_severities_can_be_changed() -> None:
    text = "entity: New\nschema: crn\norganization: {table_code: 5}\n"
    it = document(text)
    changed = {"unknown-domain": SeverityOverride.ERROR, "invalid-table-code": SeverityOverride.OFF}
    found = diagnostics.check(analysis(severity=changed), it)
    assert [(f.code, f.severity) for f in found] == [
        ("unknown-domain", Severity.ERROR),
        ("unquoted-table-code", Severity.ERROR),
    ]
    off = replace(analysis(), settings=Settings(diagnostics=DiagnosticsSettings(enabled=False)))
    assert diagnostics.check(off, it) == ()


REGISTRY_FINDINGS = {
    "v1-commented-null-entities": [("subdomain-mismatch", '"013211"')],
    "v1-current": [("subdomain-mismatch", "'013211'")],
    "v2-one-digit-subdomains": [
        ("invalid-table-code", "01201581"),
        ("invalid-table-code", "0131991"),
        ("subdomain-mismatch", "013029"),
        ("subdomain-mismatch", "'013011'"),
        ("subdomain-mismatch", "'013021'"),
    ],
    "real v1-commented-null-entities": [("subdomain-mismatch", '"013211"')],
    "real v1-current": [("subdomain-mismatch", "'013211'")],
    "real v2-one-digit-subdomains": [
        ("invalid-table-code", "01203581"),
        ("invalid-table-code", "0131991"),
        ("subdomain-mismatch", "013029"),
        ("subdomain-mismatch", "'013011'"),
        ("subdomain-mismatch", "'013021'"),
        ("subdomain-mismatch", "'014011'"),
    ],
}


def corpus_analysis(path: Path, files: list[Document]) -> tuple[Analysis, Document]:
    text = path.read_text(encoding="utf-8")
    it = document(text, REGISTRY_URI)
    assert it.registry is not None
    state = RegistryState(Provenance(Source.YAML), snapshot_of(it.registry, it.tree))
    index = WorkspaceIndex(summary for file in files if (summary := summarize(file)) is not None)
    return Analysis(registry=state, index=index, registry_document=it), it


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries(path: Path) -> None:
    picture, it = corpus_analysis(path, [])
    found = diagnostics.check(picture, it)
    assert [(f.code, it.text[f.span.start : f.span.end]) for f in found] == REGISTRY_FINDINGS[name_of(path)]


OF_OTHER_RULES = {"key-not-read", "unknown-type", "invalid-sql", "unknown-field", "unknown-step"}
"""What real files have beside what concerns the registry."""


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_entities(path: Path) -> None:
    folder = path.parent.parent / "entities"
    files = [Document(file.name, file.read_text(encoding="utf-8")) for file in folder.glob("*.yaml")]
    picture, _ = corpus_analysis(path, files)
    assert picture.snapshot is not None
    known = {name.lower() for name in picture.index.names_text.split()}
    known |= {
        entity.name.lower() for domain in picture.snapshot.domains for s in domain.subdomains for entity in s.entities
    }
    for it in files:
        found = diagnostics.check(picture, it)
        unknown = [it.text[f.span.start : f.span.end] for f in found if f.code == "unknown-entity"]
        assert [name for name in unknown if name.rpartition(".")[2].lower() in known] == []
        codes = {f.code for f in found if f.code != "unknown-entity" and not RULES[f.code].of_release}
        if "specql_registry" in it.uri:
            other = "unregistered-table-code" if path.stem.startswith("v2") else "unknown-subdomain"
            assert codes - OF_OTHER_RULES == {"unknown-domain", other}
        else:
            assert codes <= {"missing-table-code"} | OF_OTHER_RULES


def large_file() -> str:
    fields = "".join(
        f"  field_{n}:\n    type: text\n    nullable: false\n    description: 'The field {n}'\n" for n in range(500)
    )
    return ENTITY + "'012034'\nfields:\n" + fields


def test_a_large_file_is_checked_quickly() -> None:
    it = document(large_file())
    picture = analysis(it)
    assert it.entity is not None
    diagnostics.check(picture, it)
    assert diagnostics.check(picture, it) == ()
    assert cpu_seconds(lambda: diagnostics.check(picture, it)) < 0.5


@pytest.mark.parametrize("slip", ["  oops\n", "\tx: y\n", "   z: 1\n", "q: 'a\n"])
def test_a_large_broken_file_is_checked_quickly(slip: str) -> None:
    it = document(large_file() + slip + "own_notes: x\n")
    picture = analysis(it)
    assert it.entity is not None
    with gc_paused():  # it would walk what all other tests of the process hold
        assert cpu_seconds(lambda: diagnostics.check(picture, it)) < 2
    found = diagnostics.check(picture, it)
    assert [f.code for f in found] == ["yaml-syntax"]
