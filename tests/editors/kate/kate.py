"""A real Kate on a screen of its own (Xvfb), driven by keys (xdotool); what it says to the server is written down."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from tests.support.completeness import missing
from tests.support.patience import PATIENCE, until

ROOT = Path(__file__).parents[3]
SETTINGS = ROOT / "editors" / "kate" / "settings.json"
PROGRAMS = ("kate", "Xvfb", "xdotool", "openbox", "dbus-run-session")
LOOKS = (100, 200, 400)
"""How often is looked, ten times a second at most, whether something came of keys, before they are pressed again."""
RECORDER = """\
#!/bin/sh
{{ tee -a '{sent}' | '{server}' "$@" 2>&1 >&3 | tee -a '{log}' >&2; }} 3>&1 | tee -a '{received}'
"""
"""Stands in the PATH as specql-lsp: the real server, and a copy of what goes in and out, and of its log."""
LAST_LINES = 20
"""Of so many lines of each log a failure tells."""

CONFIGURATION = """\
[General]
Show welcome view for new window=false
Startup Session=manual

[Kate Plugins]
lspclientplugin=true

[lspclient]
{allowed}
"""


class Kate:
    """A Kate with a file open.

    Args:
        home: a folder for everything of its own.
        file: the file that it opens.
        url: the database's URL, if any.
        changes: what the user has changed in the entry of settings.json.
        allowed: whether the user has allowed the server before.
    """

    def __init__(
        self,
        home: Path,
        file: Path,
        *,
        url: str | None = None,
        changes: Mapping[str, Any] | None = None,
        allowed: bool = True,
    ) -> None:
        for name in PROGRAMS:
            if shutil.which(name) is None:
                missing(name)
        self._home, self.file = home, file
        self._sent, self._received = home / "sent", home / "received"
        programs, configuration, self._logs = home / "bin", home / "config", home / "logs"
        for folder in (programs, self._logs):
            folder.mkdir(parents=True)
        recorder = programs / "specql-lsp"
        server = Path(sys.executable).with_name("specql-lsp")
        log = self._logs / "specql-lsp"
        recorder.write_text(
            RECORDER.format(sent=self._sent, received=self._received, log=log, server=server), encoding="utf-8"
        )
        recorder.chmod(0o755)
        settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
        settings["servers"]["specql"].update(changes or {})
        (configuration / "kate" / "lspclient").mkdir(parents=True)
        (configuration / "kate" / "lspclient" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        (configuration / "katerc").write_text(
            CONFIGURATION.format(allowed=f"AllowedServerCommandLines={recorder}" if allowed else ""), encoding="utf-8"
        )
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("SPECQL_", "PG", "XDG_", "DBUS_"))
        }
        self._environment = {
            **clean,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(configuration),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_RUNTIME_DIR": str(runtime),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "QT_QPA_PLATFORM": "xcb",
            "QT_FORCE_STDERR_LOGGING": "1",
            "KDE_FORK_SLAVES": "1",  # else a launcher is asked by D-Bus, and a busy one does not answer in time
            "LANG": "C.UTF-8",
            **({"SPECQL_DB_URL": url} if url else {}),
        }
        self._started: list[subprocess.Popen[bytes]] = []
        try:
            self._environment["DISPLAY"] = self._start_screen()
            self._start("openbox")
            self.until(lambda: self._ask("get_num_desktops"), "window manager")
            self._start("dbus-run-session", "--", "kate", "--new", "--block", str(file))
            self._window()
            if allowed:
                self._take_keys()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends Kate and its screen; what was not saved is lost."""
        families = []
        for process in self._started:
            with contextlib.suppress(psutil.NoSuchProcess):
                parent = psutil.Process(process.pid)
                families += [parent, *parent.children(recursive=True)]
        for each in reversed(families):  # Kate before dbus-run-session, all of that before the screen
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(families, timeout=PATIENCE)
        for each in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        for process in self._started:
            process.wait(PATIENCE)

    # What a user does and sees.

    def keys(self, *keys: str) -> None:
        """Presses keys, by their X names, in the window that has the keyboard."""
        self._close_errors()
        self._xdotool("key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        """Types text."""
        self._xdotool("type", "--delay", "60", text)

    def save(self) -> str:
        """Presses Ctrl+S; the file's text, once it is another one than before, and all of it."""
        before = self.file.read_text(encoding="utf-8")

        def saved() -> str:
            """The written text; Kate empties the file first, and may write other white space at its end."""
            text = self.file.read_text(encoding="utf-8")
            return text if text != before and text.rstrip() == self.text().rstrip() else ""

        self.keys("ctrl+s")
        return str(self.until(saved, "saved file"))

    def windows(self) -> list[str]:
        """The names of the windows that are shown."""
        return self._ask("search", "--onlyvisible", "--name", ".", "getwindowname", "%@").splitlines()

    def pops_up(self, *keys: str) -> set[str]:
        """Presses keys and waits for one more window of Kate's: a menu, or what it shows at the cursor; gives which."""
        before = self.windows_of_kate()
        found: set[str] = set()

        def popped_up() -> bool:
            found.update(self.windows_of_kate() - before)
            return bool(found)

        self.press_until(keys, popped_up, "window that pops up")
        return found

    def press_until(self, keys: Sequence[str], happened: Callable[[], Any], what: str) -> None:
        """Presses keys; where Kate was not ready for them, nothing comes of it, and they are pressed again.

        It takes longer and longer until they are: a busy Kate takes them late, and would take them twice.
        """
        looks = itertools.chain(LOOKS, itertools.repeat(LOOKS[-1]))

        def pressed() -> bool:
            self.keys(*keys)
            for _ in range(next(looks)):
                if happened():
                    return True
                time.sleep(0.1)
            return False

        self.until(pressed, what)

    def sent(self, method: str) -> list[dict[str, Any]]:
        """The messages of a method that Kate has sent to the server."""
        return [message for message in _messages(self._sent) if message.get("method") == method]

    def answers(self, method: str) -> list[Any]:
        """The results that the server has given to Kate's requests of a method."""
        numbers = [message["id"] for message in self.sent(method)]
        return [m["result"] for m in _messages(self._received) if m.get("id") in numbers and "result" in m]

    def text(self) -> str:
        """The document's text as Kate has last told it to the server."""
        changed = self.sent("textDocument/didChange")
        if changed:
            found: str = changed[-1]["params"]["contentChanges"][-1]["text"]
            return found
        return str(self.sent("textDocument/didOpen")[-1]["params"]["textDocument"]["text"])

    def diagnostics(self) -> list[str]:
        """The codes of the diagnostics that the server has last published for the file."""
        published = [
            message["params"]["diagnostics"]
            for message in _messages(self._received)
            if message.get("method") == "textDocument/publishDiagnostics"
            and message["params"]["uri"] == self.file.as_uri()
        ]
        return sorted(each["code"] for each in published[-1]) if published else []

    def picture(self, path: Path) -> None:
        """Writes what the screen shows, as PNG, where ImageMagick is there to do it."""
        if shutil.which("import"):
            subprocess.run(["import", "-window", "root", path], env=self._environment, check=True, timeout=PATIENCE)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """What the condition gives, once that is true."""
        return until(condition, lambda: f"{what}; {self._shown()}", pause=0.2)

    def _shown(self) -> str:
        """What the screen shows, which programs have ended, and the last lines of all logs."""
        ended = [f"{process.args!r}: {process.returncode}" for process in self._started if process.poll() is not None]
        logs = [
            f"--- {path.name}\n" + "\n".join(path.read_text("utf-8", "replace").splitlines()[-LAST_LINES:])
            for path in sorted(self._logs.iterdir())
        ]
        windows = f"windows: {self.windows()}, of which {self.active_window()!r} has the keyboard"
        return "\n".join([f"{windows}; ended: {ended}; diagnostics: {self.diagnostics()}", *logs])

    def _start(self, *command: str, **more: Any) -> subprocess.Popen[bytes]:
        with (self._logs / command[0]).open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=self.file.parent,
                **more,
            )
        self._started.append(process)
        return process

    def _start_screen(self) -> str:
        """Starts an X server on a display that is free, and gives its name."""
        read, write = os.pipe()
        # -r: a key whose release a closing question misses would repeat for ever. -noreset: else the screen starts
        # again whenever nobody is connected to it, such as after xdotool has looked for windows that are yet to come,
        # and turns away whoever connects in that moment: the window manager, or Kate.
        options = ("-r", "-noreset", "-screen", "0", "1200x800x24")
        self._start("Xvfb", *options, "-displayfd", str(write), pass_fds=(write,))
        os.close(write)
        with os.fdopen(read, encoding="ascii") as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        return f":{number}"

    def windows_of_kate(self) -> set[str]:
        """The numbers of Kate's windows that are shown, menus among them."""
        return set(self._ask("search", "--onlyvisible", "--class", "kate").split())

    def _window(self) -> None:
        """Waits for Kate's window, and gives it the keyboard."""
        self.until(lambda: any(self.file.name in name for name in self.windows()), "window of Kate")
        self.until(self._has_keyboard, "keyboard of Kate")

    def _has_keyboard(self) -> bool:
        """Whether a window of Kate's has the keyboard, and no message box is before it."""
        self._close_errors()
        return bool(self.active_window())

    def _close_errors(self) -> None:
        """Closes message boxes about services of the desktop that Kate misses, and does without.

        The key goes to the box itself: another window may have the keyboard, such as a question, which it would answer.
        """

        def are_closed() -> bool:
            boxes = self._ask("search", "--onlyvisible", "--name", "^Error").split()
            for box in boxes:
                self._ask("key", "--window", box, "Escape")
            return not boxes

        self.until(are_closed, "end of the message boxes")

    def _take_keys(self) -> None:
        """Types a blank and takes it back: what is typed before the text has the keyboard is lost."""
        self.until(lambda: self.sent("textDocument/didOpen"), "start of the server")
        before = self.text()
        self.press_until(("space",), lambda: self.text() != before, "first key in the text")
        while (typed := self.text()) != before:
            self.keys("BackSpace")
            self.until(lambda typed=typed: self.text() != typed, "end of the typed blank")

    def active_window(self) -> str:
        """The name of the window that has the keyboard; empty while none has it."""
        return self._ask("getactivewindow", "getwindowname").strip()

    def _ask(self, *arguments: str) -> str:
        """What xdotool answers; empty where there is nothing of that kind, or no longer."""
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self._environment, check=True, timeout=PATIENCE)


def _messages(path: Path) -> list[dict[str, Any]]:
    """The whole messages in a copy of a stream of the protocol."""
    data = path.read_bytes() if path.exists() else b""
    messages = []
    while (end := data.find(b"\r\n\r\n")) >= 0:
        head = data[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        body = data[end + 4 : end + 4 + length]
        if len(body) < length:
            break
        messages.append(json.loads(body))
        data = data[end + 4 + length :]
    return messages
