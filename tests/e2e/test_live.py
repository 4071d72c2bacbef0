"""What others change in PostgreSQL is seen in an open editor by itself, over two connections a process."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lsprotocol import types

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.e2e.conftest import FIXTURE, REGISTRY
from tests.e2e.database_failures_support import (
    AT_TASK_CODE,
    PLACES,
    ROOMY,
    TASK,
    TASK_CODE,
    ConnectionCount,
    asked,
    connections,
    listening,
    live_database,
    none_left,
    registered,
    removed,
)
from tests.e2e.editor import Editor
from tests.e2e.failure_support import ALLOCATE, PATIENTLY, TICKET, TYPING
from tests.support.patience import PATIENCE, until_answered
from tests.support.postgres import PostgresServer
from tests.support.readings import readings

NEVER = 3600
"""Seconds between readings by age: what is seen was told."""
SITE = "entities/projects/site.yaml"
SITE_TEXT = "entity: Site\nschema: projects\norganization:\n  table_code: '014021'\n"
DRIFT = "missing-entity-in-yaml"
ODD = "subdomain-mismatch"
"""What is found in the fixture's registry YAML whatever PostgreSQL holds."""
LACKING = "missing-in-yaml"
"""The roomy domain."""
SCRIPT = """
import sys
from specql_lsp.registry import open_registry

with open_registry(sys.argv[1], yaml_path=sys.argv[2]) as registry:
    print(registry.allocate("projects", "location", "Site", table_code="014021").table_code)
"""


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return live_database(postgres_server)


def live(url: str, **more: Any) -> dict[str, Any]:
    """Settings under which nothing is seen that was not told; ``more`` are keys of ``registry``."""
    return {"registry": {"databaseUrl": url, **PATIENTLY, "refreshSeconds": NEVER, **more}}


async def listens(editor: Editor) -> None:
    await editor.source("postgresql", writable=True, listening=True)


async def test_diagnostics_drift_hover_completion_and_status_follow_others(workspace: Path, url: str) -> None:
    (workspace / SITE).write_text(SITE_TEXT)
    async with Editor(workspace, settings=live(url)) as editor:
        await listens(editor)
        editor.open(TASK)  # one file is open in the editor, the other only on the disk
        await editor.codes(TASK, "unregistered-table-code")
        await editor.codes(SITE, "unregistered-table-code")
        await editor.codes(REGISTRY, ODD, LACKING)
        known = editor.statuses[-1]["entities"]
        for path, entity, code in ((TASK, "Task", TASK_CODE), (SITE, "Site", "014021")):
            # Somebody registers what the file uses: nothing is left to be said of it.
            await registered(url, entity, code)
            await editor.codes(path)
            found = await editor.codes(REGISTRY, ODD, LACKING, DRIFT)
            assert any(entity in d.message for d in found)
            await editor.source("postgresql", entities=known + 1, discrepancies=2, listening=True)
            await removed(url, entity)
            await editor.codes(path, "unregistered-table-code")
            await editor.codes(REGISTRY, ODD, LACKING)
            # Somebody takes the code that the file uses.
            await registered(url, "Milestone", code)
            (taken,) = await editor.codes(path, "table-code-taken")
            assert "registered to Milestone in domain 4 (projects)" in taken.message
            await removed(url, "Milestone")
            await editor.codes(path, "unregistered-table-code")

        async def hovers(words: str) -> bool:
            return words in (await editor.hover(TASK, AT_TASK_CODE) or "")

        async def proposes(code: str) -> bool:
            return code in [item.label for item in await editor.complete(TICKET, TYPING)]

        await seen_by(lambda: registered(url, "Milestone", TASK_CODE), lambda: hovers("Milestone"))
        await seen_by(lambda: removed(url, "Milestone"), lambda: hovers("free"))
        first = next(i.label for i in await editor.complete(TICKET, TYPING) if i.label.startswith("01204"))
        await seen_by(lambda: registered(url, "Complaint", first), lambda: proposes(next_code(first)))
        await seen_by(lambda: removed(url, "Complaint"), lambda: proposes(first))
        # A domain of its own is there at once, too.
        await described(url, "crm", "Whoever buys")
        await editor.codes(REGISTRY, ODD, LACKING, "domain-attribute-mismatch")
        report = await editor.command("specql.performanceReport")
        assert report["fallbacks"] == 0
    await none_left(url)


async def seen_by(change: Callable[[], Awaitable[None]], condition: Callable[[], Awaitable[bool]]) -> None:
    await change()
    await until_answered(condition, "the change is seen")


def next_code(code: str) -> str:
    return code[:5] + format(int(code[5], 16) + 1, "X")


async def described(url: str, domain: str, description: str) -> None:
    await asked(
        url, "UPDATE specql_registry.tb_domain SET description = %s WHERE domain_name = %s", (description, domain)
    )


