"""Reading files that somebody else named: nothing but regular files, without waiting, up to a bound."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from specql_lsp.regular_files import FileTooLargeError, NotRegularError, irregularity, read_regular
from tests.support.patience import PATIENCE


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"entity: A\r\n\x00")
    content, status = read_regular(path, 100)
    assert content == b"entity: A\r\n\x00"
    assert os.path.samestat(status, path.stat())
    (tmp_path / "empty").touch()
    assert read_regular(tmp_path / "empty", 0).content == b""


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").symlink_to("a")
    assert read_regular(tmp_path / "b", 10).content == b"x"
    (tmp_path / "c").symlink_to("c")
    with pytest.raises(OSError, match="symbolic links"):
        read_regular(tmp_path / "c", 10)


def test_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 1_048_576)
    assert len(read_regular(path, 1_048_576).content) == 1_048_576
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(FileTooLargeError, match="larger than 1 MB"):
        read_regular(path, 1_048_576)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux has files that say no size")
def test_a_file_that_says_no_size_is_bounded_all_the_same() -> None:
    assert Path("/proc/self/maps").stat().st_size == 0
    assert len(read_regular(Path("/proc/self/maps"), 10_000_000).content) > 100
    with pytest.raises(FileTooLargeError):
        read_regular(Path("/proc/self/maps"), 100)


@pytest.mark.parametrize("error", [FileNotFoundError, IsADirectoryError])
def test_other_reasons_keep_their_own_error(tmp_path: Path, error: type[OSError]) -> None:
    path = tmp_path if error is IsADirectoryError else tmp_path / "none"
    with pytest.raises(error):
        read_regular(path, 10)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


KINDS = [(_pipe, "pipe"), (_socket, "socket"), (_device, "device")]


@pytest.mark.parametrize(("make", "name"), KINDS)
def test_what_is_no_regular_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], name: str
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    make(Path("a.yaml"))
    with pytest.raises(NotRegularError, match=f"it is a {name}, not a file"):
        read_regular(Path("a.yaml"), 100)
    assert irregularity(Path("a.yaml").stat().st_mode) == f"it is a {name}, not a file"
    assert irregularity(tmp_path.stat().st_mode) is None


def test_a_writer_of_a_pipe_is_not_let_go(tmp_path: Path) -> None:
    """Opening a pipe to read, even for a moment, would let its writer go on, to be killed by SIGPIPE."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program = "import sys; f = open(sys.argv[1], 'w'); print('opened', flush=True)"
    with subprocess.Popen([sys.executable, "-c", program, str(pipe)], stdout=subprocess.PIPE) as writer:
        with pytest.raises(NotRegularError):
            read_regular(pipe, 100)
        assert writer.poll() is None
        assert writer.stdout is not None
        with pipe.open("rb"):
            assert writer.stdout.readline() == b"opened\n"


@pytest.mark.parametrize(("make", "name"), KINDS)
def test_what_takes_the_name_between_the_look_and_the_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a.yaml")
    path.write_text("entity: A\n")
    really_open = os.open

    def open_late(*arguments: object, **more: object) -> int:
        path.unlink()
        make(path)
        return really_open(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", open_late)
    outcome: list[BaseException] = []

    def read() -> None:
        try:
            read_regular(path, 100)
        except BaseException as error:  # whatever it is, the test looks at it
            outcome.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert not reader.is_alive(), "it waits"
    assert [type(error) for error in outcome] == [NotRegularError], name


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists a process's descriptors")
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 11)
    (tmp_path / "good").write_bytes(b"x")
    before = _descriptors()
    for _ in range(20):
        for name in ("pipe", "large", "good", "none"):
            try:
                read_regular(tmp_path / name, 10)
            except OSError:
                continue
    assert _descriptors() == before


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
