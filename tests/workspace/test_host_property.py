"""Whatever changes led to a workspace, the host knows of it what a new host would find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from specql_lsp.config import DiagnosticsSettings, FilesSettings, RegistrySettings, Settings, SeverityOverride
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, RegistryState
from specql_lsp.workspace.changes import (
    DocumentChanged,
    DocumentClosed,
    DocumentLost,
    FolderClosed,
    FolderOpened,
    RegistryChanged,
    SettingsChanged,
)
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of, uri_of
from tests.features.support import REGISTRY
from tests.support.effort import SEED, times
from tests.workspace.host_support import ROOT, Workspace, registry_state

FOLDERS = [ROOT, ROOT / "sub", ROOT / "sub" / "inner", Path("/elsewhere")]
FILES = [
    *(folder / f"{name}.yaml" for folder in FOLDERS for name in ("one", "two")),
    ROOT / "hidden" / "three.yaml",
    ROOT / "registry" / "domain_registry.yaml",
    ROOT / "other_registry.yaml",
    ROOT / "sub" / "registry" / "domain_registry.yaml",
]
SCRATCH = ["untitled:Untitled-1", "file:///nowhere/at_all.yaml"]
REGISTRIES = [
    REGISTRY,
    REGISTRY.replace("    name: crm", "    name: sales"),
    REGISTRY.replace("    name: catalog", "    name: goods"),
    REGISTRY.replace("    - management", "    - catalog"),
    REGISTRY.replace("          Contact:", "          Ticket:"),
    REGISTRY.replace("'012034'", "'012036'"),
    REGISTRY.replace("'012035'", "'012034'"),
    REGISTRY.replace("      '03':\n        name: customer", "      '05':\n        name: customer"),
    REGISTRY.replace("'01203E'", "'012036'"),
    REGISTRY.replace("  '02': read_side\n", ""),
    "# moved down by a line\n" + REGISTRY,
    REGISTRY.partition("  '3':")[0],
    "domains: {}\n",
]
CODES = [*["012034"] * 4, "012035", "012036", "01203E", "013021", "013029", "014031", "01234", ""]
SETTINGS = [
    Settings(),
    Settings(diagnostics=DiagnosticsSettings(enabled=False)),
    Settings(diagnostics=DiagnosticsSettings(drift=False)),
    Settings(diagnostics=DiagnosticsSettings(severity={"table-code-taken": SeverityOverride.HINT})),
    Settings(diagnostics=DiagnosticsSettings(severity={"unknown-domain": SeverityOverride.OFF})),
    Settings(files=FilesSettings(exclude=("hidden/**",))),
    Settings(files=FilesSettings(include=("**/one.yaml",))),
    Settings(registry=RegistrySettings(yaml_path="other_registry.yaml")),
    Settings(registry=RegistrySettings(yaml_path="one.yaml")),
    Settings(registry=RegistrySettings(refresh_seconds=1.0)),
]
DISCREPANCIES = [
    None,
    (),
    (Discrepancy(DiscrepancyType.MISSING_ENTITY_IN_YAML, "2", "03", "Order", message="The YAML has no Order."),),
    (Discrepancy(DiscrepancyType.DOMAIN_ATTRIBUTE_MISMATCH, "2", attribute="name", message="The names differ."),),
]


def entity_text(random: Random) -> str:
    if random.random() < 0.1:
        return random.choice(["", "a: 1\n", "entity:\n", "entity: [", "entity: Contact\n  x: :\n"])
    code = random.choice(
        ["012034", "012034", "012035", "012036", "01203E", "013021", "013029", "014031", "01234", "", None]
    )
    text = "# a comment\n" * random.choice([0, 0, 1, 3])
    text += f"entity: {random.choice(['Contact', 'contact', 'Company', 'Ticket', 'Manufacturer'])}\n"
    text += f"schema: {random.choice(['crm', 'CRM', 'management', 'catalog', 'sales', 'customr', 'common'])}\n"
    text += f"description: {random.choice(['A', 'B'])}\n"
    if code is not None:
        text += f"organization:\n  table_code: {random.choice(['', chr(39)])}{code}\n".replace(f"'{code}", f"'{code}'")
        if random.random() < 0.3:
            text += f"  domain_name: {random.choice(['crm', 'catalog', 'nowhere'])}\n"
    if random.random() < 0.7:
        target = random.choice(
            ["Contact", "contct", "crm.Contact", "sales.Company", "management.ticket", "Manufacturer"]
        )
        text += f"fields:\n  other: ref({target})\n"
    if random.random() < 0.3:
        text += f"actions:\n  - name: a\n    steps:\n      - insert: {random.choice(['Company', 'Order'])}\n"
    return text + ("---\n" + entity_text(random) if random.random() < 0.1 else "")


def tweaked(text: str, random: Random) -> str:
    """A text with a small change, of what others see or of what they do not see."""
    before, after = random.choice(
        [
            ("entity:", "# one more line\nentity:"),
            ("description: ", "description: longer "),
            ("description: ", "# between\ndescription: "),
            ("organization:", "# above the code\norganization:"),
            ("Contact", "Company"),
            ("Company", "Contact"),
            ("ref(", "list("),
            ("ref(crm.", "ref("),
            ("insert: Company", "insert: Ticket"),
            ("012034", "012035"),
            ("012035", "012034"),
            ("schema: crm", "schema: catalog"),
            ("schema: catalog", "schema: crm"),
            ("012034", "013029"),
            ("012035", "014031"),
        ]
    )
    return text.replace(before, after, 1)


def any_text(random: Random) -> str:
    return random.choice(REGISTRIES) if random.random() < 0.2 else entity_text(random)


class Model:
    """A workspace, and what it is made of."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.workspace = Workspace()
        self.folders: dict[str, tuple[Path | None, Settings]] = {}
        self.registries: dict[str, RegistryState] = {}
        self.open: dict[str, Document] = {}
        self.lost: dict[str, Document] = {}

    def step(self) -> None:
        actions = [self.file] * 7 + [self.edit] * 5 + [self.folder, self.close, self.lose, self.settings]
        self.random.choice([*actions, self.registry, self.registry])()

    def file(self) -> None:
        path, disk = self.random.choice(FILES), self.workspace.disk
        if path in disk and self.random.random() < 0.15:
            del disk[path]
        elif path in disk and self.random.random() < 0.75:
            disk[path] = tweaked(disk[path], self.random)
        else:
            disk[path] = any_text(self.random)
        for folder in self.workspace.host.folders:  # as events of files are: each folder looks at what is its own
            if folder.holds(path) or folder.registry_path == path:
                self.workspace.read(folder.uri, path)

    def folder(self) -> None:
        path = self.random.choice([*FOLDERS, None])
        uri = uri_of(path) if path is not None else "untitled:"
        if path is None and (self.folders and "untitled:" not in self.folders):
            return  # there is one instead of folders, not beside them
        if uri in self.folders and self.random.random() < 0.7:
            del self.folders[uri]
            self.registries.pop(uri, None)
            self.workspace.apply(FolderClosed(uri))
            return
        settings = self.random.choice(SETTINGS)
        self.folders.pop(uri, None)
        self.registries.pop(uri, None)
        self.folders[uri] = (path, settings)
        self.workspace.apply(FolderOpened(uri, path, settings))

    def edit(self) -> None:
        uri = self.random.choice([*map(uri_of, FILES), *SCRATCH])
        self.lost.pop(uri, None)
        known = self.open.get(uri)
        is_small = known is not None and self.random.random() < 0.6
        document = Document(uri, tweaked(known.text, self.random) if is_small and known else any_text(self.random), 1)
        self.open[uri] = document
        self.workspace.apply(DocumentChanged(document))

    def close(self) -> None:
        if self.open or self.lost:
            uri = self.random.choice([*self.open, *self.lost])
            self.open.pop(uri, None)
            self.lost.pop(uri, None)
            self.workspace.apply(DocumentClosed(uri))

    def lose(self) -> None:
        if self.open and self.random.random() < 0.3:
            uri = self.random.choice(list(self.open))
            self.lost[uri] = self.open.pop(uri)
            self.workspace.apply(DocumentLost(self.lost[uri]))

    def settings(self) -> None:
        if self.folders:
            uri = self.random.choice(list(self.folders))
            settings = self.random.choice(SETTINGS)
            self.folders[uri] = (self.folders[uri][0], settings)
            self.workspace.apply(SettingsChanged(uri, settings))

    def registry(self) -> None:
        if self.folders:
            uri = self.random.choice(list(self.folders))
            # Most often one that differs from the usual one in one thing, and back.
            text = self.random.choice([None, *REGISTRIES, *[REGISTRY] * len(REGISTRIES)])
            state = registry_state(text)
            known = self.registries.get(uri)
            if known is not None and known.snapshot is not None and state.snapshot is not None:
                # As sources do: what is the same stays the same object.
                same = {domain: domain for domain in known.snapshot.domains}
                domains = [same.get(domain, domain) for domain in state.snapshot.domains]
                state = replace(state, snapshot=type(state.snapshot)(domains, state.snapshot.rules))
            state = replace(state, discrepancies=self.random.choice(DISCREPANCIES))
            self.registries[uri] = state
            self.workspace.apply(RegistryChanged(uri, state))

    def rebuilt(self) -> Workspace:
        """A workspace that was opened when everything was as it is now."""
        new = Workspace()
        new.disk = self.workspace.disk
        for uri, (path, settings) in self.folders.items():
            new.apply(FolderOpened(uri, path, settings))
            if uri in self.registries:
                new.apply(RegistryChanged(uri, self.registries[uri]))
        for uri, document in self.open.items():
            new.apply(DocumentChanged(Document(uri, document.text, 1)))
        for uri, document in self.lost.items():
            new.apply(DocumentLost(Document(uri, document.text, 1)))
        return new


