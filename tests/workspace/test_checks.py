"""Checks that are run together find, and look up, what each finds and looks up by itself."""

from __future__ import annotations

from pathlib import Path

from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import found_in_each, shown
from specql_lsp.features.model import Finding
from specql_lsp.workspace.changes import FilesRead, FolderOpened, FolderRead, RegistryChanged, RegistryFileRead
from specql_lsp.workspace.checks import Check, run_checks
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.uris import uri_of
from tests.workspace.host_support import ROOT, registry_state

REGISTRY = """\
domains:
  '2':
    name: crm
    subdomains:
      '03':
        name: core
        next_entity_sequence: 2
        entities:
          Contact:
            table_code: '012031'
"""
FILES = {
    "contact.yaml": "entity: Contact\nschema: crm\norganization:\n  table_code: '012031'\nfields:\n  name: text\n",
    "other.yaml": "entity: Other\nschema: nowhere\nfields:\n  to: ref(Contcat)\n  kind: adress\n",
    "broken.yaml": "entity: Broken\nfields:\n  name: text\n  other: [text\nactions:\n  - name: go\n",
    "conflict.yaml": (
        "entity: Torn\nfields:\n<<<<<<< ours\n  name: txt\n=======\n  name: text\n>>>>>>> theirs\n  more: ref(Nobody)\n"
    ),
    "several.yaml": "entity: A\n---\nentity: B\n",
    "twice.yaml": "entity: Twice\nfields:\n  name: text\n  name: text\n",
    "stdlib/actions/pattern.yaml": "pattern: pattern\nparametres: []\n",
    "none.yaml": "name: nothing of SpecQL's\n",
}


def checks_of(names: list[str]) -> list[Check[Finding]]:
    """A workspace with all files that is about to check some of them, and the registry's YAML."""
    host: AnalysisHost[Finding] = AnalysisHost(found_in_each, shown)
    folder, registry = uri_of(ROOT), uri_of(ROOT / "registry/domain_registry.yaml")
    host.apply(FolderOpened(folder, ROOT, Settings()))
    host.apply(RegistryChanged(folder, registry_state(REGISTRY)))
    host.apply(RegistryFileRead(folder, Document(registry, REGISTRY, is_registry=True)))
    host.apply(FilesRead(folder, {uri_of(ROOT / name): Document(uri_of(ROOT / name), FILES[name]) for name in FILES}))
    host.apply(FolderRead(folder))
    found = [host.prepare(uri) for uri in (registry, *(uri_of(ROOT / name) for name in names))]
    return [check for check in found if check is not None]


def results(checks: list[Check[Finding]]) -> list[tuple[str, tuple[Finding, ...], frozenset[object]]]:
    """What each check has found and looked up."""
    return [(check.document.uri, check.found, frozenset(check.looked_up)) for check in checks]


def test_together_and_each_by_itself() -> None:
    together, alone = checks_of(list(FILES)), checks_of(list(FILES))
    assert len(together) == len(FILES) + 1
    run_checks(together)
    for check in alone:
        check.run()
    assert results(together) == results(alone)
    with_findings = {Path(check.document.uri).name for check in together if check.found}
    assert with_findings >= {"other.yaml", "broken.yaml", "conflict.yaml", "several.yaml", "twice.yaml", "pattern.yaml"}


def test_in_another_order() -> None:
    forward, backward = checks_of(list(FILES)), checks_of(list(FILES))
    run_checks(forward)
    run_checks(backward[::-1])
    assert results(forward) == results(backward)


def test_none() -> None:
    nothing: list[Check[Finding]] = []
    run_checks(nothing)
