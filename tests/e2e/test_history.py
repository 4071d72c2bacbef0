"""``specql.history`` and the hover's line about who allocated a code, through the real server."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.e2e.editor import Editor

CONTACT = "entities/crm/contact.yaml"
NAME = types.Position(0, 9)


async def test_the_history_of_the_entity_of_a_file(workspace: Path, workspace_url: str) -> None:
    uri = (workspace / CONTACT).as_uri()
    (workspace / "entities/catalog/product.yaml").unlink()  # it has Contact's code
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}) as editor:
        await editor.source("postgresql", writable=True)
        nothing = await editor.command("specql.history", {"uri": uri})
        assert (nothing["available"], nothing["events"]) == (False, [])
        assert nothing["reason"] == "The database has no history: specql-lsp registry install adds it."
        install(RegistrySettings(database_url=workspace_url))
        rename = {"domain": "crm", "entity": "Contact", "newName": "Person"}
        await editor.command("specql.renameRegistration", rename)
        await editor.command("specql.renameRegistration", {**rename, "entity": "Person", "newName": "Contact"})
        found = await editor.command("specql.history", {"uri": uri, "limit": 1})
        assert (found["available"], found["reason"]) == (True, None)
        (event,) = found["events"]
        assert (event["action"], event["before"]["name"], event["after"]["name"]) == (
            "entity-renamed",
            "Person",
            "Contact",
        )
        assert event["summary"] == "renamed Person to Contact (012031)"
        assert len((await editor.command("specql.history", {"tableCode": "012031"}))["events"]) == 2
        assert (await editor.command("specql.history", {"domain": "core"}))["events"] == []
        assert len((await editor.command("specql.history"))["events"]) == 2
        await editor.everything_read()
        editor.open(CONTACT, (workspace / CONTACT).read_text(encoding="utf-8").replace("Contact", "Human", 1))
        await editor.codes(CONTACT, "table-code-taken")  # renamed by hand, not yet in the registry
        assert len((await editor.command("specql.history", {"uri": uri}))["events"]) == 2


async def test_the_hover_says_who_allocated_a_code(workspace: Path, workspace_url: str) -> None:
    install(RegistrySettings(database_url=workspace_url))
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}) as editor:
        await editor.source("postgresql", writable=True)
        given = await editor.command(
            "specql.allocateEntityCode", {"entity": "Voucher", "domain": "crm", "subdomain": "customer"}
        )
        text = f"entity: Voucher\nschema: crm\norganization:\n  table_code: '{given['tableCode']}'\n"
        editor.open("entities/crm/voucher.yaml", text)
        line = "**Voucher** has"

        async def allocated() -> bool:
            # The first hover has it read; none waits for that.
            hover = await editor.hover("entities/crm/voucher.yaml", NAME)
            assert hover is not None and line in hover
            return " s ago by role postgres, from specql-lsp" in hover

        while not await allocated():
            await editor.command("specql.history")  # the worker reads one after the other
        editor.open(CONTACT)
        hover = await editor.hover(CONTACT, NAME)
        assert hover is not None and "allocated" not in hover
