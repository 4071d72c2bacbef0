"""A real Emacs in a terminal of its own: keys are typed into it; what it shows is asked of it as emacsclient does."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from tests.editors.emacs.server import evaluate
from tests.support.completeness import missing
from tests.support.patience import PATIENCE, until

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "editors" / "emacs"
ELPA = Path("/usr/share/emacs/site-lisp/elpa")
"""Where Debian puts Emacs's packages, compiled."""


QUIET_SECONDS = (1, 2, 4, 8)
"""For so long Emacs is asked nothing where a question would end what is waited for: the first time, the second, …"""


def program() -> str:
    """Emacs's program; without it the test is skipped."""
    return shutil.which("emacs") or missing("Emacs")


def load_path(*, yaml_mode: bool) -> list[str]:
    """The options that put eglot, and yaml-mode where it is wanted, onto the load path, and nothing else."""
    options = []
    for name in ("eglot", "project", "xref", "seq", *(("yaml-mode",) if yaml_mode else ())):
        folders = sorted(ELPA.glob(f"{name}-*"))
        if not folders and name in {"eglot", "yaml-mode"}:
            missing(f"Emacs's package {name}")
        options += [f"--directory={folder}" for folder in folders[-1:]]
    return options


def environment(more: Mapping[str, str] | None = None, *, server: bool = True) -> dict[str, str]:
    """The environment of an Emacs: nothing of the user's, and specql-lsp on the PATH unless ``server`` is false."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("SPECQL_", "PG", "EMACS", "XDG_"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}" if server else "/usr/bin:/bin"
    return {**clean, "PATH": path, "LANG": "C.UTF-8", "TERM": "xterm-256color", **(more or {})}


class Emacs:
    """An Emacs process in a pseudo-terminal.

    Args:
        home: a folder for its own files.
        folder: the working directory.
        url: the database's URL, if any.
        init: Lisp that its init file has after loading the package.
        yaml_mode: whether it has yaml-mode.
        server: whether specql-lsp is on its PATH.
    """

    def __init__(
        self,
        home: Path,
        folder: Path,
        *,
        url: str | None = None,
        init: str = "",
        yaml_mode: bool = True,
        server: bool = True,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        # Of its own: the path of a socket must be short, and its folder nobody else's.
        self._socket = Path(tempfile.mkdtemp(prefix="specql-emacs-")) / "server"
        init_file = home / "init.el"
        init_file.write_text(
            f"""(setq native-comp-deferred-compilation nil native-comp-jit-compilation nil)
