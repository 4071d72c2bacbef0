"""Pattern files and the service registry as files of the workspace: read, and those that name them checked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.check_workspace import check_paths
from specql_lsp.config import Settings
from specql_lsp.workspace.changes import DocumentChanged, FilesRead, RegistryChanged
from specql_lsp.workspace.discovery import read_entity_documents
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import uri_of
from tests.workspace.host_support import ROOT, Workspace, registry_state

PATTERN = "pattern: flow/move\nparameters:\n  - {name: to, type: string, required: true}\n"
SERVICES = "services:\n  - name: stripe\n    operations: [{name: charge}]\n"
TEXTS = {
    "stdlib/actions/flow/move.yaml": PATTERN,
    "registry/service_registry.yaml": SERVICES,
    "right.yaml": "entity: A\nactions:\n  - name: a\n    pattern: flow/move\n    config: {to: x}\n",
    "wrong.yaml": "entity: B\nactions:\n  - name: a\n    pattern: flow/mvoe\n",
    "caller.yaml": "entity: C\nactions: [{name: a, steps: [{call_service: {service: stripe, operation: refund}}]}]\n",
    "silent.yaml": "entity: D\nfields: {name: text}\n",
}
CODES = ("unknown-pattern", "invalid-pattern-config", "unknown-service", "unknown-operation")


@pytest.fixture
def workspace() -> Workspace:
    it = Workspace()
    it.disk = {ROOT / name: text for name, text in TEXTS.items()}
    folder = it.open_folder()
    it.apply(RegistryChanged(folder, registry_state(None)))
    it.checks.clear()
    return it


def edit(workspace: Workspace, name: str, text: str) -> set[str]:
    workspace.apply(DocumentChanged(Document(uri_of(ROOT / name), text, 1)))
    checked = {uri.removeprefix(uri_of(ROOT) + "/") for uri in workspace.checks} - {name}
    workspace.checks.clear()
    return checked


def codes(workspace: Workspace, name: str) -> list[str]:
    file = workspace.host.diagnostics(uri_of(ROOT / name))
    assert file is not None
    return [finding.code for finding in file.shown if finding.code in CODES]


def test_who_is_checked_again(workspace: Workspace) -> None:
    pattern, services = "stdlib/actions/flow/move.yaml", "registry/service_registry.yaml"
    assert codes(workspace, "right.yaml") == []
    assert codes(workspace, "wrong.yaml") == ["unknown-pattern"]
    assert codes(workspace, "caller.yaml") == ["unknown-operation"]
    assert edit(workspace, pattern, "# a comment\n" + PATTERN) == set()
    assert edit(workspace, pattern, PATTERN.replace("name: to", "name: state")) == {"right.yaml"}
    assert codes(workspace, "right.yaml") == ["invalid-pattern-config"]
    assert edit(workspace, pattern, PATTERN) == {"right.yaml"}
    assert edit(workspace, pattern, PATTERN.replace("flow/move", "flow/mvoe")) == set()  # its place is its name
    assert edit(workspace, "stdlib/actions/flow/mvoe.yaml", PATTERN) == {"wrong.yaml"}
    assert codes(workspace, "wrong.yaml") == ["invalid-pattern-config"]
    assert edit(workspace, pattern, "nothing: here\n") == {"right.yaml"}
    assert codes(workspace, "right.yaml") == ["unknown-pattern"]
    assert edit(workspace, services, SERVICES.replace("charge", "refund")) == {"caller.yaml"}
    assert codes(workspace, "caller.yaml") == []
    assert edit(workspace, services, "services: []\n") == {"caller.yaml"}
    assert edit(workspace, services, SERVICES.replace("stripe", "strpe")) == {"caller.yaml"}
    assert codes(workspace, "caller.yaml") == ["unknown-service"]
    assert edit(workspace, "stdlib/actions/flow/mvoe.yaml", "nothing: here\n") == {"right.yaml", "wrong.yaml"}
    assert codes(workspace, "right.yaml") == codes(workspace, "wrong.yaml") == []


def test_a_file_that_is_gone(workspace: Workspace) -> None:
    folder = workspace.host.folders[0].uri
    workspace.apply(FilesRead(folder, {uri_of(ROOT / "stdlib/actions/flow/move.yaml"): None}))
    assert codes(workspace, "wrong.yaml") == []


def test_on_the_disk(tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    places = [tmp_path / "registry/service_registry.yaml", tmp_path / "stdlib/actions/none.yaml"]
    services, none = read_entity_documents([(path, uri_of(path)) for path in places])
    assert services is not None
    assert services.library is not None
    assert none is None
    for paths in ([], [tmp_path / "wrong.yaml", tmp_path / "caller.yaml"]):
        report = check_paths(tmp_path, paths, Settings())
        found = [(item.path, item.code) for item in report.findings if item.code in CODES]
        assert found == [("caller.yaml", "unknown-operation"), ("wrong.yaml", "unknown-pattern")]
        assert report.checked == (6 if not paths else 2)
