"""One's own act is no warning: the registry YAML edited by hand, an edit undone, leased codes that are registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.cli.support import answer
from tests.e2e.alerts_support import GOODS, SETTLED_MS, Database, refreshed, silence
from tests.e2e.alerts_support import database as database
from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.failure_support import WARNING
from tests.e2e.test_in_step import LEGACY, allocated, drift, editor_on, in_step
from tests.support.patient import SETTLED_VARIABLE

MANUFACTURED = ("name: manufacturer", "name: maker")


async def test_what_is_typed_into_the_yaml_is_no_warning(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url) as editor:
        editor.open(REGISTRY)
        text = editor.text(REGISTRY)
        edited = text.replace("What we sell", "Goods").replace(*MANUFACTURED).replace("Session:", "Sitting:")
        editor.change(REGISTRY, edited)
        await editor.source("postgresql", discrepancies=4)
        await refreshed(editor)
        await silence(editor, questions=0)
        editor.change(REGISTRY, text)
        await editor.source("postgresql", discrepancies=0)
        drift(workspace_url, GOODS)  # by somebody else, where the user had typed before
        await refreshed(editor)
        await silence(editor, questions=0, messages=1)


async def test_what_others_do_is_told_beside_what_is_typed(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url) as editor:
        editor.open(REGISTRY)
        editor.change(REGISTRY, editor.text(REGISTRY).replace("What we sell", "Goods"))
        await editor.source("postgresql", discrepancies=1)
        drift(workspace_url, LEGACY)
        await refreshed(editor)
        await silence(editor, questions=0, messages=1)
        (message,) = editor.messages
        assert message.type is WARNING
        assert message.message.startswith("PostgreSQL and the registry YAML differ in 1 place: Domain 4 (projects)")


async def test_a_file_that_is_not_open_is_changed_by_somebody_else(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url) as editor:
        path = editor.path(REGISTRY)
        editor.write(REGISTRY, path.read_text(encoding="utf-8").replace("What we sell", "Goods"))
        await editor.source("postgresql", discrepancies=1)
        await silence(editor, questions=0, messages=1)


async def test_an_edit_that_is_undone_is_no_warning_and_stays_undone(workspace: Path, workspace_url: str) -> None:
    async with editor_on(workspace, workspace_url, update="always") as editor:
        editor.open(REGISTRY)
        text = editor.text(REGISTRY)
        await allocated(editor, "Thing")
        await in_step(editor, "Thing:")
        editor.change(REGISTRY, text)
        await editor.source("postgresql", discrepancies=1)
        await silence(editor, questions=0)
        await allocated(editor, "Other")
        await editor.until(lambda: "Other:" in editor.text(REGISTRY), "the other code in the YAML")
        await editor.source("postgresql", discrepancies=1)
        await silence(editor, questions=0)
        assert "Thing:" not in editor.text(REGISTRY)


@pytest.mark.parametrize("update", ["ask", "always", "never"])
async def test_leased_codes_that_are_registered_later_are_ones_own(
    workspace: Path, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: str
) -> None:
    install(RegistrySettings(database_url=database.url))
    state = str(tmp_path / "state")
    monkeypatch.setenv("XDG_STATE_HOME", state)
    answer(workspace, "domain", "lease", "crm", "support", url=database.url)
    async with Editor(
        workspace,
        environment={"SPECQL_DB_URL": database.url, SETTLED_VARIABLE: str(SETTLED_MS), "XDG_STATE_HOME": state},
        settings={**QUIET, "registry": {**QUIET["registry"], "updateYaml": update}},
    ) as editor:
        await editor.source("postgresql", discrepancies=0)
        editor.open(REGISTRY)
        database.shut()
        await refreshed(editor)
        await editor.source("yaml", leased=1)
        code = await allocated(editor, "Thing")
        database.open()
        await refreshed(editor)
        await editor.source("postgresql", writable=True)
        await editor.until(lambda: [m for m in editor.messages if f"Thing ({code})" in m.message], "the registration")
        if update == "always":
            await in_step(editor, "Thing:")
        else:
            await editor.source("postgresql", discrepancies=1)
        asks = update == "ask"
        if asks:
            await editor.until(
                lambda: any("not in the YAML yet" in m.message for m in editor.messages) or editor.questions,
                "the question",
            )
        await silence(editor, questions=len(editor.questions), messages=len(editor.messages))
        told = [*(m.message for m in editor.messages), *(q.message for q in editor.questions)]
        assert not [each for each in told if "differ in" in each], told
        assert any("1 code is not in the YAML yet." in each for each in told) is asks