def differing(model: Model) -> str:
    """What the host and a new one disagree about; empty where they agree."""
    host, new = model.workspace, model.rebuilt()
    found, expected = host.found(), new.found()
    problems = [
        f"{key}: {found.get(key)}\n  instead of {expected.get(key)}"
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    ]
    for folder in new.host.folders:
        one, other = host.host.analysis(folder.uri), new.host.analysis(folder.uri)
        if list(one.index.all()) != list(other.index.all()):
            problems.append(f"index of {folder.uri}: {one.index.uris} instead of {other.index.uris}")
        texts = [a.registry_document.text if a.registry_document else None for a in (one, other)]
        if texts[0] != texts[1] or one.settings != other.settings or one.registry != other.registry:
            problems.append(f"analysis of {folder.uri}")
        if host.host.stale(folder.uri):
            problems.append(f"stale in {folder.uri}: {host.host.stale(folder.uri)}")
    return "\n".join(problems)


@pytest.mark.parametrize("number", range(times(40)))
def test_the_host_knows_what_a_new_one_finds(number: int) -> None:
    model = Model(Random(SEED + number))
    model.folder()
    for step in range(60):
        model.step()
        if step % 3 == 0:
            assert not differing(model), f"after step {step}"
    assert not differing(model)
    assert all(path_of(uri) is not None or uri in SCRATCH for uri in model.open)
