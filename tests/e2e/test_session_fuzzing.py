"""Random sessions with the real process: whatever a client does, in whatever order its messages arrive.

Every request is answered exactly once and without an error of the server's own; in the end the diagnostics are those of
a new server on the same texts, whether they are published or pulled.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from specql_lsp.lsp.routes import COMMANDS, REQUESTS
from tests.e2e.diagnostics_support import execute
from tests.e2e.fuzz_client import FuzzClient, Kind
from tests.e2e.random_requests import RandomRequests
from tests.support.effort import times
from tests.support.postgres import PostgresServer
from tests.support.workspaces import FIXTURE
from tests.workspace.test_host_property import REGISTRIES, entity_text, tweaked

FOLDERS = ["main", "main/nested", "other"]
FILES = ["one.yaml", "two.yaml", "entities/three.yaml", "emoji é😀.yaml"]
REGISTRY = "registry/domain_registry.yaml"
CONFIGS = [
    "",
    "[diagnostics]\nenabled = false\n",
    '[diagnostics.severity]\nunknown-domain = "hint"\ntable-code-taken = "off"\n',
    '[files]\nexclude = ["**/two.yaml"]\n',
    "[diagnostics]\ndebounceMs = 0\n",
    "not toml [",
]
LONG = [path.read_text(encoding="utf-8") for path in sorted(FIXTURE.rglob("entities/**/*.yaml"))]
LARGE = "entity: Large\nschema: crm\nfields:\n" + "".join(f"  field_{number}: text\n" for number in range(5_500))
"""More lines than are parsed and checked on the event loop."""
METHODS = [route.method for route in REQUESTS if not route.method.endswith("/diagnostic")]
NAMES = [route.method for route in COMMANDS]
STATEMENTS = [
    "DELETE FROM specql_registry.tb_domain WHERE domain_number = '4'",
    "UPDATE specql_registry.tb_domain SET description = description || '.' WHERE domain_number = '2'",
    "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Contact'",
    "INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('7', 'billing') ON CONFLICT DO NOTHING",
]
randoms = st.integers(0, 2**32 - 1).map(Random)


def any_text(random: Random) -> str:
    """An entity file or a registry, small or real, whole or half typed, with any line breaks."""
    kind = random.random()
    if kind > 0.98:
        return LARGE
    text = entity_text(random) if kind < 0.6 else random.choice(REGISTRIES) if kind < 0.75 else random.choice(LONG)
    if random.random() < 0.3:
        start = random.randrange(len(text) + 1)
        text = text[:start] + text[start + random.randrange(30) :]
    if random.random() < 0.2:
        text = text.replace("description: ", "description: é😀 ")
    return text.replace("\n", "\r\n") if random.random() < 0.1 else text


class Session(RuleBasedStateMachine):
    """One session of a client with a server."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="specql-fuzz-"))
        self.errors = self.root / "internal_errors.txt"
        self.folders: list[str] = []
        self.texts: dict[str, str] = {}
        """The open documents."""
        self.lost: set[str] = set()
        """Those of which the server was sent a change that cannot be applied."""
        self.versions: dict[str, int] = {}
        self.client: FuzzClient | None = None
        self.environment: dict[str, str] = {}

    @initialize(kind=st.sampled_from(Kind), random=randoms, folders=st.sampled_from([["main"], ["main", "other"]]))
    def start(self, kind: Kind, random: Random, folders: list[str]) -> None:
        for folder in FOLDERS:
            self.write(f"{folder}/{REGISTRY}", random.choice(REGISTRIES))
            for name in FILES[: random.randrange(len(FILES) + 1)]:
                self.write(f"{folder}/{name}", any_text(random))
        self.folders = list(folders)
        self.client = self.new_client(kind)
        self.requests = RandomRequests(random)

    def new_client(self, kind: Kind) -> FuzzClient:
        """A client of a new server, with the present folders."""
        return FuzzClient(kind, [self.root / "w" / folder for folder in self.folders], self.errors, self.environment)

    def write(self, path: str, text: str | None) -> None:
        target = self.root / "w" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            target.unlink(missing_ok=True)
        else:
            target.write_bytes(text.encode())

    def uri(self, path: str) -> str:
        return (self.root / "w" / path).as_uri()

    @property
    def running(self) -> FuzzClient:
        assert self.client is not None
        return self.client

    # What the editor does.

    @rule(folder=st.sampled_from(FOLDERS), name=st.sampled_from([*FILES, REGISTRY]), random=randoms)
    def open(self, folder: str, name: str, random: Random) -> None:
        path = f"{folder}/{name}"
        if path in self.texts:
            return
        file = self.root / "w" / path
        is_as_saved = file.exists() and random.random() < 0.7
        self.texts[path] = file.read_bytes().decode() if is_as_saved else any_text(random)
        self.versions[path] = 1
        item = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": self.texts[path]}
        self.running.later("textDocument/didOpen", {"textDocument": item})
        self.running.opened(self.uri(path), self.texts[path])

    @precondition(lambda self: self.texts)
    @rule(random=randoms)
    def edit(self, random: Random) -> None:
        path = random.choice(sorted(self.texts))
        text, changes = self.texts[path], []
        for _ in range(random.choice([1, 1, 1, 3])):
            if path in self.lost or random.random() < 0.3:
                text = any_text(random) if random.random() < 0.5 else tweaked(text, random)
                self.lost.discard(path)
                changes = [{"text": text}]
                continue
            start = _offset(text, random.randrange(len(text) + 1))
            end = _offset(text, max(start, min(len(text), start + random.choice([0, 0, 1, 5]))))
            new = random.choice(["", "x", ":", "\n", "  ", "- ", "é😀", "ref(Contact)", "'012034'", "[", '"'])
            places = {"start": _position(text, start), "end": _position(text, end)}
            changes.append({"range": places, "text": new})
            text = text[:start] + new + text[end:]
        self._send_change(path, text, changes)

    def _send_change(self, path: str, text: str, changes: list[Any]) -> None:
        self.texts[path] = text
        self.versions[path] += 1
        identifier = {"uri": self.uri(path), "version": self.versions[path]}
        self.running.later("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})
        self.running.changed(self.uri(path), None if path in self.lost else text)

    @precondition(lambda self: self.texts)
    @rule(random=randoms)
    def change_unfitly(self, random: Random) -> None:
        path = random.choice(sorted(self.texts))
        self.lost.add(path)
        self._send_change(path, self.texts[path], [{"range": {"start": {"line": 0}}, "text": "?"}])

    @precondition(lambda self: self.texts)
    @rule(random=randoms)
    def close(self, random: Random) -> None:
        path = random.choice(sorted(self.texts))
        del self.texts[path]
        self.lost.discard(path)
        self.running.later("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})
        self.running.closed(self.uri(path))

    @precondition(lambda self: self.texts)
    @rule(random=randoms)
    def save(self, random: Random) -> None:
        path = random.choice(sorted(self.texts))
        self.write(path, self.texts[path])
        self._tell(random, path)

    # What happens on the disk.

    @rule(folder=st.sampled_from(FOLDERS), name=st.sampled_from([*FILES, REGISTRY]), random=randoms)
    def change_file(self, folder: str, name: str, random: Random) -> None:
        path = f"{folder}/{name}"
        text = None if random.random() < 0.25 else any_text(random)
        if name == REGISTRY and text is not None:
            text = random.choice(REGISTRIES)
        self.write(path, text)
        self._tell(random, path)

    @rule(folder=st.sampled_from(FOLDERS), text=st.sampled_from(CONFIGS), random=randoms)
    def change_settings(self, folder: str, text: str, random: Random) -> None:
        self.write(f"{folder}/specql-lsp.toml", text)
        self._tell(random, f"{folder}/specql-lsp.toml")

    def _tell(self, random: Random, path: str) -> None:
        """Events of files arrive at any time, in any order with the messages of documents."""
        kind = 2 if (self.root / "w" / path).exists() else 3
        event = {
            "method": "workspace/didChangeWatchedFiles",
            "params": {"changes": [{"uri": self.uri(path), "type": kind}]},
        }
        self.running.outbox.insert(random.randrange(len(self.running.outbox) + 1), event)

    @rule(folder=st.sampled_from(FOLDERS))
    def change_folders(self, folder: str) -> None:
        event: dict[str, list[Any]] = {"added": [], "removed": []}
        folders = {"uri": self.uri(folder), "name": folder}
        if folder in self.folders:
            if len(self.folders) == 1:
                return
            self.folders.remove(folder)
            event["removed"].append(folders)
        else:
            self.folders.append(folder)
            event["added"].append(folders)
        self.running.later("workspace/didChangeWorkspaceFolders", {"event": event})

    # Requests.

    @precondition(lambda self: self.texts)
    @rule(method=st.sampled_from(METHODS), random=randoms)
    def request(self, method: str, random: Random) -> None:
        path = random.choice(sorted(self.texts))
        self.requests.random = random
        for number, answers in self.running.answers.items():
            self.requests.take(self.running.asked[number], answers[0].get("result"))
        params = self.requests.params(method, self.uri(path), self.texts[path])
        if params is not None:
            self.running.request(method, params)

    @rule(name=st.sampled_from(NAMES), random=randoms)
    def command(self, name: str, random: Random) -> None:
        argument: dict[str, Any] = {"folder": self.uri(random.choice(self.folders))}
        if random.random() < 0.6:
            argument |= {"entity": "Ticket", "domain": "crm", "subdomain": "support", "number": "2", "name": "crm"}
        if self.texts and random.random() < 0.6:
            argument["uri"] = self.uri(random.choice(sorted(self.texts)))
        self.running.request("workspace/executeCommand", {"command": name, "arguments": [argument]})

    @rule(random=randoms)
    def cancel(self, random: Random) -> None:
        asked = [each for each in self.running.asked if each != self.running.stream]
        if not asked:
            return
        number = random.choice(asked[-5:])
        is_sent = all(message.get("id") != number for message in self.running.outbox)
        if is_sent or self.running.asked[number] != "textDocument/diagnostic":
            self.running.later("$/cancelRequest", {"id": number})
        if self.running.asked[number] == "textDocument/diagnostic":  # as editors do: another one replaces it
            uri = self.running.params[number]["textDocument"]["uri"]
            if uri in self.running.open:
                self.running.pull(uri)

    # How messages travel.

    @rule(count=st.integers(1, 12))
    def deliver(self, count: int) -> None:
        self.running.deliver(count)

    @rule()
    def receive(self) -> None:
        self.running.follow_all()

    @rule()
    def answer_the_server(self) -> None:
        self.running.outbox += self.running.delayed
        self.running.delayed = []

    @rule(random=randoms)
    def settle(self, random: Random) -> None:
        self.rest(random)

    # The end.

    def rest(self, random: Random) -> None:
        """Waits until nothing is to be done any more, and compares what is shown with what is true."""
        self.mend_registries(random)
        self.running.settle()
        assert not self.errors.exists(), self.errors.read_text(encoding="utf-8")
        self.compare()

    def mend_registries(self, random: Random) -> None:
        """Makes every registry YAML readable: of one that is not, the server goes on with what it read before."""
        for folder in self.folders:
            path = f"{folder}/{REGISTRY}"
            file = self.root / "w" / path
            if path in self.texts and (path in self.lost or self.texts[path] not in REGISTRIES):
                self.lost.discard(path)
                text = random.choice(REGISTRIES)
                self._send_change(path, text, [{"text": text}])
            elif path not in self.texts and (not file.exists() or file.read_bytes().decode() not in REGISTRIES):
                self.write(path, random.choice(REGISTRIES))
                self._tell(random, path)

    def compare(self) -> None:
        """Compares what is shown with what a new server shows of the same folders, files and documents."""
        with self.new_client(Kind.PUSH) as new:
            for path in self.texts:
                item = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": self.texts[path]}
                new.later("textDocument/didOpen", {"textDocument": item})
                if path in self.lost:
                    identifier = {"uri": self.uri(path), "version": 2}
                    change = {"range": {"start": {"line": 0}}, "text": "?"}
                    new.later("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
            new.settle()
            expected = new.shown()
            new.end()
        shown = self.running.shown()
        differing = {
            uri: (shown.get(uri, []), expected.get(uri, []))
            for uri in shown.keys() | expected.keys()
            if shown.get(uri) != expected.get(uri)
        }
        assert not differing, f"shown, and shown by a new server: {differing}"

    def teardown(self) -> None:
        if self.client is None:
            return
        try:
            self.rest(Random(0))
            self.running.end()
            assert not self.errors.exists(), self.errors.read_text(encoding="utf-8")
        finally:
            self.client.__exit__()
            shutil.rmtree(self.root)


def _offset(text: str, offset: int) -> int:
    """An offset that has a place: within a line break of two characters there is none."""
    return offset + 1 if text[offset - 1 : offset + 1] == "\r\n" else offset


def _position(text: str, offset: int) -> dict[str, int]:
    """The place of an offset in UTF-16, by the line breaks of LSP."""
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return {"line": len(lines) - 1, "character": len(lines[-1].encode("utf-16-le")) // 2}


def sessions(count: int) -> settings:
    """So many sessions. What fails is not made smaller: that would take minutes, and messages travel otherwise."""
    return settings(
        max_examples=times(count),
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )


def test_random_sessions() -> None:
    run_state_machine_as_test(Session, settings=sessions(4))  # type: ignore[no-untyped-call]


def test_random_sessions_with_a_database(postgres_server: PostgresServer, filled_template: str) -> None:
    class WithDatabase(Session):
        """A session whose registry is in PostgreSQL, where others change it."""

        def __init__(self) -> None:
            super().__init__()
            self.url = postgres_server.create_database(filled_template)
            self.environment = {"SPECQL_DB_URL": self.url}

        @rule(statement=st.sampled_from(STATEMENTS))
        def change_database(self, statement: str) -> None:
            execute(self.url, statement)

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                postgres_server.drop_database(self.url)

    run_state_machine_as_test(WithDatabase, settings=sessions(2))  # type: ignore[no-untyped-call]
