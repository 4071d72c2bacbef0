"""Names in several workspace folders: each folder is a project of its own, also one within another."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.features.definition import definition
from specql_lsp.features.diagnostics import found_in
from specql_lsp.features.references import references
from specql_lsp.features.rename.plan import rename
from specql_lsp.features.workspace_symbols import workspace_symbols
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changes import RegistryChanged
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of, uri_of
from tests.workspace.host_support import Workspace, registry_state

CONTACT = "entity: Contact\nschema: crm\nfields:\n  email: text\n"
LEAD = """\
entity: Lead
schema: crm
fields:
  contact: ref(Contact)
  other: ref(Alone)
actions:
  - name: act
    steps:
      - validate: contact.email IS NOT NULL
"""
ALONE = "entity: Alone\nschema: crm\nfields: {name: text}\n"

ONE, TWO = Path("/work/one"), Path("/work/two")
INNER = ONE / "inner"


@pytest.fixture(params=[TWO, INNER], ids=["beside", "within"])
def second(request: pytest.FixtureRequest) -> Path:
    """A folder beside the first one, or in it."""
    folder: Path = request.param
    return folder


@pytest.fixture
def workspace(second: Path) -> Workspace:
    """Both folders with a contact and a lead; the first alone has the entity ``Alone``."""
    it = Workspace()
    it.disk = {folder / "contact.yaml": CONTACT for folder in (ONE, second)}
    it.disk |= {folder / "lead.yaml": LEAD for folder in (ONE, second)}
    it.disk[ONE / "alone.yaml"] = ALONE
    for folder in (ONE, second):
        opened = it.open_folder(folder)
        it.apply(RegistryChanged(opened, registry_state("domains: {'2': {name: crm, subdomains: {}}}\n")))
    return it


class Place:
    """A file in the workspace, with what its folder knows."""

    def __init__(self, workspace: Workspace, path: Path) -> None:
        self.workspace = workspace
        self.uri = uri_of(path)
        document = self.read(self.uri)
        assert document is not None
        self.document = document
        owner = workspace.host.owner_of(path)
        assert owner is not None
        self.analysis: Analysis = workspace.host.analysis(owner.uri)

    def read(self, uri: str) -> Document | None:
        text = self.workspace.disk.get(path_of(uri) or Path())
        return Document(uri, text, 1) if text is not None else None

    def at(self, text: str) -> int:
        return self.document.text.index(text) + 1

    def definitions(self, text: str) -> set[str]:
        found = definition(self.analysis, self.document, self.at(text), read=self.read)
        return {link.target.uri for link in found}

    def references(self, text: str) -> set[str]:
        found = references(self.analysis, self.document, self.at(text), read=self.read, with_definition=True)
        return {place.uri for place in found}


@pytest.mark.parametrize("name", ["Contact", "email"])
def test_a_name_means_what_its_folder_defines(workspace: Workspace, second: Path, name: str) -> None:
    for folder in (ONE, second):
        lead = Place(workspace, folder / "lead.yaml")
        contact = uri_of(folder / "contact.yaml")
        assert lead.definitions(name) == {contact}
        assert lead.references(name) == {contact, lead.uri}
        assert Place(workspace, folder / "contact.yaml").references(name) == {contact, lead.uri}


def test_what_another_folder_defines_is_unknown(workspace: Workspace, second: Path) -> None:
    first, other = Place(workspace, ONE / "lead.yaml"), Place(workspace, second / "lead.yaml")
    assert first.definitions("Alone") == {uri_of(ONE / "alone.yaml")}
    assert other.definitions("Alone") == set()
    assert Place(workspace, ONE / "alone.yaml").references("Alone") == {uri_of(ONE / "alone.yaml"), first.uri}
    assert [finding.code for finding in found_in(first.analysis, first.document)].count("unknown-entity") == 0
    assert [finding.code for finding in found_in(other.analysis, other.document)].count("unknown-entity") == 1


@pytest.mark.parametrize("name", ["Contact", "email"])
def test_a_rename_stays_in_its_folder(workspace: Workspace, second: Path, name: str) -> None:
    for folder in (ONE, second):
        lead = Place(workspace, folder / "lead.yaml")
        plan = rename(lead.analysis, lead.document, lead.at(name), "fresh", read=lead.read)
        assert {file.document.uri for file in plan.files} == {lead.uri, uri_of(folder / "contact.yaml")}


def test_symbols_are_those_of_each_folder(workspace: Workspace, second: Path) -> None:
    for folder in (ONE, second):
        analysis = Place(workspace, folder / "lead.yaml").analysis
        assert [each.uri for each in workspace_symbols(analysis, "contact")][:1] == [uri_of(folder / "contact.yaml")]
        names = [each.name for each in workspace_symbols(analysis, "alone")]
        assert names == (["Alone"] if folder is ONE else [])
