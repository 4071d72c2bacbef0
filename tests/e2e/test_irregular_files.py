"""Pipes, sockets, devices and huge files under names that the server and ``check`` read: neither ever waits."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from tests.cli.support import run
from tests.e2e.conftest import REGISTRY
from tests.e2e.editor import Editor
from tests.e2e.test_check_command import CODES_BY_FILE, by_file

TICKET = "entities/crm/ticket.yaml"
SPECIAL = ("entities/pipe.yaml", "entities/socket.yaml", "entities/device.yaml", "entities/endless.yaml")


@pytest.fixture
def irregular(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace with a pipe, a socket, a terminal, an endless device, a loop and a file without end."""
    entities = workspace / "entities"
    os.mkfifo(entities / "pipe.yaml")
    monkeypatch.chdir(entities)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.yaml")
    monkeypatch.undo()
    (entities / "device.yaml").symlink_to("/dev/tty")
    (entities / "endless.yaml").symlink_to("/dev/zero")
    (entities / "loop.yaml").symlink_to("loop.yaml")
    with (entities / "huge.yaml").open("wb") as file:
        file.write(b"entity: Huge\nschema: crm\norganization:\n  table_code: '012031'\n")
        file.truncate(8 * 1024**3)
    return workspace


def test_check_passes_them_over(irregular: Path) -> None:
    done = run(irregular, "check", "--format", "json")
    assert by_file(json.loads(done.stdout)) == CODES_BY_FILE
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("name", "reason"), [("pipe", "pipe"), ("socket", "socket"), ("device", "device"), ("endless", "device")]
)
def test_check_of_one_by_name(irregular: Path, name: str, reason: str) -> None:
    done = run(irregular, "check", f"entities/{name}.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"entities/{name}.yaml is not checked: it is a {reason}, not a file." in done.stderr


def test_check_of_a_huge_file_by_name(irregular: Path) -> None:
    done = run(irregular, "check", "entities/huge.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "huge.yaml is not checked: it is larger than 4 MB." in done.stderr


async def test_the_server_goes_on(irregular: Path) -> None:
    async with Editor(irregular) as editor:
        await editor.source("yaml")
        await editor.codes(TICKET, "missing-table-code")
        for path in SPECIAL:
            editor.tell(path, types.FileChangeType.Changed)
        editor.write("entities/after.yaml", "entity: After\nschema: crn\n")
        await editor.codes("entities/after.yaml", "unknown-domain")
        # Leaving asks for an orderly end, for which the thread that reads files must not hang.
    assert editor.process.returncode == 0


async def test_an_entity_file_that_becomes_a_pipe(workspace: Path) -> None:
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        await editor.codes(TICKET, "missing-table-code")
        (workspace / TICKET).unlink()
        os.mkfifo(workspace / TICKET)
        editor.tell(TICKET, types.FileChangeType.Changed)
        await editor.codes(TICKET)
    assert editor.process.returncode == 0


@pytest.mark.parametrize("what", [REGISTRY, "specql-lsp.toml"])
async def test_a_registry_or_configuration_that_is_a_pipe(workspace: Path, what: str) -> None:
    (workspace / what).unlink(missing_ok=True)
    os.mkfifo(workspace / what)
    async with Editor(workspace) as editor:
        status = await editor.source("none" if what == REGISTRY else "yaml")
        if what == REGISTRY:
            assert "The registry file registry/domain_registry.yaml is not read: it is a pipe" in status["reason"]
        editor.open(TICKET, "entity: Ticket\nentity: Ticket\n")
        await editor.codes(TICKET, "duplicate-key")
    assert editor.process.returncode == 0
    done = run(workspace, "check")
    assert done.returncode in (1, 2)
    assert "it is a pipe, not a file" in done.stderr


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [_pipe, _device])
def test_export_neither_reads_nor_replaces_one(
    workspace: Path, workspace_url: str, make: Callable[[Path], None]
) -> None:
    target = workspace / "out.yaml"
    make(target)
    before = target.lstat()
    done = run(workspace, "registry", "export", "--output", "out.yaml", url=workspace_url)
    assert done.returncode == 2
    assert "The file out.yaml cannot be read (it is a" in done.stderr
    assert os.path.samestat(before, target.lstat())


def test_a_pipe_as_log_file(workspace: Path) -> None:
    os.mkfifo(workspace / "log")
    done = run(workspace, "serve", "--log-file", "log")
    assert done.returncode == 2
    assert "the log file log cannot be written: it is a pipe or a socket, not a file." in done.stderr


def test_the_null_device_as_log_file(workspace: Path) -> None:
    assert run(workspace, "serve", "--log-file", os.devnull).returncode == 1  # its client left without a word


# --- links ------------------------------------------------------------------------------------------------

CODE = "organization:\n  table_code: '012045'\n"
ONE = f"entity: One\nschema: crm\n{CODE}"
OTHER = f"entity: Other\nschema: crm\n{CODE}"


def test_check_counts_a_file_once(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(ONE)
    os.link(tmp_path / "b.yaml", tmp_path / "c.yaml")
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    assert run(tmp_path, "check").stdout == "No problems in 1 SpecQL file.\n"
    assert run(tmp_path, "check", "c.yaml", "a.yaml", "b.yaml").stdout == "No problems in 1 SpecQL file.\n"


async def test_the_server_counts_a_file_once(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(ONE)
    os.link(tmp_path / "b.yaml", tmp_path / "c.yaml")
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "z.yaml").write_text(OTHER)
    async with Editor(tmp_path) as editor:
        await editor.source("none")
        (found,) = await editor.codes("z.yaml", "table-code-taken")
        assert [r.location.uri for r in found.related_information or ()] == [editor.uri("b.yaml")]
        # Opened by another of its names, and changed there, it is still one file.
        editor.open("c.yaml", ONE.replace("One", "Renamed"))
        await editor.codes("c.yaml", "table-code-taken")
        await editor.until(
            lambda: (
                [
                    [r.location.uri for r in d.related_information or ()]
                    for d in editor.client.diagnostics[editor.uri("z.yaml")]
                ]
                == [[editor.uri("c.yaml")]]
            ),
            "the name it was opened by",
        )
        await editor.codes("b.yaml")
        # The name under which it counts goes; the next one follows.
        editor.close("c.yaml")
        editor.delete("c.yaml")
        await editor.until(
            lambda: (
                [
                    [r.location.uri for r in d.related_information or ()]
                    for d in editor.client.diagnostics[editor.uri("z.yaml")]
                ]
                in ([[editor.uri("b.yaml")]], [[editor.uri("a.yaml")]])
            ),
            "another name",
        )
        editor.delete("z.yaml")
        await editor.codes("b.yaml")
