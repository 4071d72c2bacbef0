"""Whose a document is: excluded files, nested workspace folders, and documents that are in no folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.editor import Editor
from tests.support.workspaces import copy_workspace

TICKET = "entities/crm/ticket.yaml"
CODE = "organization:\n  table_code: '012045'\n"
FIRST = f"entity: First\nschema: crm\n{CODE}"
SECOND = f"entity: Second\nschema: crm\n{CODE}"
BROKEN = "entity: A\nentity: A\n"
ALLOCATE = "specql.allocateEntityCode"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def open_uri(editor: Editor, uri: str, text: str) -> None:
    """Opens a document by its URI, whatever its scheme."""
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, text)))


def close_uri(editor: Editor, uri: str) -> None:
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))


def codes_of(editor: Editor, uri: str) -> list[str]:
    return sorted(str(d.code) for d in editor.client.diagnostics.get(uri, []))


async def settled(editor: Editor, path: str = "marker.yaml") -> None:
    """Waits until all that was sent before has been followed: a file of its own is written and checked."""
    editor.write(path, BROKEN)
    await editor.codes(path, "duplicate-key")
    editor.delete(path)
    await editor.codes(path)


def change_folders(editor: Editor, *, added: list[Path] | None = None, removed: list[Path] | None = None) -> None:
    event = types.WorkspaceFoldersChangeEvent(
        added=[types.WorkspaceFolder(path.as_uri(), path.name) for path in added or []],
        removed=[types.WorkspaceFolder(path.as_uri(), path.name) for path in removed or []],
    )
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))


# --- excluded files ---------------------------------------------------------------------------------------


async def test_an_excluded_file_takes_no_part(tmp_path: Path) -> None:
    write(tmp_path, {"second.yaml": SECOND, "build/first.yaml": FIRST + "fields: {a: text, a: text}\n"})
    async with Editor(tmp_path) as editor:
        await editor.source("none")
        editor.open("build/first.yaml")
        # It is checked for itself.
        await editor.codes("build/first.yaml", "duplicate-key")
        editor.change("build/first.yaml", FIRST + "fields: {b: text, b: text}\n")
        editor.open("second.yaml")
        await settled(editor)
        await editor.codes("second.yaml")
        await editor.codes("build/first.yaml", "duplicate-key")
        editor.close("build/first.yaml")
        await editor.codes("build/first.yaml")
        editor.change("second.yaml", SECOND.replace("Second", "Third"))
        await settled(editor)
        await editor.codes("second.yaml")


async def test_a_file_that_becomes_excluded_while_it_is_open(tmp_path: Path) -> None:
    write(tmp_path, {"second.yaml": SECOND, "gen/first.yaml": FIRST})
    async with Editor(tmp_path) as editor:
        editor.open("gen/first.yaml")
        await editor.codes("second.yaml", "table-code-taken")
        editor.write("specql-lsp.toml", '[files]\nexclude = ["gen/**"]\n')
        await editor.codes("second.yaml")
        await editor.codes("gen/first.yaml")
        editor.close("gen/first.yaml")
        await settled(editor)
        await editor.codes("second.yaml")


# --- nested folders ---------------------------------------------------------------------------------------


def nested(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace with another one in it; each has its own registry, which knows its own codes."""
    outer = copy_workspace(tmp_path / "outer")
    inner = outer / "packages" / "inner"
    write(outer, {"first.yaml": FIRST})
    write(inner, {"second.yaml": SECOND, "third.yaml": "entity: Third\nschema: elsewhere\n"})
    return outer, inner