(add-to-list 'load-path {_lisp(str(PACKAGE))})
(require 'specql)
{init}
(setq inhibit-startup-screen t make-backup-files nil create-lockfiles nil auto-save-default nil
      server-name "server" server-socket-dir {_lisp(str(self._socket.parent))})
(require 'json)
(require 'server)
(server-start)
""",
            encoding="utf-8",
        )
        self._terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._process = subprocess.Popen(
            ["setsid", "--ctty", program(), "-nw", "-Q", *load_path(yaml_mode=yaml_mode), "-l", str(init_file)],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            cwd=folder,
            env=environment({"HOME": str(home), **({"SPECQL_DB_URL": url} if url else {})}, server=server),
        )
        os.close(inside)
        self._output = b""
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self.until(self._has_started, "the start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends Emacs, and sees to it that no server is left."""
        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._ended.set()
            self._reader.join(PATIENCE)
            os.close(self._terminal)
            shutil.rmtree(self._socket.parent, ignore_errors=True)
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        for process in alive:
            process.kill()
        assert alive == [], "a server outlived Emacs"

    # What a user does.

    def type(self, text: str) -> None:
        """Types keys; ``\\x1b`` is Meta, ``\\r`` Return."""
        os.write(self._terminal, text.encode())

    def command(self, name: str, *answers: tuple[str, str]) -> None:
        """Runs a command with M-x. Each answer, after a word of the question that it is for, is typed with Return."""
        self.until(lambda: self.lisp("(minibuffer-depth)") == 0, "the minibuffer to be free")
        self.type("\x1bx")
        self.answer("M-x", name)
        for question, answer in answers:
            self.answer(question, answer)
        self.until(lambda: self.lisp("(minibuffer-depth)") == 0, f"end of the questions of {name}")

    def answer(self, question: str, text: str) -> None:
        """Types into the minibuffer, with Return, once it asks the question; a tab completes."""
        self.until(lambda: question in self.prompt(), f"question {question!r}")
        self.type(f"{text}\r")
        self.until(lambda: question not in self.prompt(), f"end of the question {question!r}")

    def prompt(self) -> str:
        """What the minibuffer asks; empty while it asks nothing."""
        window = "(active-minibuffer-window)"
        asked = self.lisp(f'(if {window} (with-current-buffer (window-buffer {window}) (minibuffer-prompt)) "")')
        return asked or ""

    def type_until(self, keys: Iterable[str], shown: Callable[[], Any], what: str) -> None:
        """Types some keys, then the next ones, until something is shown, and leaves Emacs alone between.

        eglot gives an answer up as soon as anything comes in, a question of ours included: so Emacs is asked nothing
        for a while, and longer each time, since a busy machine takes longer.
        """
        each = iter(keys)
        quiet = itertools.chain(QUIET_SECONDS, itertools.repeat(QUIET_SECONDS[-1]))

        def typed() -> Any:
            self.type(next(each))
            time.sleep(next(quiet))
            return shown()

        self.until(typed, what)

    def visit(self, path: Path) -> None:
        """Opens a file as C-x C-f does."""
        self.type("\x18\x06")
        self.answer("Find file", f"\x01\x0b{path}")
        self.until(lambda: self.here("buffer-file-name") == str(path), f"{path.name} to be shown")

    # What a user sees.

    def lisp(self, form: str) -> Any:
        """The value of a Lisp form, by way of JSON in a file: Emacs takes long to print what is long."""
        answer = self._socket.with_name("answer")
        quiet = "(create-lockfiles nil) (coding-system-for-write 'utf-8) (write-region-inhibit-fsync t)"
        evaluate(self._socket, f'(let ({quiet}) (write-region (json-encode {form}) nil "{answer}" nil \'quiet) t)')
        return json.loads(answer.read_text(encoding="utf-8"))

    def _has_started(self) -> bool:
        """Whether it answers; its socket is there a moment before that."""
        with contextlib.suppress(AssertionError, OSError):
            return self._socket.exists() and self.lisp("t") is True
        return False

    def here(self, form: str) -> Any:
        """The value of a Lisp form in the buffer of the selected window."""
        return self.lisp(f"(with-current-buffer (window-buffer (frame-selected-window)) {form})")

    def text(self) -> str:
        """The text of the buffer of the selected window."""
        found: str = self.here("(buffer-substring-no-properties (point-min) (point-max))")
        return found

    def messages(self) -> str:
        """What Emacs has said in the echo area so far."""
        found: str = self.lisp("(with-current-buffer (messages-buffer) (buffer-string))")
        return found

    def mode_line(self) -> str:
        """The mode line of the selected window."""
        found: str = self.lisp("(substring-no-properties (format-mode-line mode-line-format nil (selected-window)))")
        return found

    def diagnostics(self) -> list[str]:
        """What Flymake shows in the buffer, after what follows every command of a user: Flymake may wait for that."""
        texts = "(vconcat (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))"
        return list(self.here(f"(progn (run-hooks 'post-command-hook) (redisplay t) {texts})"))

    def is_managed(self) -> bool:
        """Whether eglot has a server for the buffer."""
        return self.here("(and (fboundp 'eglot-managed-p) (eglot-managed-p) t)") is True

    def everything_read(self) -> None:
        """Waits until the server has read every file: it knows no place in others, and their codes are free."""
        self.here('(progn (specql-request "specql.allocateMissingCodes" \'(:dryRun t)) t)')

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """What the condition gives, once that is true."""

        def looked() -> Any:
            assert self._process.poll() is None, f"Emacs ended while waiting for {what}"
            return condition()

        return until(looked, lambda: f"{what}. Its messages:\n{self._last_words()}", pause=0.05)

    def _last_words(self) -> str:
        with contextlib.suppress(AssertionError, OSError):
            return self.messages()[-3000:]
        return f"(Emacs does not answer; its terminal:) {self._output[-3000:]!r}"

    def _drain(self) -> None:
        while not self._ended.is_set():
            ready, _, _ = select.select([self._terminal], [], [], 0.2)
            if ready:
                try:
                    output = os.read(self._terminal, 1 << 16)
                except OSError:  # the other end is closed
                    return
                self._output = (self._output + output)[-10_000:]


def _lisp(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
