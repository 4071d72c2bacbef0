"""``domain lease``: codes for the time without PostgreSQL, from the command line and in an editor."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import create_schema, install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.cli.support import NOT_IN_YAML, answer, codes, refusal, run
from tests.e2e.editor import Editor
from tests.support.patience import PATIENCE
from tests.support.patient import SETTLED_VARIABLE
from tests.support.postgres import PostgresServer
from tests.support.workspaces import REGISTRY, copy_workspace

ALLOCATED = "Allocated {} to {} in subdomain 04 (support) of domain 2 (crm).\n"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def url(server: PostgresServer, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database of a server that can be stopped, with all that the workspace's YAML holds; a state of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    url = server.create_database(name="registry")
    create_schema(url)
    source = PostgresqlSource(RegistrySettings(database_url=url, connect_timeout_seconds=60.0))
    migrate(YamlSource(workspace / REGISTRY).load(), source)
    source.close()
    install(RegistrySettings(database_url=url, statement_timeout_ms=60_000))
    return url


def test_leases_from_the_command_line(workspace: Path, server: PostgresServer, url: str) -> None:
    done = run(workspace, "domain", "lease", "crm", "support", "--count", "2", url=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Leased until 20")
    assert done.stdout.endswith(": 012042 and 012043. Allocation takes them while PostgreSQL is away.\n")
    leases = answer(workspace, "domain", "lease", "--list", url=url)
    assert [(each["tableCode"], each["isOwn"], each["entity"]) for each in leases] == [
        ("012042", True, None),
        ("012043", True, None),
    ]
    assert "(this folder)" in run(workspace, "domain", "lease", "--list", url=url).stdout
    assert answer(workspace, "domain", "allocate-code", "crm", "support", "Online", url=url)["tableCode"] == "012044"

    server.stop()
    done = run(workspace, "domain", "allocate-code", "crm", "support", "Refund", url=url)
    assert (done.returncode, done.stdout) == (0, ALLOCATED.format("012042", "Refund")), done.stderr
    assert "PostgreSQL is away: 012042 is of a lease." in done.stderr
    again = answer(workspace, "domain", "allocate-code", "crm", "support", "Refund", url=url)
    assert (again["tableCode"], again["created"], again["leased"]) == ("012042", False, True)
    away = answer(workspace, "domain", "lease", "--list", url=url)
    assert [(each["tableCode"], each["entity"], each["isUsable"]) for each in away] == [
        ("012042", "Refund", False),
        ("012043", None, True),
    ]
    kind, _ = refusal(workspace, "domain", "allocate-code", "crm", "core", "Other", url=url)
    assert kind == "registry-read-only", "nothing is leased there"
    kind, _ = refusal(workspace, "domain", "lease", "crm", "core", url=url, status=2)
    assert kind == "registry-unavailable"

    server.start()
    done = run(workspace, "domain", "allocate-code", "crm", "support", "Later", url=url)
    assert (done.stdout, done.stderr) == (
        ALLOCATED.format("012045", "Later"),
        f"{NOT_IN_YAML}specql-lsp: Registered Refund with 012042, which it got from a lease.\n",
    )
    assert codes(url, "Refund") == ["012042"]
    assert answer(workspace, "domain", "lease", "--release", url=url) == {"released": ["012043"]}
    assert run(workspace, "domain", "lease", "--list", url=url).stdout == "No code is leased.\n"


def test_missing_codes_come_from_leases(workspace: Path, server: PostgresServer, url: str) -> None:
    answer(workspace, "domain", "lease", "crm", "support", url=url)
    before = {path: path.read_text() for path in workspace.glob("entities/**/*.yaml")}
    (workspace / "entities" / "crm" / "case.yaml").write_text("entity: SupportCase\nschema: crm\nfields: {}\n")
    server.stop()
    document = answer(workspace, "domain", "allocate-missing", "entities/crm/case.yaml", url=url)
    assert [(each["tableCode"], each["leased"]) for each in document["allocated"]] == [("012042", True)]
    assert "012042" in (workspace / "entities" / "crm" / "case.yaml").read_text()
    assert {path: path.read_text() for path in before} == before
    server.start()
    run(workspace, "domain", "lease", "--list", url=url)
    assert codes(url, "SupportCase") == ["012042"]


@pytest.mark.parametrize(
    "command", [("allocate-code", "crm", "core", "Other"), ("lease", "--list"), ("lease", "--release")]
)
def test_the_yaml_follows_what_is_confirmed(
    workspace: Path, server: PostgresServer, url: str, command: tuple[str, ...]
) -> None:
    answer(workspace, "domain", "lease", "crm", "support", "--count", "2", url=url)
    before = (workspace / REGISTRY).read_bytes()
    server.stop()
    done = run(workspace, "domain", "allocate-code", "crm", "support", "Refund", "--update-yaml", url=url)
    assert "PostgreSQL is away: 012042 is of a lease." in done.stderr
    assert (workspace / REGISTRY).read_bytes() == before, "it is not registered yet"
    server.start()
    done = run(workspace, "domain", *command, "--update-yaml", url=url)
    assert f"{REGISTRY} was changed likewise." in done.stderr, done.stderr
    assert "Registered Refund with 012042" in done.stderr
    assert answer(workspace, "registry", "verify", url=url)["consistent"]


def test_what_is_confirmed_is_said_to_be_missing_in_the_yaml(workspace: Path, server: PostgresServer, url: str) -> None:
    answer(workspace, "domain", "lease", "crm", "support", url=url)
    server.stop()
    status = run(workspace, "registry", "status", url=url).stdout
    assert "Leased    Until PostgreSQL is back, the leased code 012042 of this folder can be allocated.\n" in status
    answer(workspace, "domain", "allocate-code", "crm", "support", "Refund", url=url)
    server.start()
    assert NOT_IN_YAML in run(workspace, "domain", "lease", "--list", url=url).stderr
    assert NOT_IN_YAML not in run(workspace, "domain", "lease", "--list", url=url).stderr, "nothing was changed"


def test_the_list_of_domains_counts_them(workspace: Path, url: str) -> None:
    def columns() -> tuple[list[str], list[str]]:
        head, _, crm, *_ = run(workspace, "domain", "list", url=url).stdout.splitlines()
        return head.split()[:6], crm.split()[:6]

    head, before = columns()
    assert "LEASED" not in head
    answer(workspace, "domain", "lease", "crm", "support", "--count", "2", url=url)
    free = int(before[4])
    assert columns() == (
        ["NUMBER", "NAME", "SUBDOMAINS", "ENTITIES", "FREE", "LEASED"],
        [*before[:4], str(free - 2), "2"],
    )


def test_what_cannot_be_leased(workspace: Path, url: str) -> None:
    for arguments in ((), ("crm",), ("--list", "--release"), ("--list", "crm")):
        done = run(workspace, "domain", "lease", *arguments, url=url)
        assert (done.returncode, "Usage:" in done.stderr) == (2, True)
    for arguments in (("--count", "0"), ("--count", "201"), ("--days", "0"), ("--days", "91"), ("--days", "nan")):
        kind, message = refusal(workspace, "domain", "lease", "crm", "support", *arguments, url=url)
        assert kind == "invalid-argument", message
    kind, _ = refusal(workspace, "domain", "lease", "crm", "nowhere", url=url)
    assert kind == "unknown-subdomain"
    kind, message = refusal(workspace, "domain", "lease", "--release", "012042", url=url)
    assert (kind, message) == ("invalid-argument", "The code 012042 is not leased by this folder.")


async def test_an_editor_takes_a_lease_and_confirms_it(workspace: Path, server: PostgresServer, url: str) -> None:
    answer(workspace, "domain", "lease", "crm", "support", url=url)
    settings = {"registry": {"databaseUrl": url, "refreshSeconds": 1}}
    async with Editor(workspace, settings=settings) as editor:
        await editor.source("postgresql", writable=True)
        await asyncio.to_thread(server.stop)
        status = await editor.source("yaml")
        assert (status["writable"], status["leased"]) == (False, 1)
        assert "Until PostgreSQL is back, the leased code 012042 of this folder can be allocated." in status["reason"]
        await editor.until(
            lambda: any("the leased code 012042 of this folder" in each.message for each in editor.messages),
            "that it can be allocated",
        )
        crm = await editor.command("specql.getDomain", {"name": "crm"})
        leased = {each["name"]: each["availableLeases"] for each in crm["subdomains"] if each["availableLeases"]}
        assert leased == {"support": ["012042"]}
        taken = await editor.command(
            "specql.allocateEntityCode", {"domain": "crm", "subdomain": "support", "entity": "Refund"}
        )
        assert (taken["tableCode"], taken["created"], taken["leased"]) == ("012042", True, True)
        await asyncio.to_thread(server.start)
        await editor.source("postgresql", writable=True)
        await editor.until(
            lambda: any("Refund (012042)" in m.message for m in editor.messages), "that it is registered"
        )
    assert codes(url, "Refund") == ["012042"]


@pytest.mark.parametrize("update", ["always", "ask"])
async def test_the_editor_puts_what_it_confirms_into_the_yaml(
    workspace: Path, server: PostgresServer, url: str, update: str
) -> None:
    answer(workspace, "domain", "lease", "crm", "support", url=url)
    settings = {"registry": {"databaseUrl": url, "refreshSeconds": 1, "updateYaml": update}}
    async with Editor(workspace, settings=settings, environment={SETTLED_VARIABLE: "300"}) as editor:
        await editor.source("postgresql", discrepancies=0)
        editor.open(REGISTRY)
        await asyncio.to_thread(server.stop)
        await editor.source("yaml")
        await editor.command("specql.allocateEntityCode", _request("Refund"))
        assert editor.applied == []
        await asyncio.to_thread(server.start)
        if update == "ask":
            await editor.until(
                lambda: any("in the YAML yet" in m.message for m in editor.messages), "that it is missing"
            )
        else:
            await editor.until(lambda: editor.applied, "the edit of the YAML")
            assert "Refund:" in editor.text(REGISTRY)
        await editor.until(
            lambda: any("Refund (012042)" in m.message for m in editor.messages), "that it is registered"
        )
        warnings = [m.message for m in editor.messages if m.type is types.MessageType.Warning]
        assert not any("differ" in message for message in warnings), "nobody is warned of what they did"


async def test_a_team_with_leases(workspace: Path, tmp_path: Path, server: PostgresServer, url: str) -> None:
    """Two editors and a terminal in one workspace, a colleague in another; PostgreSQL goes away and comes back."""
    answer(workspace, "domain", "lease", "crm", "support", "--count", "3", url=url)
    settings = {"registry": {"databaseUrl": url, "refreshSeconds": 1}}
    elsewhere = copy_workspace(tmp_path / "elsewhere")
    async with AsyncExitStack() as stack:
        first, second, colleague = [
            await stack.enter_async_context(Editor(folder, settings=settings))
            for folder in (workspace, workspace, elsewhere)
        ]
        for editor in (first, second, colleague):
            await editor.source("postgresql", writable=True)
        leased = ["012042", "012043", "012044"]
        await _until_support(colleague, ("012045", leased, {False}))
        await _until_support(first, ("012045", leased, {True}))
        text = "entity: Note\nschema: crm\norganization:\n  table_code: '0120$043'\n"
        place = colleague.open("entities/crm/note.yaml", text)
        assert place is not None
        assert "leased to " in (await colleague.hover("entities/crm/note.yaml", place) or "")
        (found,) = await colleague.codes("entities/crm/note.yaml", "unregistered-table-code")
        titles = [each.title for each in await colleague.actions("entities/crm/note.yaml", found.range, [found])]
        assert "Allocate a code in crm / support (012045, 11 left)" in titles

        await asyncio.to_thread(server.stop)
        for editor in (first, second, colleague):
            await editor.source("yaml")
        taken = [
            (await editor.command("specql.allocateEntityCode", _request(entity)))["tableCode"]
            for editor, entity in ((first, "Refund"), (second, "Claim"), (first, "Claim"))
        ]
        assert taken == ["012042", "012043", "012043"]
        done = await asyncio.to_thread(
            answer, workspace, "domain", "allocate-code", "crm", "support", "Refund", url=url
        )
        assert (done["tableCode"], done["created"]) == ("012042", False)
        with pytest.raises(JsonRpcException, match="read-only"):
            await colleague.command("specql.allocateEntityCode", _request("Theirs"))

        await asyncio.to_thread(server.start)
        for editor in (first, second, colleague):
            await editor.source("postgresql", writable=True)
        await first.until(lambda: codes(url, "Refund") + codes(url, "Claim") == ["012042", "012043"], "both registered")
        history = await colleague.command("specql.history", {"tableCode": "012042"})
        words = [event["summary"].split(" until ")[0] for event in reversed(history["events"])]
        holder = history["events"][-1]["after"]["holder"]
        place_words = "domain 2 (crm), subdomain 04 (support)"
        assert words == [
            f"leased 012042 to {holder}",
            f"registered Refund with 012042 in {place_words}, from a lease of {holder}",
        ]
        released = await asyncio.to_thread(answer, workspace, "domain", "lease", "--release", url=url)
        assert released == {"released": ["012044"]}
        await _until_support(colleague, ("012044", [], set()))


def _request(entity: str) -> dict[str, str]:
    return {"domain": "crm", "subdomain": "support", "entity": entity}


async def _until_support(editor: Editor, expected: tuple[str, list[str], set[bool]]) -> None:
    """Waits until an editor has that of the subdomain: it may still be reading files, or the registry."""
    async with asyncio.timeout(PATIENCE):
        while (found := await _support(editor)) != expected:
            print("the subdomain is", found)  # noqa: T201 - shown where this ends by its timeout
            await asyncio.sleep(0.05)


async def _support(editor: Editor) -> tuple[str, list[str], set[bool]]:
    """The next code of the subdomain, the leased ones, and whether they are the folder's own."""
    domains = await editor.command("specql.listDomains")
    crm = next(domain for domain in domains if domain["name"] == "crm")
    support = next(subdomain for subdomain in crm["subdomains"] if subdomain["name"] == "support")
    leased = support["leased"]
    return support["nextTableCode"], [each["tableCode"] for each in leased], {each["isOwn"] for each in leased}