@pytest.mark.parametrize("order", ["outer first", "inner first"])
async def test_nested_folders_do_not_judge_each_other(tmp_path: Path, order: str) -> None:
    outer, inner = nested(tmp_path)
    async with Editor(*((outer, inner) if order == "outer first" else (inner, outer))) as editor:
        ours, theirs = outer.as_uri(), inner.as_uri()
        await editor.until(lambda: codes_of(editor, f"{ours}/first.yaml") == ["unregistered-table-code"], "first")
        await editor.until(lambda: codes_of(editor, f"{ours}/{TICKET}") == ["missing-table-code"], "the outer one")
        editor.open(str(inner / "second.yaml"), SECOND + "fields: {a: text, a: text}\n")
        await editor.until(lambda: codes_of(editor, f"{theirs}/second.yaml") == ["duplicate-key"], "its own text")
        # Neither is its code taken there, nor is its schema unknown in a registry that is not its own.
        assert codes_of(editor, f"{ours}/first.yaml") == ["unregistered-table-code"]
        assert codes_of(editor, f"{theirs}/third.yaml") == []


async def test_files_are_handed_on(tmp_path: Path) -> None:
    outer, inner = nested(tmp_path)
    async with Editor(outer) as editor:
        await editor.codes("first.yaml", "table-code-taken")
        await editor.codes("packages/inner/second.yaml", "table-code-taken")
        await editor.codes("packages/inner/third.yaml", "unknown-domain")
        editor.open("packages/inner/third.yaml")
        for _ in range(2):
            change_folders(editor, added=[inner])
            await editor.codes("first.yaml", "unregistered-table-code")
            await editor.codes("packages/inner/second.yaml")
            await editor.codes("packages/inner/third.yaml")
            change_folders(editor, removed=[inner])
            await editor.codes("first.yaml", "table-code-taken")
            await editor.codes("packages/inner/second.yaml", "table-code-taken")
            await editor.codes("packages/inner/third.yaml", "unknown-domain")


async def test_removing_the_outer_folder_leaves_the_inner_one_alone(tmp_path: Path) -> None:
    outer, inner = nested(tmp_path)
    write(inner, {"fourth.yaml": BROKEN})
    async with Editor(outer, inner) as editor:
        await editor.codes("packages/inner/fourth.yaml", "duplicate-key")
        await editor.codes("first.yaml", "unregistered-table-code")
        change_folders(editor, removed=[outer])
        await editor.codes("first.yaml")
        assert codes_of(editor, f"{inner.as_uri()}/fourth.yaml") == ["duplicate-key"]
        change_folders(editor, added=[outer])
        await editor.codes("first.yaml", "unregistered-table-code")
        assert codes_of(editor, f"{inner.as_uri()}/fourth.yaml") == ["duplicate-key"]


async def test_a_folder_around_both_that_is_removed_on_the_disk(tmp_path: Path) -> None:
    outer, inner = nested(tmp_path)
    write(inner, {"fourth.yaml": BROKEN})
    async with Editor(outer, inner) as editor:
        await editor.codes("packages/inner/fourth.yaml", "duplicate-key")
        (outer / "packages").rename(tmp_path / "away")
        editor.tell("packages", types.FileChangeType.Deleted)
        await editor.codes("packages/inner/fourth.yaml")


async def test_a_registry_in_a_nested_folder_stays_the_outer_ones(tmp_path: Path) -> None:
    outer = copy_workspace(tmp_path / "outer")
    inner = outer / "registry"
    async with Editor(outer, inner) as editor:
        await editor.codes(REGISTRY, "subdomain-mismatch")
        editor.open(REGISTRY)
        editor.change(REGISTRY, editor.text(REGISTRY) + "unread: 1\nunread: 2\n")
        await editor.codes(REGISTRY, "duplicate-key", "subdomain-mismatch")


# --- documents in no folder -------------------------------------------------------------------------------


def outside(tmp_path: Path, folder: Path) -> dict[str, str]:
    """Documents that are no file of the folder, by their kind."""
    return {
        "git": f"git:{folder.as_uri()[7:]}/first.yaml?%7B%22ref%22%3A%22HEAD%22%7D",
        "untitled": "untitled:Untitled-1",
        "untitled path": f"untitled:{folder.as_uri()[7:]}/new.yaml",
        "elsewhere": (tmp_path / "elsewhere" / "first.yaml").as_uri(),
        "beside": (tmp_path / f"{folder.name}-copy" / "first.yaml").as_uri(),
    }


