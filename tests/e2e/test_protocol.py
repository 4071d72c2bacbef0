"""The protocol's corners: encodings, edits, wrong messages, clients that can little, several folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities
from tests.e2e.failure_support import (
    ALLOCATE,
    CAMPAIGN,
    CONTACT,
    FIXTURE,
    REGISTRY,
    TICKET,
    TICKET_REQUEST,
    TYPING,
    RawClient,
)

UTF8, UTF16, UTF32 = (types.PositionEncodingKind(f"utf-{n}") for n in (8, 16, 32))
WIDE = 'entity: Ticket\nschema: crm\ndescription: "Größe 😀 数"\norganization: {"größe😀": "数", table_code: $0}\n'


@pytest.mark.parametrize(
    ("offered", "negotiated"),
    [
        ([UTF8], "utf-8"),
        ([UTF16], "utf-16"),
        (["utf-7", UTF32, UTF16], "utf-32"),
        (None, "utf-16"),
    ],
)
async def test_position_encodings(workspace: Path, offered: list[Any] | None, negotiated: str) -> None:
    async with Editor(workspace, client_capabilities=capabilities(encodings=offered)) as editor:
        assert editor.encoding == negotiated
        await editor.source("yaml")
        items = await editor.complete(TICKET, WIDE)
        item = next(i for i in items if "012041" in i.label or i.label.startswith("01204"))
        text = editor.accept(TICKET, item)
        assert text == WIDE.replace("$0", f"'{item.label}'"), text

        wrong = 'entity: Ticket\nschema: crm\norganization: {"größe😀": "数", table_code: 012042}\n'
        editor.change(TICKET, wrong)
        found = await editor.codes(TICKET, "unquoted-table-code", "unregistered-table-code")
        line = wrong.splitlines()[2]
        before = line[: line.index("012042")]
        width = {"utf-8": len(before.encode()), "utf-16": len(before.encode("utf-16-le")) // 2, "utf-32": len(before)}
        for diagnostic in found:
            assert diagnostic.range.start == types.Position(2, width[negotiated])
            assert diagnostic.range.end == types.Position(2, width[negotiated] + 6)


async def test_incremental_edits(workspace: Path) -> None:
    """The server's text is the client's after every edit: shown by what it finds at a place behind all of them."""
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        editor.open(TICKET, 'entity: Ticket\r\nschema: crm\r\ndescription: "a\u2028b\u0085c d 😀 e"\r\n')
        await editor.codes(TICKET, "missing-table-code")
        editor.client.text_document_did_change(
            _changes(
                editor,
                ((2, 25), (2, 26), "ü"),  # behind the emoji, which is two units
                ((3, 0), (3, 0), "organization:\r\n  table_code: 01\r\n"),
                ((4, 16), (4, 16), "2042"),  # in the text that the one before left
            )
        )
        (found,) = [d for d in await editor.codes(TICKET, *UNQUOTED) if d.code == UNQUOTED[0]]
        assert found.range == types.Range(types.Position(4, 14), types.Position(4, 20))
        editor.client.text_document_did_change(_changes(editor, ((4, 14), (4, 14), "'"), ((4, 21), (4, 21), "'")))
        await editor.codes(TICKET, "unregistered-table-code")
        editor.client.text_document_did_change(
            _changes(editor, ((99, 0), (99, 0), "fields: {}"), ((1, 8), (1, 99), "crn"))
        )
        await editor.codes(TICKET, "unknown-domain", "unregistered-table-code")
        editor.client.text_document_did_change(_changes(editor, ((0, 0), (99, 0), "")))
        await editor.codes(TICKET)


UNQUOTED = ("unquoted-table-code", "unregistered-table-code")


def _changes(editor: Editor, *edits: tuple[tuple[int, int], tuple[int, int], str]) -> types.DidChangeTextDocumentParams:
    uri = editor.uri(TICKET)
    editor.versions[uri] += 1
    return types.DidChangeTextDocumentParams(
        types.VersionedTextDocumentIdentifier(editor.versions[uri], uri),
        [
            types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)
            for start, end, text in edits
        ],
    )


def test_wrong_messages_do_not_end_it(workspace: Path) -> None:
    uri = (workspace / CONTACT).as_uri()
    with RawClient() as client:
        client.initialize(workspace)
        client.source("yaml")
        assert client.answer("specql/unknown")["error"]["code"] == -32601
        assert client.answer("textDocument/hover", {"textDocument": 1})["error"]["code"] == -32602
        assert client.answer("textDocument/completion", None)["error"]["code"] == -32602
        assert client.answer("workspace/executeCommand", {"command": "specql.nothing"})["error"]["code"] == -32602
        for arguments in ([1], ["x"], [{}, {}]):
            answer = client.answer("workspace/executeCommand", {"command": ALLOCATE, "arguments": arguments})
            assert answer["error"]["code"] == -32602
        for body in (
            b"{",
            b"[]",
            b"null",
            b'"x"',
            b"{}",
            b'{"jsonrpc": "1.0"}',
            b'{"jsonrpc": "2.0", "id": 99, "result": 1}',
        ):
            client.send_bytes(body)
        client.notify("specql/unknown", {"a": 1})
        client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": []})
        client.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:never-opened"}})
        client.notify("textDocument/didOpen", {"textDocument": {"uri": uri}})
        client.notify("workspace/didChangeConfiguration", {"settings": "text"})
        client.notify("workspace/didChangeConfiguration", {"settings": {"specql": ["a"]}})
        client.notify("$/cancelRequest", {"id": 12345})
        client.notify("$/setTrace", {"value": "verbose"})
        position = {"line": 10**6, "character": 10**6}
        opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": "entity: Contact\nschema: crm\n"}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        assert "result" in client.answer("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        status = client.answer("workspace/executeCommand", {"command": "specql.registryStatus"})
        assert status["result"]["source"] == "yaml"
        assert client.leave() == 0


def test_half_a_surrogate_pair(workspace: Path) -> None:
    """An editor that cuts an emoji in two sends what UTF-8 cannot hold; the next edit mends it."""
    uri = (workspace / TICKET).as_uri()
    with RawClient() as client:
        client.initialize(workspace)
        client.source("yaml")
        text = "entity: Ticket\nschema: \ud83d\n"
        opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        client.until(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics"
                and m["params"]["uri"] == uri
                and any(d["code"] == "yaml-syntax" for d in m["params"]["diagnostics"])
            )
        )
        assert client.leave() == 0


async def test_a_client_that_can_nothing(workspace: Path) -> None:
    async with Editor(workspace, client_capabilities=types.ClientCapabilities()) as editor:
        await editor.source("yaml")
        assert await editor.complete(TICKET, TYPING)
        await editor.codes(TICKET, "missing-table-code")
        position = types.Position(0, 10)
        assert "Ticket" in (await editor.hover(TICKET, position) or "")
        assert editor.registrations == []
        requests = [
            json.loads(m)["method"] for m in editor.received if "id" in json.loads(m) and "method" in json.loads(m)
        ]
        assert requests == []


async def test_registrations_where_they_are_allowed(workspace: Path) -> None:
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        await editor.until(lambda: len(editor.registrations) == 2, "registrations")
        by_method = {r.method: r.register_options for r in editor.registrations}
        assert set(by_method) == {"workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"}
        globs = str(by_method["workspace/didChangeWatchedFiles"])
        assert all(glob in globs for glob in ("**/*.yaml", "**/*.yml", "**/specql-lsp.toml"))


@pytest.mark.parametrize("by", ["rootUri", "rootPath"])
def test_a_client_of_one_root(workspace: Path, by: str) -> None:
    root = {"rootUri": workspace.as_uri()} if by == "rootUri" else {"rootPath": str(workspace)}
    with RawClient() as client:
        client.initialize(**root)
        assert client.source("yaml")["domains"] == 4
        assert client.leave() == 0


def test_a_client_without_a_folder(workspace: Path, tmp_path: Path) -> None:
    with RawClient(cwd=tmp_path) as client:
        client.initialize()
        client.source("none")
        uri = (workspace / CONTACT).as_uri()
        text = (workspace / CONTACT).read_text()
        client.notify(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}
        )
        published = client.until(lambda m: m.get("method") == "textDocument/publishDiagnostics")
        assert published["params"]["diagnostics"] == []
        folders = {"event": {"added": [{"uri": workspace.as_uri(), "name": "w"}], "removed": []}}
        client.notify("workspace/didChangeWorkspaceFolders", folders)
        client.source("yaml")
        status = client.answer("workspace/executeCommand", {"command": "specql.registryStatus"})
        assert status["result"]["source"] == "yaml"  # the folder's, not that of no folder
        assert client.leave() == 0


async def test_folders_each_with_their_own_registry(workspace: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(FIXTURE, tmp_path / "other"))
    (other / "specql-lsp.toml").write_text('[registry]\nbackend = "in_memory"\n')
    async with Editor(workspace, other) as editor:
        await editor.until(lambda: {s["source"] for s in editor.statuses} >= {"yaml", "in_memory"}, "both registries")
        assert {s["source"]: Path(s["folder"]).name for s in editor.statuses} == {
            "yaml": "workspace",
            "in_memory": "other",
        }
        await editor.codes(CAMPAIGN, "unknown-domain", "unregistered-table-code")
        uri = (other / TICKET).as_uri()
        with pytest.raises(JsonRpcException, match=r"(?i)domain"):
            await editor.command(ALLOCATE, {"uri": uri})
        with pytest.raises(JsonRpcException, match="read-only"):
            await editor.command(ALLOCATE, {**TICKET_REQUEST, "uri": (workspace / TICKET).as_uri()})

        event = types.WorkspaceFoldersChangeEvent(added=[], removed=[types.WorkspaceFolder(workspace.as_uri(), "w")])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await editor.codes(CAMPAIGN)
        assert (await editor.command("specql.registryStatus"))["source"] == "in_memory"
        event = types.WorkspaceFoldersChangeEvent(added=[types.WorkspaceFolder(workspace.as_uri(), "w")], removed=[])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await editor.codes(CAMPAIGN, "unknown-domain", "unregistered-table-code")


async def test_a_folder_behind_a_symbolic_link(workspace: Path, tmp_path: Path) -> None:
    """The client names files by the link; they must not be taken for other files than those on the disk."""
    link = tmp_path / "link"
    link.symlink_to(workspace, target_is_directory=True)
    async with Editor(link) as editor:
        await editor.source("yaml")
        await editor.codes(TICKET, "missing-table-code")
        text = "entity: Ticket\nschema: crm\norganization:\n  table_code: '012045'\n"
        editor.open(TICKET, text)
        await editor.codes(TICKET, "unregistered-table-code")
        editor.write(TICKET, text)
        editor.close(TICKET)
        await editor.codes(TICKET, "unregistered-table-code")
        editor.open(REGISTRY)
        await editor.codes(REGISTRY, "subdomain-mismatch")
        assert all(params.uri.startswith(link.as_uri()) for params in editor.published)


async def test_a_thousand_edits_do_not_grow_it(workspace: Path) -> None:
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        editor.open(TICKET, "entity: Ticket\nschema: crm\ndescription: ''\n" + "# filler\n" * 200)
        process = psutil.Process(editor.process.pid)

        async def edits(count: int) -> int:
            for number in range(count):
                editor.edit(TICKET, (2, 14), (2, 14), "x") if number % 2 else editor.edit(TICKET, (2, 14), (2, 15), "y")
                if number % 50 == 0:
                    await editor.complete_at(TICKET, types.Position(1, 9))
            await editor.complete_at(TICKET, types.Position(1, 9))
            return int(process.memory_info().rss)

        before = await edits(300)
        after = await edits(1000)
        assert after - before < 6 * 2**20


async def test_a_client_that_takes_defaults_gets_the_replaced_range_once(workspace: Path) -> None:
    declared = capabilities(item_defaults=["editRange", "data"])
    async with Editor(workspace, client_capabilities=declared) as editor:
        await editor.source("yaml")
        text = "entity: Voucher\nschema: crm\norganization:\n  table_code: '01$0'\n"
        position = editor.open("entities/crm/new.yaml", text)
        assert position is not None
        answer = await editor.complete_at("entities/crm/new.yaml", position)
        assert answer.item_defaults is not None
        assert answer.item_defaults.edit_range == types.Range(types.Position(3, 14), types.Position(3, 18))
        assert all(item.text_edit is None for item in answer.items)
        assert "'012012'" in [item.text_edit_text for item in answer.items]
