"""Which files are checked again when an entity comes, goes, moves or is renamed: those that looked it up, counted."""

from __future__ import annotations

import pytest

from specql_lsp.workspace.changes import DocumentChanged, RegistryChanged
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import uri_of
from tests.workspace.host_support import ROOT, Workspace, registry_state

REGISTRY = "domains:\n  '2': {name: crm, subdomains: {}}\n"
TEXTS = {
    "contact": "entity: Contact\nschema: crm\nfields:\n  name: text\n"
    "actions:\n  - name: a\n    steps: [{validate: a}]\n",
    "one": "entity: One\nschema: crm\nfields: {c: ref(Contact)}\n",
    "two": "entity: Two\nschema: crm\nactions: [{name: a, steps: [{insert: Contact}]}]\n",
    "lost": "entity: Lost\nschema: crm\nfields: {c: ref(Missing)}\n",
    "other": "entity: Other\nschema: crm\nfields: {c: text}\n",
}

SHOWN = ("unknown-entity", "duplicate-entity", "ambiguous-entity")


@pytest.fixture
def workspace() -> Workspace:
    it = Workspace()
    it.disk = {ROOT / f"{name}.yaml": text for name, text in TEXTS.items()}
    it.disk[ROOT / "registry" / "domain_registry.yaml"] = REGISTRY
    folder = it.open_folder()
    it.apply(RegistryChanged(folder, registry_state(REGISTRY)))
    it.checks.clear()
    return it


def edit(workspace: Workspace, name: str, text: str) -> set[str]:
    """Edits a file; the files that are checked then, each once."""
    workspace.apply(DocumentChanged(Document(uri_of(ROOT / f"{name}.yaml"), text, 1)))
    assert all(count == 1 for count in workspace.checks.values()), workspace.checks
    checked = {uri.rpartition("/")[2].removesuffix(".yaml") for uri in workspace.checks}
    workspace.checks.clear()
    return checked


def codes(workspace: Workspace, name: str) -> list[str]:
    file = workspace.host.diagnostics(uri_of(ROOT / f"{name}.yaml"))
    assert file is not None
    return [finding.code for finding in file.shown if finding.code in SHOWN]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("validate: a", "validate: b"),
        ("name: text", "name: email"),
        ("entity: Contact", "# a line above\nentity: Contact"),
        ("fields:", "description: a\nfields:"),
        ("  - name: a", "  - name: other"),
    ],
)
def test_what_changes_no_name_has_no_other_file_checked(workspace: Workspace, old: str, new: str) -> None:
    assert edit(workspace, "contact", TEXTS["contact"]) == {"contact"}
    assert edit(workspace, "contact", TEXTS["contact"].replace(old, new, 1)) == {"contact"}


def test_a_renamed_entity_is_missed_by_those_that_name_it(workspace: Workspace) -> None:
    # The file that names nobody's entity asks for the nearest of all names.
    text = TEXTS["contact"].replace("Contact", "Person")
    assert edit(workspace, "contact", text) == {"contact", "one", "two", "lost"}
    assert codes(workspace, "one") == codes(workspace, "two") == ["unknown-entity"]
    assert edit(workspace, "contact", TEXTS["contact"]) == {"contact", "one", "two", "lost"}
    assert codes(workspace, "one") == codes(workspace, "two") == []


def test_an_entity_that_comes_is_found(workspace: Workspace) -> None:
    assert codes(workspace, "lost") == ["unknown-entity"]
    assert edit(workspace, "other", TEXTS["other"].replace("Other", "Missing")) == {"other", "lost"}
    assert codes(workspace, "lost") == []


def test_a_second_one_is_told_of_in_both_files(workspace: Workspace) -> None:
    checked = edit(workspace, "other", TEXTS["other"].replace("Other", "contact"))
    assert checked == {"other", "contact", "lost"} | {"one", "two"}
    assert codes(workspace, "contact") == codes(workspace, "other") == ["duplicate-entity"]
    assert codes(workspace, "one") == codes(workspace, "two") == ["ambiguous-entity"]
    # The place of the first is shown in the second, and both places in the files that name it.
    assert edit(workspace, "contact", "# above\n" + TEXTS["contact"]) == {"contact", "other", "one", "two"}
    # Another schema changes who is where for those that name it.
    again = edit(workspace, "other", TEXTS["other"].replace("Other", "contact").replace("crm", "sales"))
    assert again == {"contact", "other", "one", "two"}
    assert codes(workspace, "contact") == []


def test_what_comes_into_the_registry_is_known(workspace: Workspace) -> None:
    folder = workspace.host.folders[0].uri
    subdomain = "{'01': {name: core, entities: {Missing: {table_code: '012011'}}}}"
    workspace.apply(
        RegistryChanged(folder, registry_state(REGISTRY.replace("subdomains: {}", f"subdomains: {subdomain}")))
    )
    assert codes(workspace, "lost") == []
    workspace.apply(RegistryChanged(folder, registry_state(None)))
    assert codes(workspace, "lost") == codes(workspace, "one") == []