KINDS = ["git", "untitled", "untitled path", "elsewhere", "beside"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_document_in_no_folder_takes_no_code(tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / "folder", {"second.yaml": SECOND, "marker.yaml": BROKEN})
    async with Editor(folder) as editor:
        await editor.codes("marker.yaml", "duplicate-key")
        uri = outside(tmp_path, folder)[kind]
        open_uri(editor, uri, FIRST + "fields: {a: text, a: text}\n")
        # Its own text is checked, and nothing of the folder is held against it.
        await editor.until(lambda: codes_of(editor, uri) == ["duplicate-key"], "its own text")
        editor.write("second.yaml", SECOND + "fields: {a: text, a: text}\n")
        await editor.codes("second.yaml", "duplicate-key")
        close_uri(editor, uri)
        await editor.until(lambda: codes_of(editor, uri) == [], "nothing of what is closed")
        editor.write("second.yaml", SECOND)
        await editor.codes("second.yaml")


@pytest.mark.parametrize("kind", KINDS)
async def test_of_several_folders_none_judges_it(tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / "folder", {"second.yaml": SECOND})
    other = copy_workspace(tmp_path / "other")
    async with Editor(folder, other) as editor:
        await editor.until(lambda: codes_of(editor, f"{other.as_uri()}/{TICKET}") == ["missing-table-code"], "both")
        uri = outside(tmp_path, folder)[kind]
        open_uri(editor, uri, "entity: First\nschema: nowhere\norganization: {table_code: 012031}\n")
        await settled(editor)
        assert codes_of(editor, uri) == []
        await editor.codes("second.yaml")
        with pytest.raises(JsonRpcException, match=r"no code|in none of the workspace's folders"):
            await editor.command(ALLOCATE, {"uri": uri})
        # Where only one is left, it answers again.
        change_folders(editor, removed=[folder])
        await editor.until(
            lambda: (
                codes_of(editor, uri) == ["unknown-domain", "unquoted-table-code"]
                or codes_of(editor, uri) == ["table-code-taken", "unknown-domain", "unquoted-table-code"]
            ),
            "the only folder",
        )
        change_folders(editor, added=[folder])
        await editor.until(lambda: codes_of(editor, uri) == [], "none of several")


async def test_the_other_side_of_a_diff_allocates_nothing(workspace: Path, workspace_url: str) -> None:
    async with Editor(workspace, environment={"SPECQL_DB_URL": workspace_url}, settings=QUIET) as editor:
        await editor.source("postgresql")
        uri = f"git:{workspace.as_uri()[7:]}/{TICKET}?ref"
        open_uri(editor, uri, editor.text(TICKET))
        await editor.until(lambda: codes_of(editor, uri) == ["missing-table-code"], "its own text")
        answer: Any = await editor.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                types.Range(types.Position(0, 0), types.Position(1, 0)),
                types.CodeActionContext(diagnostics=[]),
            )
        )
        assert not answer
        with pytest.raises(JsonRpcException, match="it can take no code"):
            await editor.command(ALLOCATE, {"uri": uri})


async def test_without_a_folder_files_are_compared_and_other_documents_are_not(tmp_path: Path) -> None:
    write(tmp_path, {"first.yaml": FIRST, "second.yaml": SECOND})
    async with Editor() as editor:
        editor.folders = (tmp_path,)
        editor.open("first.yaml")
        editor.open("second.yaml")
        await editor.codes("second.yaml", "table-code-taken")
        open_uri(editor, "untitled:Untitled-1", FIRST.replace("First", "Third"))
        editor.close("first.yaml")
        await editor.codes("second.yaml")
