"""Which files are checked again when the fields of an entity change that their steps name."""

from __future__ import annotations

import pytest

from specql_lsp.workspace.changes import DocumentChanged, RegistryChanged
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import uri_of
from tests.workspace.host_support import ROOT, Workspace, registry_state

COMPANY = """\
entity: Company
schema: crm
fields: {name: text, city: text}
actions:
  - name: move
    steps: [{validate: city = 'x'}]
"""
TEXTS = {
    "company": COMPANY,
    "right": """\
entity: Contact
schema: crm
fields: {company: ref(Company)}
actions:
  - name: act
    steps: [{validate: company.city = 'x'}]
""",
    "wrong": """\
entity: Person
schema: crm
fields: {company: ref(Company)}
actions:
  - name: act
    steps: [{validate: company.street = 'x'}]
""",
    "silent": "entity: Silent\nschema: crm\nfields: {company: ref(Company)}\n",
}


@pytest.fixture
def workspace() -> Workspace:
    it = Workspace()
    it.disk = {ROOT / f"{name}.yaml": text for name, text in TEXTS.items()}
    folder = it.open_folder()
    it.apply(RegistryChanged(folder, registry_state(None)))
    it.checks.clear()
    return it


def edit(workspace: Workspace, name: str, text: str) -> set[str]:
    workspace.apply(DocumentChanged(Document(uri_of(ROOT / f"{name}.yaml"), text, 1)))
    checked = {uri.rpartition("/")[2].removesuffix(".yaml") for uri in workspace.checks}
    workspace.checks.clear()
    return checked


def codes(workspace: Workspace, name: str) -> list[str]:
    file = workspace.host.diagnostics(uri_of(ROOT / f"{name}.yaml"))
    assert file is not None
    return [finding.code for finding in file.shown if finding.code == "unknown-field"]


def test_fields_of_other_files(workspace: Workspace) -> None:
    assert codes(workspace, "right") == []
    assert codes(workspace, "wrong") == ["unknown-field"]
    # What a step of the other file says is nothing to those that look its fields up; a field that was missed may come.
    assert edit(workspace, "company", COMPANY.replace("city = 'x'", "city = 'y'")) == {"company"}
    assert edit(workspace, "company", COMPANY.replace("name: text", "name: email")) == {"company", "wrong"}
    assert edit(workspace, "company", COMPANY.replace("name: text", "name: email, street: text")) == {
        "company",
        "wrong",
    }
    assert codes(workspace, "wrong") == []
    assert edit(workspace, "company", COMPANY.replace("city: text", "town: text, street: text")) == {"company", "right"}
    assert codes(workspace, "right") == ["unknown-field"]
    assert edit(workspace, "company", COMPANY.replace("entity: Company", "entity: Firm")) >= {
        "right",
        "wrong",
        "silent",
    }
    assert codes(workspace, "right") == codes(workspace, "wrong") == []
