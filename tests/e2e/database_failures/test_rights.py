"""Rights are taken away and the schema is dropped under a working editor, and both come back."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.e2e.database_failures_support import (
    REQUEST,
    TASK,
    Allocator,
    asked,
    at_most_two_connections,
    connections,
    is_live,
    listening,
    others_are_seen,
    reading,
    rows,
)
from tests.e2e.editor import Editor
from tests.e2e.failure_support import (
    ALLOCATE,
    INFO,
    WARNING,
    messages_shown,
    refusal,
    registry_settings,
)
from tests.support.patience import until_answered
from tests.support.postgres import PostgresServer, programs

pytestmark = pytest.mark.slow


@pytest.fixture
def role(url: str) -> str:
    """The name of a role that may read and allocate, and nothing else."""
    name = "allocator_" + urlsplit(url).path.lstrip("/")
    for statement in (
        f"CREATE ROLE {name} LOGIN",
        f"GRANT USAGE ON SCHEMA specql_registry TO {name}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA specql_registry TO {name}",
        f"GRANT INSERT ON specql_registry.tb_entity_registration TO {name}",
        f"GRANT UPDATE ON specql_registry.tb_subdomain TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA specql_registry TO {name}",
    ):
        rows(url, statement)
    return name


RIGHTS = {
    "INSERT on specql_registry.tb_entity_registration": "INSERT ON specql_registry.tb_entity_registration",
    "UPDATE on specql_registry.tb_subdomain": "UPDATE ON specql_registry.tb_subdomain",
    "USAGE on the sequence specql_registry.tb_entity_registration_pk_entity_registration_seq": (
        "USAGE ON SEQUENCE specql_registry.tb_entity_registration_pk_entity_registration_seq"
    ),
}


async def test_rights_to_write_are_revoked_and_granted(workspace: Path, url: str, role: str) -> None:
    own = url.replace("postgres@", f"{role}@", 1)
    async with Editor(workspace, settings=registry_settings(own, refreshSeconds=1)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            for lacking, right in RIGHTS.items():
                sentence = f'The role "{role}" lacks the right {lacking}.'
                await allocator.more(1)
                await asked(url, f"REVOKE {right} FROM {role}")
                await editor.source("postgresql", writable=False, stale=False, reason=sentence)
                kind, refused = await refusal(editor, ALLOCATE, REQUEST)
                assert kind == "registry-read-only"
                assert sentence in refused
                await asked(url, f"GRANT {right} TO {role}")
                await is_live(editor)
                await allocator.more(1)
        await allocator.check(url)
        assert {kind for kind, _ in allocator.refusals} <= {"registry-read-only"}
        assert editor.messages == []


async def test_a_right_that_is_missed_first_by_an_allocation(workspace: Path, url: str, role: str) -> None:
    """Nothing is read for an hour here: the refusal itself is the news."""
    own = url.replace("postgres@", f"{role}@", 1)
    async with Editor(workspace, settings=registry_settings(own, refreshSeconds=3600)) as editor:
        await is_live(editor)
        for lacking, right in RIGHTS.items():
            await asked(url, f"REVOKE {right} FROM {role}")
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, f"lacks the right {lacking}." in refused) == ("registry-read-only", True)
            await editor.source("postgresql", writable=False, reason=f'The role "{role}" lacks the right {lacking}.')
            await asked(url, f"GRANT {right} TO {role}")
            # Whoever asks is not refused for what was so once.
            assert (await editor.command(ALLOCATE, {**REQUEST, "entity": f"W{len(lacking)}"}))["created"]
            await is_live(editor)
        assert editor.messages == []


async def test_the_right_to_read_is_revoked_and_granted(workspace: Path, url: str, role: str) -> None:
    own = url.replace("postgres@", f"{role}@", 1)
    async with Editor(workspace, settings=registry_settings(own)) as editor:
        await is_live(editor)
        async with reading(editor), Allocator(editor) as allocator:
            await editor.codes(TASK, "unregistered-table-code")
            await allocator.more()
            await asked(url, f"REVOKE SELECT ON specql_registry.tb_domain FROM {role}")
            status = await editor.source("yaml", writable=False)
            sentence = f'The role "{role}" lacks the right SELECT on specql_registry.tb_domain.'
            assert status["reason"] == sentence
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, sentence in refused) == ("registry-read-only", True)
            await asked(url, f"GRANT SELECT ON specql_registry.tb_domain TO {role}")
            await is_live(editor)
            await allocator.more()
        await allocator.check(url)
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)


def backup(server: PostgresServer, url: str) -> str:
    """The registry's schema with all that it holds, as a DBA saves it."""
    return subprocess.run(
        [programs() / "pg_dump", "--schema=specql_registry", url], capture_output=True, text=True, check=True
    ).stdout


def restore(url: str, dump: str) -> None:
    subprocess.run(
        [programs() / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", url],
        input=dump,
        capture_output=True,
        text=True,
        check=True,
    )


async def test_the_schema_is_dropped_and_restored(workspace: Path, server: PostgresServer, url: str) -> None:
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await is_live(editor)
        async with reading(editor):
            async with Allocator(editor) as allocator:
                await allocator.more()
            dump = await asyncio.to_thread(backup, server, url)
            await asked(url, "DROP SCHEMA specql_registry CASCADE")
            status = await editor.source("yaml", writable=False, listening=False, discrepancies=None)
            assert status["reason"] == "The schema specql_registry does not exist in the database."
            kind, refused = await refusal(editor, ALLOCATE, REQUEST)
            assert (kind, status["reason"] in refused) == ("registry-read-only", True)
            for _ in range(2):  # it is looked for again, and the user is told nothing more
                assert (await editor.command("specql.refreshRegistry"))["source"] == "yaml"
            await messages_shown(editor, WARNING)
            await asyncio.to_thread(restore, url, dump)
            await is_live(editor)
            await others_are_seen(editor, url)
        await allocator.check(url)
        assert (await editor.command(ALLOCATE, REQUEST))["created"]
        await at_most_two_connections(url)
        await messages_shown(editor, WARNING, INFO)


async def test_the_schema_comes_back_without_its_triggers(workspace: Path, server: PostgresServer, url: str) -> None:
    """As SpecQL makes it: age does it until somebody installs, and then it listens again."""
    async with Editor(workspace, settings=registry_settings(url)) as editor:
        await is_live(editor)
        dump = await asyncio.to_thread(backup, server, url)
        plain = "\n".join(line for line in dump.splitlines() if not line.startswith("CREATE TRIGGER"))
        await asked(url, "DROP SCHEMA specql_registry CASCADE")
        await editor.source("yaml")
        await asyncio.to_thread(restore, url, plain)
        await editor.source("postgresql", writable=True, listening=False)
        editor.open(TASK)
        await others_are_seen(editor, url)

        async def only_one() -> bool:
            return await connections(url) == 1

        await until_answered(only_one, "nothing is listened to")
        await asyncio.to_thread(install, RegistrySettings(database_url=url))
        await is_live(editor)
        assert len(await listening(url)) == 1
        await others_are_seen(editor, url)
        await messages_shown(editor, WARNING, INFO)
