"""Folders that are moved, removed or made: the files in them follow, whatever events the client sends."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lsprotocol import types

from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities

CODE = "organization:\n  table_code: '012045'\n"
FIRST = f"entity: First\nschema: crm\n{CODE}"
SECOND = f"entity: Second\nschema: crm\n{CODE}"
DELETED, CREATED = types.FileChangeType.Deleted, types.FileChangeType.Created
WATCHES_NOTHING = capabilities(dynamic=False)
EVERY_SECOND = {"registry": {"refreshSeconds": 1, "listen": False}}
SELDOM = {"registry": {"refreshSeconds": 3600, "listen": False}}


def two_files(tmp_path: Path) -> Path:
    """A workspace with a code that is used in two folders, one of them deeper."""
    (tmp_path / "old" / "deep").mkdir(parents=True)
    (tmp_path / "old" / "deep" / "first.yaml").write_text(FIRST)
    (tmp_path / "second.yaml").write_text(SECOND)
    return tmp_path


def named(editor: Editor, path: str) -> list[str]:
    """The files that the diagnostics of a file point to."""
    return [
        related.location.uri
        for diagnostic in editor.client.diagnostics.get(editor.uri(path), [])
        for related in diagnostic.related_information or ()
    ]


async def test_a_folder_that_is_removed(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path)) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        await editor.codes("old/deep/first.yaml", "table-code-taken")
        shutil.rmtree(tmp_path / "old")
        editor.tell("old", DELETED)
        await editor.codes("second.yaml")
        await editor.codes("old/deep/first.yaml")


async def test_a_folder_that_is_renamed(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path)) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        (tmp_path / "old").rename(tmp_path / "new")
        editor.tell("old", DELETED)
        editor.tell("new", CREATED)
        await editor.codes("new/deep/first.yaml", "table-code-taken")
        await editor.codes("old/deep/first.yaml")
        await editor.until(
            lambda: named(editor, "second.yaml") == [editor.uri("new/deep/first.yaml")], "the file by its new name"
        )


async def test_a_folder_that_is_made_with_files_in_it(tmp_path: Path) -> None:
    (tmp_path / "second.yaml").write_text(SECOND)
    async with Editor(tmp_path) as editor:
        await editor.source("none")
        two_files(tmp_path)
        editor.tell("old", CREATED)
        await editor.codes("second.yaml", "table-code-taken")


async def test_a_folder_in_place_of_a_file_and_back(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path)) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        (tmp_path / "second.yaml").unlink()
        (tmp_path / "second.yaml").mkdir()
        (tmp_path / "second.yaml" / "third.yaml").write_text(SECOND)
        editor.tell("second.yaml", types.FileChangeType.Changed)
        await editor.codes("second.yaml/third.yaml", "table-code-taken")
        await editor.codes("second.yaml")
        shutil.rmtree(tmp_path / "second.yaml")
        (tmp_path / "second.yaml").write_text(SECOND)
        editor.tell("second.yaml", types.FileChangeType.Changed)
        await editor.codes("second.yaml", "table-code-taken")
        await editor.codes("second.yaml/third.yaml")


async def test_an_excluded_folder_that_is_made_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "second.yaml").write_text(SECOND)
    async with Editor(tmp_path) as editor:
        await editor.source("none")
        (tmp_path / "node_modules" / "x").mkdir(parents=True)
        (tmp_path / "node_modules" / "x" / "first.yaml").write_text(FIRST)
        for path in ("node_modules", "node_modules/x", "node_modules/x/first.yaml"):
            editor.tell(path, CREATED)
        editor.write("after.yaml", "entity: A\nentity: A\n")
        await editor.codes("after.yaml", "duplicate-key")
        await editor.codes("second.yaml")


async def test_the_registry_goes_with_its_folder(workspace: Path) -> None:
    async with Editor(workspace, settings=SELDOM) as editor:
        await editor.source("yaml")
        (workspace / "registry").rename(workspace / "elsewhere")
        editor.tell("registry", DELETED)
        editor.tell("elsewhere", CREATED)
        await editor.source("none")
        (workspace / "elsewhere").rename(workspace / "registry")
        editor.tell("registry", CREATED)
        await editor.source("yaml")


async def test_no_finding_names_a_file_that_is_gone(tmp_path: Path) -> None:
    """Without any event: what is named is looked for when the finding is made."""
    async with Editor(two_files(tmp_path), settings=SELDOM) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        shutil.rmtree(tmp_path / "old")
        editor.write("second.yaml", SECOND + "# changed\n")
        await editor.codes("second.yaml")
        await editor.codes("old/deep/first.yaml")
        editor.open("second.yaml", SECOND.replace("Second", "Third"))
        editor.write("fourth.yaml", SECOND.replace("Second", "Fourth"))
        await editor.codes("second.yaml", "table-code-taken")
        assert named(editor, "second.yaml") == [editor.uri("fourth.yaml")]


async def test_a_file_that_is_open_counts_although_it_is_gone(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path)) as editor:
        editor.open("old/deep/first.yaml")
        await editor.codes("second.yaml", "table-code-taken")
        shutil.rmtree(tmp_path / "old")
        editor.tell("old", DELETED)
        editor.write("second.yaml", SECOND + "\nfields:\n  a: text\n  a: text\n")
        await editor.codes("second.yaml", "table-code-taken", "duplicate-key")
        editor.close("old/deep/first.yaml")
        await editor.codes("second.yaml", "duplicate-key")


async def test_what_is_watched(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path)) as editor:
        await editor.until(lambda: editor.registrations, "registrations")
        options = [str(r.register_options) for r in editor.registrations if r.method.endswith("didChangeWatchedFiles")]
        # A folder that is moved or removed matches no other glob.
        kind = int(types.WatchKind.Create | types.WatchKind.Delete)
        assert f"'globPattern': '**/*', 'kind': {kind}" in options[0]


async def test_thousands_of_events_at_once(tmp_path: Path) -> None:
    """A checkout: what concerns no entity is passed over, what does is found among it."""
    async with Editor(two_files(tmp_path), settings=SELDOM) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        (tmp_path / "old").rename(tmp_path / "new")
        paths = [f"src/{number}/file.py" for number in range(3000)] + ["node_modules/a", "old", "new", "none.yaml"]
        events = [types.FileEvent(editor.uri(path), DELETED) for path in paths]
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))
        await editor.codes("old/deep/first.yaml")
        await editor.codes("new/deep/first.yaml", "table-code-taken")


# --- clients that watch nothing ---------------------------------------------------------------------------


async def test_files_are_looked_at_by_time(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path), client_capabilities=WATCHES_NOTHING, settings=EVERY_SECOND) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        shutil.rmtree(tmp_path / "old")
        await editor.codes("second.yaml")
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "first.yaml").write_text(FIRST)
        await editor.codes("second.yaml", "table-code-taken")
        (tmp_path / "new" / "first.yaml").write_text(FIRST.replace("012045", "012046"))
        await editor.codes("second.yaml")
        (tmp_path / "specql-lsp.toml").write_text('[diagnostics]\nseverity = {duplicate-key = "error"}\n')
        (tmp_path / "new" / "first.yaml").write_text("entity: A\nentity: A\n")
        await editor.until(
            lambda: (
                [d.severity for d in editor.client.diagnostics.get(editor.uri("new/first.yaml"), [])]
                == [types.DiagnosticSeverity.Error]
            ),
            "the settings by time",
        )


async def test_files_are_looked_at_on_refresh(tmp_path: Path) -> None:
    for client in (WATCHES_NOTHING, None):  # it helps those, too, whose events were lost
        folder = tmp_path / ("one" if client else "two")
        folder.mkdir()
        async with Editor(two_files(folder), client_capabilities=client, settings=SELDOM) as editor:
            await editor.codes("second.yaml", "table-code-taken")
            shutil.rmtree(folder / "old")
            await editor.command("specql.refreshRegistry")
            await editor.codes("second.yaml")
            two_files(folder)
            await editor.command("specql.refreshRegistry")
            await editor.codes("second.yaml", "table-code-taken")


async def test_a_change_that_keeps_time_and_size(tmp_path: Path) -> None:
    async with Editor(two_files(tmp_path), client_capabilities=WATCHES_NOTHING, settings=EVERY_SECOND) as editor:
        await editor.codes("second.yaml", "table-code-taken")
        path = tmp_path / "old" / "deep" / "first.yaml"
        before = path.stat()
        path.write_text(FIRST.replace("012045", "012046"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        await editor.codes("second.yaml")
