"""``specql.listCatalogs`` on the real server: files that come, change, move and go, and a real pattern library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import QUIET
from tests.e2e.editor import Editor
from tests.registry.pattern_library import create_library

LIST = "specql.listCatalogs"
PATTERN = "pattern: crm/close\nversion: 1.0\ndescription: '😀 closes'\ntemplate: 'steps: []'\n"
SERVICES = "services:\n  - {name: stripe, type: payment, category: financial, operations: [{name: charge}]}\n"


def names(catalog: dict[str, Any], source: str = "workspace") -> list[str]:
    return [entry["name"] for entry in catalog["entries"] if entry["source"] == source]


def write(folder: Path, path: str, text: str) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


async def listed(editor: Editor, name: str = "patterns", **more: str) -> dict[str, Any]:
    (catalog,) = await editor.command(LIST, {"name": name, **more})
    assert isinstance(catalog, dict)
    return catalog


async def changed(editor: Editor, before: int) -> None:
    await editor.until(lambda: editor.catalog_changes > before, "the server says that catalogs changed")


async def test_files_that_come_change_move_and_go(tmp_path: Path) -> None:
    write(tmp_path, "registry/service_registry.yaml", SERVICES)
    async with Editor(tmp_path) as editor:
        both = await editor.command(LIST)
        assert [catalog["title"] for catalog in both] == ["Patterns", "Services"]
        patterns, services = both
        assert names(patterns) == []
        assert "crud/create" in names(patterns, "specql")
        assert [source["state"] for source in patterns["sources"]] == ["absent", "read", "absent"]
        assert names(services) == ["stripe"]

        editor.write("stdlib/actions/crm/close.yaml", PATTERN)
        await changed(editor, 0)
        (entry,) = [each for each in (await listed(editor))["entries"] if each["source"] == "workspace"]
        assert entry["location"]["uri"] == editor.uri("stdlib/actions/crm/close.yaml")
        assert entry["location"]["range"]["start"] == {"line": 0, "character": 9}

        before = editor.catalog_changes
        editor.move(editor.uri("stdlib/actions/crm/close.yaml"), editor.uri("stdlib/actions/crm/end.yaml"))
        await changed(editor, before)
        assert names(await listed(editor)) == ["crm/end"]

        before = editor.catalog_changes
        editor.open("registry/service_registry.yaml", SERVICES.replace("stripe", "paypal"))
        await changed(editor, before)
        assert names(await listed(editor, "services")) == ["paypal"]

        before = editor.catalog_changes
        editor.delete("stdlib/actions/crm/end.yaml")
        await changed(editor, before)
        assert names(await listed(editor)) == []
        assert names(await listed(editor, search="duplicate create"), "specql") == ["crud/create"]
        with pytest.raises(JsonRpcException, match="name must be one of patterns, services"):
            await editor.command(LIST, {"name": "nothing"})


@pytest.mark.postgresql
async def test_the_pattern_library(workspace: Path, workspace_url: str) -> None:
    create_library(workspace_url)
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, settings=QUIET) as editor:
        await editor.source("postgresql")
        catalog = await listed(editor)
        assert names(catalog, "postgresql") == ["approval_workflow", "gone", "old_approval", "soft_delete"]
        old = next(entry for entry in catalog["entries"] if entry["name"] == "old_approval")
        assert (old["deprecated"], old["replacement"]) == ("has one level only", "approval_workflow")
        assert (await editor.command("specql.registryStatus"))["source"] == "postgresql"


async def test_its_own_file_is_checked_and_completed(tmp_path: Path) -> None:
    async with Editor(tmp_path) as editor:
        editor.open("stdlib/actions/crm/close.yaml", PATTERN.replace("version: 1.0\n", ""))
        await editor.codes("stdlib/actions/crm/close.yaml", "invalid-pattern-file")