async def test_a_script_in_another_process_is_seen(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=live(url)) as editor:
        await listens(editor)
        editor.open(SITE, SITE_TEXT)
        await editor.codes(SITE, "unregistered-table-code")
        script = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SCRIPT, url, str(workspace / REGISTRY), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await script.communicate()
        assert (script.returncode, out.decode().strip()) == (0, "014021")
        await editor.codes(SITE)
        # The script's own connections went with it.
        assert await connections(url) == 2


async def test_two_editors_race_and_see_each_others_codes(tmp_path: Path, workspace: Path, url: str) -> None:
    other_workspace = Path(shutil.copytree(FIXTURE, tmp_path / "other"))
    each = 7  # a subdomain has fifteen codes
    async with Editor(workspace, settings=live(url)) as one, Editor(other_workspace, settings=live(url)) as two:
        await asyncio.gather(listens(one), listens(two))

        async def allocate(editor: Editor, name: str) -> list[str]:
            codes = []
            for number in range(each):
                request = {"entity": f"{name}{number}", "domain": ROOMY, "subdomain": PLACES[0]}
                answer = await editor.command(ALLOCATE, request)
                assert answer["created"]
                codes.append(answer["tableCode"])
            return codes

        given = await asyncio.gather(allocate(one, "Left"), allocate(two, "Right"))
        codes = {code for codes in given for code in codes}
        assert len(codes) == 2 * each
        for editor in (one, two):
            await editor.until(
                lambda editor=editor: editor.statuses[-1]["entities"] == 8 + 2 * each, "the other's codes"
            )
        for editor in (one, two):
            domain = await editor.command("specql.getDomain", {"number": ROOMY})
            entities = domain["subdomains"][0]["entities"]
            assert {e["tableCode"] for e in entities} == codes
            assert domain["subdomains"][0]["free"] == 1
        # Both ask for the one that is left, for the same entity: one of them makes it, the other is given it.
        left = ({f"019{PLACES[0]}{digit}" for digit in "123456789ABCDEF"} - codes).pop()
        last = {"entity": "Last", "domain": ROOMY, "subdomain": PLACES[0]}
        answers = await asyncio.gather(*(editor.command(ALLOCATE, last) for editor in (one, two)))
        assert [answer["tableCode"] for answer in answers] == [left, left]
        assert sorted(answer["created"] for answer in answers) == [False, True]


@pytest.mark.slow
async def test_a_burst_of_2000_commits_is_a_few_readings(workspace: Path, url: str) -> None:
    async with Editor(workspace, settings=live(url)) as editor:
        await listens(editor)
        known = editor.statuses[-1]["entities"]
        before = await loads(editor)
        await asyncio.to_thread(burst, url, 2000)
        await editor.until(lambda: editor.statuses[-1]["entities"] == known + 2000, "the whole burst")
        count = await loads(editor) - before
        # A reading takes some milliseconds, and then there is none for fifty times as long.
        assert 1 <= count <= 400
        await all_is_delivered(url)
        await registered(url, "Last", "019011")
        await editor.until(lambda: editor.statuses[-1]["entities"] == known + 2001, "what was told after the burst")
        assert await loads(editor) - before <= count + 20
        assert await connections(url) == 2


@pytest.mark.slow
async def test_however_much_is_told_it_is_soon_over(workspace: Path, url: str) -> None:
    """A thousand notifications of the greatest length, of which the socket takes a few at a time."""
    async with Editor(workspace, settings=live(url)) as editor:
        await listens(editor)
        before = await loads(editor)
        await asyncio.to_thread(talk, url, 1000)
        await registered(url, "Last", "019011")
        await editor.until(lambda: editor.statuses[-1]["entities"] == 9, "what was told last")
        await all_is_delivered(url)
        await registered(url, "After", "019012")
        await editor.until(lambda: editor.statuses[-1]["entities"] == 10, "what was told after it was over")
        assert await loads(editor) - before <= 400


def talk(url: str, count: int) -> None:
    """Notifies so many times, a commit for each, at the greatest length."""
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(count):
            connection.execute("SELECT pg_notify('specql_registry', %s)", (f"{number}".ljust(7900, "x"),))


async def all_is_delivered(url: str) -> None:
    """Waits until everybody who listens has taken every notification that was sent so far."""

    async def is_empty() -> bool:
        ((usage,),) = await asked(url, "SELECT pg_notification_queue_usage()")
        return bool(usage == 0.0)

    await until_answered(is_empty, "no notification waits for its listeners")


async def loads(editor: Editor) -> int:
    return readings(await editor.command("specql.performanceReport"))


def burst(url: str, count: int) -> None:
    """Registers entities, a commit for each."""
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(count):
            connection.execute(
                "INSERT INTO specql_registry.tb_entity_registration"
                " (fk_subdomain, entity_name, table_code, entity_sequence)"
                " SELECT pk_subdomain, %s, %s, %s FROM specql_registry.tb_subdomain WHERE subdomain_name = 'place_01'",
                (f"Burst{number}", f"B{number:05X}", number + 1),
            )


