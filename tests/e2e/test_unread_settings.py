"""A ``specql-lsp.toml`` that cannot be read: the server reads on, and writes to no registry that it may not mean."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import codes
from tests.e2e.editor import Editor
from tests.e2e.failure_support import ALLOCATE, TICKET_REQUEST, refusal

TOML = "specql-lsp.toml"


async def test_writes_wait_until_the_file_is_mended(workspace: Path, workspace_url: str) -> None:
    (workspace / TOML).write_text("[registry\n")
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}) as editor:
        await editor.source("postgresql", writable=True)
        assert [domain["name"] for domain in await editor.command("specql.listDomains")]
        kind, message = await refusal(editor, ALLOCATE, TICKET_REQUEST)
        assert kind == "registry-unavailable"
        assert message == (
            "Nothing was changed: it might have been in another registry than the settings mean. "
            "Mend specql-lsp.toml first."
        )
        assert codes(workspace_url, "Ticket") == []
        seen = len(editor.statuses)
        editor.write(TOML, "[diagnostics]\nenabled = true\n")
        await editor.until(lambda: len(editor.statuses) > seen, "the registry is begun again")
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]
