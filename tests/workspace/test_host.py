"""Which files a change has checked again: each row of the table in CONTRIBUTING, counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from specql_lsp.config import (
    DiagnosticsSettings,
    FilesSettings,
    LanguageSettings,
    RegistrySettings,
    Settings,
    SeverityOverride,
)
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.model import Rules
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.changes import (
    DocumentChanged,
    DocumentClosed,
    DocumentLost,
    FilesRead,
    FolderClosed,
    Invalidated,
    RegistryChanged,
    RegistryFileRead,
    SettingsChanged,
)
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.lookups import RecordedIndex, RecordedSnapshot, recorded
from specql_lsp.workspace.uris import uri_of
from tests.features.support import REGISTRY
from tests.workspace.host_support import ROOT, Workspace, registry_state

CONTACT = ROOT / "entities" / "contact.yaml"
RIVAL = ROOT / "entities" / "rival.yaml"
BRAND = ROOT / "entities" / "brand.yaml"
OTHERS = [ROOT / "entities" / f"other{number}.yaml" for number in range(20)]
TEXTS = {
    CONTACT: "entity: Contact\nschema: crm\norganization:\n  table_code: '012034'\nfields:\n  name: text\n",
    RIVAL: "entity: Rival\nschema: crm\norganization:\n  table_code: '012034'\n",
    BRAND: "entity: Manufacturer\nschema: catalog\norganization:\n  table_code: '013021'\n",
    **{
        path: f"entity: Other{number}\nschema: crm\norganization:\n  table_code: '0120{number + 64:02X}'\n"
        for number, path in enumerate(OTHERS)
    },
}
URIS = {path: uri_of(path) for path in TEXTS}


@pytest.fixture
def workspace() -> Workspace:
    it = Workspace()
    it.disk = {**TEXTS, ROOT / "registry" / "domain_registry.yaml": REGISTRY}
    folder = it.open_folder()
    it.apply(RegistryChanged(folder, registry_state(REGISTRY)))
    it.checks.clear()
    return it


def checked(workspace: Workspace) -> set[Path]:
    """The files that were checked since this was asked last, each of them once."""
    assert all(count == 1 for count in workspace.checks.values()), workspace.checks
    found = {path for path, uri in URIS.items() if uri in workspace.checks}
    assert len(found) == len(workspace.checks)
    workspace.checks.clear()
    return found


def edit(workspace: Workspace, path: Path, text: str) -> None:
    workspace.apply(DocumentChanged(Document(uri_of(path), text, 1)))


def codes(workspace: Workspace, path: Path) -> list[str]:
    file = workspace.host.diagnostics(URIS[path])
    assert file is not None
    return [finding.code for finding in file.shown]


@pytest.mark.parametrize(
    "text",
    [
        TEXTS[CONTACT].replace("name: text", "name: text!"),
        TEXTS[CONTACT] + "  email: text\n",
        TEXTS[CONTACT] + "# a comment\n",
        TEXTS[CONTACT] + "description: Somebody\n",
        TEXTS[CONTACT] + "actions:\n- name: call\n  steps:\n  - validate: name\n",
    ],
)
def test_what_no_other_file_sees_has_the_file_alone_checked(workspace: Workspace, text: str) -> None:
    edit(workspace, CONTACT, TEXTS[CONTACT])
    assert checked(workspace) == {CONTACT}
    edit(workspace, CONTACT, text)
    assert checked(workspace) == {CONTACT}


def test_a_code_has_the_readers_of_the_old_and_the_new_one_checked(workspace: Workspace) -> None:
    assert codes(workspace, RIVAL) == ["table-code-taken"]
    edit(workspace, CONTACT, TEXTS[CONTACT].replace("012034", "012040"))
    assert checked(workspace) == {CONTACT, RIVAL, OTHERS[0]}
    edit(workspace, CONTACT, TEXTS[CONTACT].replace("012034", "0120FF"))
    assert checked(workspace) == {CONTACT, OTHERS[0]}


def test_a_moved_code_has_those_checked_that_show_its_place(workspace: Workspace) -> None:
    edit(workspace, CONTACT, "# a line above\n" + TEXTS[CONTACT])
    assert checked(workspace) == {CONTACT, RIVAL}


def test_an_entity_that_is_renamed_has_the_readers_of_its_code_checked(workspace: Workspace) -> None:
    edit(workspace, CONTACT, TEXTS[CONTACT].replace("Contact", "Person"))
    assert checked(workspace) == {CONTACT, RIVAL}


def test_a_file_and_a_folder_come_and_go(workspace: Workspace) -> None:
    del workspace.disk[CONTACT]
    workspace.write(CONTACT)
    assert checked(workspace) == {RIVAL}
    assert workspace.host.diagnostics(URIS[CONTACT]) is None
    workspace.disk[CONTACT] = TEXTS[CONTACT]
    workspace.write(CONTACT)
    assert checked(workspace) == {CONTACT, RIVAL}
    folder = uri_of(ROOT)
    gone: dict[str, Document | None] = {URIS[path]: None for path in (CONTACT, BRAND)}
    workspace.apply(FilesRead(folder, gone))
    assert checked(workspace) == {RIVAL}


def test_a_nested_folder_takes_its_files(workspace: Workspace) -> None:
    nested = ROOT / "entities"
    inner = workspace.open_folder(nested)
    assert set(workspace.host.checked(inner)) == set(URIS.values())
    assert set(workspace.host.checked(uri_of(ROOT))) == {uri_of(ROOT / "registry" / "domain_registry.yaml")}
    invalidated = workspace.host.apply(FolderClosed(inner))
    assert invalidated.unread == ((uri_of(ROOT), nested),)
    assert set(invalidated.shown) == set(URIS.values())


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        (REGISTRY, set()),
        (REGISTRY.replace("description: Customers", "description: Those who buy"), set()),
        (REGISTRY.replace("          Contact:", "          Ticket:"), {CONTACT, RIVAL}),
        (REGISTRY.replace("'012034'", "'012041'"), {CONTACT, RIVAL, OTHERS[1]}),
        (REGISTRY.replace("        entities: {}", "        entities: {Other3: {table_code: '0120AA'}}"), {OTHERS[3]}),
        (REGISTRY.replace("    name: catalog", "    name: goods"), {BRAND}),
        (REGISTRY.replace("    - management", "    - sales"), {CONTACT, RIVAL, *OTHERS}),
        (REGISTRY.replace("'01203E'", "'01203F'"), set(URIS)),
    ],
)
def test_a_registry_state_has_the_readers_of_what_differs_checked(
    workspace: Workspace, registry: str, expected: set[Path]
) -> None:
    folder = uri_of(ROOT)
    before = workspace.host.analysis(folder).snapshot
    assert before is not None
    state = registry_state(registry)
    assert state.snapshot is not None
    workspace.apply(RegistryChanged(folder, replace(state, provenance=Provenance(reason="It was read again."))))
    # What every domain of the text has now is listed in no message of a file whose own domain is the same.
    assert checked(workspace) == expected


@pytest.mark.parametrize("code", ["014031", "013029"])
def test_a_domain_that_a_message_names_is_followed(workspace: Workspace, code: str) -> None:
    """Among all that the registry has, or as the one to which a code belongs."""
    edit(workspace, BRAND, f"entity: Brand\nschema: crm\norganization:\n  table_code: '{code}'\n")
    renamed = registry_state(REGISTRY.replace("    name: catalog", "    name: goods"))
    workspace.apply(RegistryChanged(uri_of(ROOT), renamed))
    file = workspace.host.diagnostics(URIS[BRAND])
    assert file is not None
    assert any("3 (goods)" in finding.message for finding in file.shown)
    assert not any("catalog" in finding.message for finding in file.shown)


def test_a_registry_that_is_lost_has_every_file_checked_that_asked_it(workspace: Workspace) -> None:
    workspace.apply(RegistryChanged(uri_of(ROOT), registry_state(None)))
    workspace.checks.pop(uri_of(ROOT / "registry" / "domain_registry.yaml"))  # it has findings of its own
    assert checked(workspace) == set(URIS)


def test_severities_are_shown_without_a_check(workspace: Workspace) -> None:
    folder = uri_of(ROOT)
    before = {path: workspace.host.diagnostics(uri) for path, uri in URIS.items()}
    severity = {"table-code-taken": SeverityOverride.HINT, "unknown-subdomain": SeverityOverride.OFF}
    invalidated = workspace.host.apply(
        SettingsChanged(folder, Settings(diagnostics=DiagnosticsSettings(severity=severity)))
    )
    assert invalidated == Invalidated(shown=invalidated.shown)
    assert set(invalidated.shown) == {URIS[path] for path in (CONTACT, RIVAL, *OTHERS)}
    for path, uri in URIS.items():
        old, new = before[path], workspace.host.diagnostics(uri)
        assert old is not None
        assert new is not None
        assert (new.shown == old.shown) == (uri not in invalidated.shown)
    assert workspace.host.apply(SettingsChanged(folder, Settings())).shown == invalidated.shown
    assert not workspace.checks


def test_the_limits_of_a_release_are_shown_without_a_check(workspace: Workspace) -> None:
    edit(workspace, BRAND, "entity: Brand\nschema: catalog\nfields:\n  name: {type: text, required: true}\n")
    assert "key-not-read" in codes(workspace, BRAND)
    workspace.checks.clear()
    none = Settings(language=LanguageSettings(release=""))
    invalidated = workspace.host.apply(SettingsChanged(uri_of(ROOT), none))
    assert invalidated == Invalidated(shown=invalidated.shown)
    assert URIS[BRAND] in invalidated.shown
    assert "key-not-read" not in codes(workspace, BRAND)
    assert workspace.host.apply(SettingsChanged(uri_of(ROOT), Settings())).shown == invalidated.shown
    assert "key-not-read" in codes(workspace, BRAND)
    assert not workspace.checks


def test_settings_of_the_registry_concern_its_service_only(workspace: Workspace) -> None:
    settings = Settings(registry=RegistrySettings(refresh_seconds=5, database_url="postgresql://other/db"))
    assert workspace.host.apply(SettingsChanged(uri_of(ROOT), settings)) == Invalidated()


def test_other_files_are_read_with_other_globs(workspace: Workspace) -> None:
    settings = Settings(files=FilesSettings(exclude=("**/rival.yaml",)))
    workspace.apply(SettingsChanged(uri_of(ROOT), settings))
    assert workspace.host.diagnostics(URIS[RIVAL]) is None
    assert "table-code-taken" not in codes(workspace, CONTACT)


def test_an_analysis_stays_as_it_was(workspace: Workspace) -> None:
    folder = uri_of(ROOT)
    before = workspace.host.analysis(folder)
    edit(workspace, CONTACT, "entity: Person\nschema: crm\n")
    workspace.apply(RegistryChanged(folder, registry_state(None)))
    assert [facts.uri for facts in before.index.named("contact")] == [URIS[CONTACT]]
    assert before.snapshot is not None
    assert workspace.host.analysis(folder).index.named("contact") == ()


# Checks that run elsewhere while something changes.


def test_a_check_that_a_change_of_the_file_overtakes_is_dropped(workspace: Workspace) -> None:
    edit(workspace, CONTACT, TEXTS[CONTACT])
    check = workspace.host.prepare(URIS[CONTACT])
    assert check is not None
    workspace.host.apply(DocumentChanged(Document(URIS[CONTACT], "entity: Contact\nschema: nowhere\n", 2)))
    assert workspace.host.finish(check.run()) is None
    assert URIS[CONTACT] in workspace.host.stale(uri_of(ROOT))
    workspace.check_all()
    assert "unknown-domain" in codes(workspace, CONTACT)


def test_a_check_is_repeated_when_what_it_looked_up_has_changed_meanwhile(workspace: Workspace) -> None:
    host, folder = workspace.host, uri_of(ROOT)
    edit(workspace, RIVAL, TEXTS[RIVAL])
    edit(workspace, BRAND, TEXTS[BRAND])
    running = [host.prepare(URIS[path]) for path in (RIVAL, BRAND)]
    host.apply(FilesRead(folder, {URIS[CONTACT]: None}))
    for check in running:
        assert check is not None
        host.finish(check.run())
    assert host.stale(folder) == (URIS[RIVAL],)
    workspace.check_all()
    # The code is still the registered Contact's.
    assert codes(workspace, RIVAL) == ["table-code-taken"]


def test_a_check_notices_that_a_place_in_the_registry_has_moved_meanwhile(workspace: Workspace) -> None:
    host, folder = workspace.host, uri_of(ROOT)
    edit(workspace, RIVAL, TEXTS[RIVAL])
    check = host.prepare(URIS[RIVAL])
    assert check is not None
    registry = host.folders[0].registry_uri
    host.apply(RegistryFileRead(folder, Document(registry, "# a line\n" + REGISTRY, is_registry=True)))
    host.finish(check.run())
    assert URIS[RIVAL] in host.stale(folder)


def test_what_was_closed_meanwhile_is_not_kept(workspace: Workspace) -> None:
    check = None
    for change in (
        DocumentLost(Document(URIS[CONTACT], TEXTS[CONTACT])),
        DocumentClosed(URIS[CONTACT]),
        FolderClosed(uri_of(ROOT)),
    ):
        workspace.host.apply(DocumentChanged(Document(URIS[CONTACT], TEXTS[CONTACT], 1)))
        check = workspace.host.prepare(URIS[CONTACT])
        assert check is not None
        workspace.host.apply(change)
        assert workspace.host.finish(check.run()) is None
    assert check is not None
    assert workspace.host.finish(check) is None, "it is not taken twice"


# What is written down.


@pytest.mark.parametrize(("recording", "base"), [(RecordedIndex, WorkspaceIndex), (RecordedSnapshot, Snapshot)])
def test_every_query_is_recorded(recording: type, base: type) -> None:
    changes = {"put"}  # by put_all
    public = {name for name in vars(base) if not name.startswith("_")} - changes
    if base is Snapshot:
        public |= set(vars(Snapshot((), Rules()))) - {"_unregistered", "_basis"}
    assert public <= vars(recording).keys() | {"__slots__"}


def test_a_check_never_changes_the_index() -> None:
    analysis, _ = recorded(Analysis())
    with pytest.raises(TypeError):
        analysis.index.put("file:///a", None)
