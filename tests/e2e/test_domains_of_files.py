"""``specql.listDomains`` and the codes that only files have: they are not free, from the first answer on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.editor import Editor

LIST = "specql.listDomains"
LAST = "entity: Last\nschema: crm\norganization:\n  table_code: '012042'\n"


def support(domains: list[dict[str, Any]]) -> dict[str, Any]:
    """The subdomain ``support`` of ``crm``."""
    (found,) = (s for d in domains if d["name"] == "crm" for s in d["subdomains"] if s["name"] == "support")
    return dict(found)


@pytest.fixture
def many_files(workspace: Path) -> Path:
    """A workspace whose files take a while to be read; the last of them uses the next code of ``support``."""
    folder = workspace / "entities" / "many"
    folder.mkdir()
    for number in range(1_500):
        (folder / f"thing_{number}.yaml").write_text(f"entity: Thing{number}\nschema: crm\n")
    (folder / "zz_last.yaml").write_text(LAST)
    return workspace


@pytest.mark.parametrize("command", [LIST, "specql.getDomain"])
async def test_the_first_answer_knows_the_codes_of_every_file(many_files: Path, command: str) -> None:
    async with Editor(many_files) as editor:
        answer = await editor.command(command, {} if command == LIST else {"name": "crm"})
        crm = support(answer if command == LIST else [answer])
        assert (crm["free"], crm["nextTableCode"]) == (13, "012043")


async def until_notified(editor: Editor, code: str) -> None:
    """Asks without waiting for the files, whenever the server says so, until a code is the next one."""

    def notified() -> bool:
        return editor.domain_changes > seen

    seen = editor.domain_changes
    while support(await editor.command(LIST, {"atOnce": True}))["nextTableCode"] != code:
        await editor.until(notified, "the server says that the domains changed")
        seen = editor.domain_changes


async def test_who_does_not_wait_is_notified_when_all_is_read(many_files: Path) -> None:
    async with Editor(many_files) as editor:
        await until_notified(editor, "012043")


async def test_a_code_that_is_typed_is_notified(workspace: Path) -> None:
    async with Editor(workspace) as editor:
        assert support(await editor.command(LIST))["nextTableCode"] == "012042"
        editor.open("entities/crm/last.yaml", LAST)
        await until_notified(editor, "012043")
        editor.change("entities/crm/last.yaml", LAST.replace("012042", "012043"))
        await until_notified(editor, "012042")