async def test_without_the_trigger_age_does_it_and_installing_begins_the_listening(
    workspace: Path, workspace_url: str
) -> None:
    settings = {"registry": {"databaseUrl": workspace_url, "refreshSeconds": 1}}
    async with Editor(workspace, settings=settings) as editor:
        await editor.source("postgresql", listening=False)
        editor.open(TASK)
        await editor.codes(TASK, "unregistered-table-code")
        assert await connections(workspace_url) == 1
        await registered(workspace_url, "Milestone", TASK_CODE)
        await editor.codes(TASK, "table-code-taken")
        await asyncio.to_thread(install, RegistrySettings(database_url=workspace_url))
        await listens(editor)
        assert await connections(workspace_url) == 2
        # The trigger may go again, too: what nobody tells of is not waited for.
        await asked(workspace_url, "DROP TRIGGER tr_notify_update ON specql_registry.tb_subdomain")
        await editor.source("postgresql", listening=False)

        async def one_is_left() -> bool:
            return await connections(workspace_url) == 1

        await until_answered(one_is_left, "the listening connection is given back")


async def test_told_not_to_listen_it_opens_no_second_connection(workspace: Path, url: str) -> None:
    with ConnectionCount(url) as count:
        async with Editor(workspace, settings=live(url, listen=False)) as editor:
            await editor.source("postgresql", writable=True, listening=False)
            editor.open(TASK)
            await editor.codes(TASK, "unregistered-table-code")
            await registered(url, "Milestone", TASK_CODE)
            assert (await editor.command(ALLOCATE, {"entity": "X", "domain": ROOMY, "subdomain": "01"}))["created"]
            await editor.codes(TASK, "table-code-taken")  # a write reads again by itself, a little later
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("LISTEN specql_registry")
                await registered(url, "Site", "014021")
                # Whoever listens is told now; what is told of it goes before the answer to a later command.
                assert await asyncio.to_thread(lambda: list(other.notifies(timeout=PATIENCE, stop_after=1)))
            await editor.command("specql.listDomains")
            known = editor.statuses[-1]["entities"]
            status = await editor.command("specql.refreshRegistry")
            assert status["entities"] == known + 1, "it was seen without having been asked for"
            assert await listening(url) == []
        assert count.most == 1


async def test_three_folders_share_two_connections_and_give_them_back(tmp_path: Path, url: str) -> None:
    folders = [Path(shutil.copytree(FIXTURE, tmp_path / f"folder-{number}")) for number in range(3)]
    with ConnectionCount(url) as count:
        async with Editor(*folders, settings=live(url)) as editor:
            await all_listen(editor, folders)
            assert (await connections(url), len(await listening(url))) == (2, 1)
            await taken(editor, url, "Milestone", folders)
            # One goes: the others are still told, and over the same connections.
            change_folders(editor, removed=folders[:1])
            await cleared(editor, folders[0])
            await taken(editor, url, "Sprint", folders[1:])
            assert (await editor.command(ALLOCATE, {"entity": "X", "domain": ROOMY, "subdomain": "01"}))["created"]
            assert (await connections(url), len(await listening(url))) == (2, 1)
            change_folders(editor, removed=folders[1:])
            await none_left(url)
            # And one comes back.
            change_folders(editor, added=folders[:1])
            editor.statuses.clear()
            await all_listen(editor, folders[:1])
            await taken(editor, url, "Epic", folders[:1])
        await none_left(url)
        assert count.most == 2
        assert count.samples > 10


async def all_listen(editor: Editor, folders: list[Path]) -> None:
    for folder in folders:
        await editor.until(
            lambda folder=folder: any(
                status["folder"] == folder.as_uri() and status["source"] == "postgresql" and status["listening"]
                for status in editor.statuses
            ),
            f"the listening of {folder.name}",
        )


async def taken(editor: Editor, url: str, entity: str, folders: list[Path]) -> None:
    """Somebody registers the task's code to another entity, and all folders see it, and that it is gone again."""

    def shown(code: str) -> bool:
        uris = [(folder / TASK).as_uri() for folder in folders]
        return all([str(d.code) for d in editor.client.diagnostics.get(uri, ())] == [code] for uri in uris)

    await editor.until(lambda: shown("unregistered-table-code"), "the folders' diagnostics")
    await registered(url, entity, TASK_CODE)
    await editor.until(lambda: shown("table-code-taken"), f"{entity} is seen by all")
    await removed(url, entity)
    await editor.until(lambda: shown("unregistered-table-code"), f"{entity} is gone for all")


async def cleared(editor: Editor, folder: Path) -> None:
    await editor.until(lambda: not editor.client.diagnostics.get((folder / TASK).as_uri()), "its diagnostics are gone")


def change_folders(editor: Editor, added: Sequence[Path] = (), removed: Sequence[Path] = ()) -> None:
    event = types.WorkspaceFoldersChangeEvent(
        added=[types.WorkspaceFolder(f.as_uri(), f.name) for f in added],
        removed=[types.WorkspaceFolder(f.as_uri(), f.name) for f in removed],
    )
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
