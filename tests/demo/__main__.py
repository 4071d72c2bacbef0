"""``python -m tests.demo``: shows the main job step by step, and fails where a step does not answer what it claims."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

from tests.demo.part_language import show_language
from tests.demo.part_postgresql import show_postgresql
from tests.demo.part_yaml import show_check, show_editor
from tests.demo.scenario import DemoError, Scenario
from tests.demo.screen import Screen

INTERRUPTED = 130


async def demo(screen: Screen) -> None:
    """The whole demo, on a copy of the fixtures that is gone afterwards."""
    began = time.monotonic()
    screen.title("specql-lsp at work, on a copy of fixtures/workspace")
    with tempfile.TemporaryDirectory(prefix="specql-demo-") as temporary:
        scenario = Scenario.on_copy_of_fixtures(Path(temporary), screen)
        await show_language(scenario)
        await show_check(scenario)
        await show_editor(scenario)
        await show_postgresql(scenario)
        scenario.expect_nothing_runs()
    screen.done(f"Every step answered as it should, in {time.monotonic() - began:.0f} s. Nothing is left running.")


def main() -> int:
    """Runs the demo; returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    screen = Screen.on(sys.stdout)
    interrupted = threading.Event()

    async def interruptible() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            # What the demo started is ended on the way out. A terminal interrupts that, too, so any error may follow.
            interrupted.set()
            loop.call_soon_threadsafe(task.cancel)

        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, interrupt)
        await demo(screen)

    try:
        asyncio.run(interruptible())
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - nobody reads any more
        return 1
    except (Exception, asyncio.CancelledError) as error:
        if interrupted.is_set():
            screen.failed("Interrupted; what the demo had started has ended.")
            return INTERRUPTED
        if not isinstance(error, DemoError | TimeoutError | OSError):
            traceback.print_exc()
        screen.failed(f"The demo failed: {error or type(error).__name__}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
