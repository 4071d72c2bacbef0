"""Says on stderr what a command is at when that takes more than a second. Never on stdout."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from specql_lsp.cli.output import PROGRAM, terminal_width
from specql_lsp.lazily import lazily
from specql_lsp.printable import printable
from specql_lsp.redaction import redact

if TYPE_CHECKING:
    from rich.console import Console

DELAY_SECONDS = 1.0
"""What is done by then is not worth a word."""
INTERVAL_SECONDS = 1.0
_USUAL_WIDTH = 80


class Progress:
    """Tells of steps, one at a time.

    Args:
        show: called now and then with what is being done and for how many seconds, on a thread of its own.
        clear: called when the step is over, if ``show`` was.
        interval: seconds between two calls of ``show``; None for one call a step.
    """

    def __init__(
        self, show: Callable[[str, float], None], clear: Callable[[], None], interval: float | None = None
    ) -> None:
        self._show = show
        self._clear = clear
        self._interval = interval

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Tells that ``doing`` is being done for as long as the body runs, from the first second on."""
        over = threading.Event()
        teller = threading.Thread(
            target=self._tell, args=(printable(redact(doing)), over), name="progress", daemon=True
        )
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()

    def _tell(self, doing: str, over: threading.Event) -> None:
        start = monotonic()
        if over.wait(DELAY_SECONDS):
            return
        self._show(doing, monotonic() - start)
        while not over.wait(self._interval):
            self._show(doing, monotonic() - start)
        self._clear()


def progress_for(*, as_json: bool) -> Progress:
    """The progress of a command: a line that changes on a terminal, one line a step elsewhere.

    Args:
        as_json: whether the command prints JSON. Then a reader may take stdout and stderr for one stream, so it says
            something only where stderr is a terminal and stdout is not.
    """
    stream = sys.stderr
    is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    if as_json and (not is_terminal or sys.stdout.isatty()):
        return Progress(lambda _doing, _seconds: None, lambda: None)
    if is_terminal:
        line = _ChangingLine(stream)
        return Progress(line.show, line.clear, INTERVAL_SECONDS)
    return Progress(lambda doing, _seconds: _write(stream, f"{PROGRAM}: {doing} …\n"), lambda: None)


class _ChangingLine:
    """The last line of a terminal, written again and again, and erased at the end.

    rich's own live display hides the cursor, which a command that is killed would never show again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @lazily
    def _console(self) -> Console:
        from rich.console import Console  # only what takes a second needs it

        # One column is left free, so that no terminal breaks the line.
        width = (terminal_width(self._stream) or _USUAL_WIDTH) - 1
        return Console(
            file=self._stream, width=width, force_terminal=True, color_system=None, legacy_windows=False, _environ={}
        )

    def show(self, doing: str, seconds: float) -> None:
        """Writes the line again."""
        from rich.text import Text

        self.clear()
        with _undisturbed():
            line = Text(f"{doing} … {seconds:.0f} s")
            self._console.print(line, end="", no_wrap=True, overflow="ellipsis")

    def clear(self) -> None:
        """Leaves an empty line with the cursor at its beginning."""
        from rich.control import Control
        from rich.segment import ControlType

        with _undisturbed():
            self._console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))


def _write(stream: TextIO, text: str) -> None:
    with _undisturbed():
        stream.write(text)
        stream.flush()


def _undisturbed() -> AbstractContextManager[None]:
    """A terminal that was closed is no reason to stop the work."""
    return suppress(OSError, ValueError)
