"""Folders that are not on the disk, beside some that are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.failure_support import CAMPAIGN, RawClient

ELSEWHERE = [
    "untitled:x",
    "vscode-vfs://github%2B7b/owner/repo",
    "file://[x",
    "file:///a%00b",
    "",
    "file://server/share",
]


def folders(*uris: str) -> list[dict[str, Any]]:
    return [{"uri": uri, "name": "w"} for uri in uris]


def status(client: RawClient, **argument: Any) -> dict[str, Any]:
    run = {"command": "specql.refreshRegistry", "arguments": [argument]}
    return client.answer("workspace/executeCommand", run)


def is_published(message: dict[str, Any], uri: str) -> bool:
    return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri


@pytest.mark.parametrize("local", ["file://localhost", "file://"])
def test_folders_that_are_elsewhere_do_not_keep_the_others_closed(workspace: Path, local: str) -> None:
    uri = f"{local}{workspace}"
    with RawClient(cwd=workspace.parent) as client:
        client.initialize(workspaceFolders=folders(*ELSEWHERE[:3], uri, *ELSEWHERE[3:]), rootUri="file://[x")
        assert status(client, folder=uri)["result"]["domains"] == 4
        wanted = (workspace / CAMPAIGN).as_uri()
        if not any(is_published(message, wanted) for message in client.messages):
            client.until(lambda m: is_published(m, wanted))
        event = {"added": folders(*ELSEWHERE), "removed": folders(*ELSEWHERE)}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert status(client)["result"]["domains"] == 4
        assert client.leave() == 0


def test_a_client_whose_only_folder_is_elsewhere(workspace: Path, tmp_path: Path) -> None:
    with RawClient(cwd=tmp_path) as client:
        client.initialize(workspaceFolders=folders("vscode-vfs://github/a"))
        assert status(client)["result"]["source"] == "none"
        event = {"added": folders(workspace.as_uri()), "removed": []}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert status(client)["result"]["source"] == "yaml"
        assert client.leave() == 0


def test_a_file_whose_name_is_no_text_does_not_keep_its_folder_closed(workspace: Path) -> None:
    name = os.fsdecode(b"a\xff.yaml")
    (workspace / name).write_text("entity: Odd\nschema: crn\n")
    with RawClient() as client:
        client.initialize(workspace)
        uri = f"{workspace.as_uri()}/a%FF.yaml"
        client.until(lambda m: is_published(m, uri))
        assert status(client, uri=uri)["result"]["domains"] == 4
        assert client.leave() == 0
