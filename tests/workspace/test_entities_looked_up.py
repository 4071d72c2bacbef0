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


NAMED = """\
# Named in every way in which an entity and its fields are named.
entity: Company
schema: crm
description: Where people work
fields:
  name: text
  status: enum(open, closed)
  owner: ref(Person)
actions:
  - name: close
    # Closes it.
    steps:
      - validate: status = 'open'
      - update: Company SET status = 'closed'
"""
NAMING = {
    "person": "entity: Person\nschema: crm\nfields: {company: ref(Company), other: ref(crm.Company)}\n",
    "right": "entity: Right\nschema: crm\nfields: {company: ref(Company)}\n"
    "actions: [{name: a, steps: [{validate: company.status = 'open'}, {update: Company SET name = 'x'}]}]\n",
    "wrong": "entity: Wrong\nschema: crm\nfields: {company: ref(Company)}\n"
    "actions: [{name: a, steps: [{validate: company.street = 'x'}]}]\n",
    "misspelt": "entity: Misspelt\nschema: crm\nfields: {company: ref(Compani), other: ref(sales.Company)}\n",
    "view": "entity: View\nschema: crm\nfields: {a: text}\n"
    "table_views: {include_relations: [{Company: {fields: [name]}}]}\n",
}
UNSEEN = [
    ("# Named in", "# A comment of\n# several lines: named in"),
    ("# Closes it.", "# Closes it\n    # for good."),
    ("description: Where", "description: Where most"),
    ("    steps:\n", "    steps:\n      - validate: name IS NOT NULL\n"),
    ("    steps:\n", "    steps:\n      - update: Company SET owner = 'x'\n      - if: owner\n        then:\n"),
    ("status = 'open'", "statsu = 'open'"),
    ("  - name: close\n", "  - name: close\n    unknown_key: 1\n"),
    ("actions:\n", "\n\nactions:\n"),
    ("    steps:\n", "    steps\n"),
    ("SET status = 'closed'\n", "SET status = 'closed'\nnonsense: [\n"),
]


@pytest.fixture
def named() -> Workspace:
    it = Workspace()
    it.disk = {ROOT / f"{name}.yaml": text for name, text in {**NAMING, "company": NAMED}.items()}
    folder = it.open_folder()
    it.apply(RegistryChanged(folder, registry_state(REGISTRY)))
    it.checks.clear()
    edit(it, "company", NAMED)
    return it


@pytest.mark.parametrize(("old", "new"), UNSEEN)
def test_what_is_in_an_action_a_comment_or_a_description_is_that_file_s_alone(
    named: Workspace, old: str, new: str
) -> None:
    assert codes(named, "misspelt") == ["unknown-entity", "unknown-entity"]
    assert old in NAMED
    assert edit(named, "company", NAMED.replace(old, new, 1)) == {"company"}
    assert edit(named, "company", NAMED) == {"company"}


def test_a_field_that_is_added_is_seen_by_those_that_missed_one(named: Workspace) -> None:
    added = NAMED.replace("  name: text\n", "  name: text\n  street: text\n")
    assert edit(named, "company", added) == {"company", "wrong"}
    retyped = added.replace("enum(open, closed)", "text")
    assert edit(named, "company", retyped) == {"company", "right"}


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
