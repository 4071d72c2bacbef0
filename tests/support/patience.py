"""How tests wait: for something to happen, until the end of patience.

No test holds a clock against what it tests: a busy machine is no finding, and how long things take is for
``make bench``. What has to be soon is shown by the order of events (it is there while what it must not wait for still
lasts), or by a limit that the test sets. ``tests/test_clocks.py`` keeps it so.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeVar

PATIENCE = 120.0
"""The seconds after which what has not happened is held never to happen; no test passes or fails by them otherwise."""
FOREVER = 3600.0
"""The seconds of a limit that no test reaches: what waits for it outlasts everybody's patience."""

T = TypeVar("T")


def until(condition: Callable[[], T], what: str | Callable[[], str] = "the condition", *, pause: float = 0.01) -> T:
    """What the condition gives, once that is true.

    Args:
        condition: asked again and again.
        what: what is waited for, for the message where it never comes; a function is called only then.
        pause: the seconds between two questions.
    """
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"It did not come about: {what if isinstance(what, str) else what()}")
        time.sleep(pause)
    return value


async def until_answered(question: Callable[[], Awaitable[T]], what: str = "the condition") -> T:
    """The same for what has to be awaited."""
    end = time.monotonic() + PATIENCE
    while not (value := await question()):
        assert time.monotonic() < end, f"It did not come about: {what}."
        await asyncio.sleep(0.02)
    return value


def ends(work: Callable[[], T], what: str = "the call") -> T:
    """What a call returns or raises; a failure where it does neither, however long it would go on."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return outcome.result(PATIENCE)
    except TimeoutError:
        assert outcome.done(), f"It did not end: {what}."
        raise


def countdown() -> Callable[[], float]:
    """What is left of our patience from now on, in seconds; never nothing, so that it can be waited for."""
    end = time.monotonic() + PATIENCE
    return lambda: max(end - time.monotonic(), 0.001)


def cpu_seconds(work: Callable[[], object]) -> float:
    """The processor time that this process spends on a call; a busy machine changes it by a small factor at most."""
    started = time.process_time()
    work()
    return time.process_time() - started
