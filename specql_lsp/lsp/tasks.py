"""Background work of a session: coroutines on the event loop, and one thread for files and large texts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from specql_lsp.syntax.parsing.gc_pause import gc_ignores_new_objects

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class Tasks:
    """The work of one session, on the event loop on which it is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="specql-files")
        self._tasks: set[asyncio.Task[Any]] = set()
        self.closed = False

    def close(self) -> None:
        """Ends every pending piece of work."""
        self.closed = True
        for task in self._tasks:
            task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine; its failure is logged."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("A task failed", exc_info=task.exception())

    async def in_thread(self, run: Callable[[], _T]) -> _T:
        """Awaits a function that runs on the thread, after those that were given before it.

        Raises:
            asyncio.CancelledError: the session has ended. ``asyncio.wait_for`` of Python 3.11 drops a cancellation that
                comes with what it waits for, so that a task may go on after ``close``.
        """
        if self.closed:
            raise asyncio.CancelledError
        return await self._loop.run_in_executor(self._pool, run)

    async def in_thread_uncollected(self, run: Callable[[], _T]) -> _T:
        """As ``in_thread``, for what makes very many objects that stay (``gc_ignores_new_objects``)."""

        def uncollected() -> _T:
            with gc_ignores_new_objects():
                return run()

        return await self.in_thread(uncollected)

    async def elsewhere(self, run: Callable[[], None]) -> None:
        """Awaits a function that may wait long, on a thread of the loop's default pool."""
        await self._loop.run_in_executor(None, run)

    async def at_most(self, seconds: float, work: Coroutine[Any, Any, None]) -> None:
        """Awaits a coroutine, which is given up after a while."""
        try:
            # Not wait_for, which forgets in Python 3.11 that the task was cancelled if the work ends at that moment.
            async with asyncio.timeout(seconds):
                await work
        except TimeoutError:
            logger.info("Something was not awaited for longer than %s s", seconds)

    def on_loop(self, run: Callable[[], None]) -> None:
        """Runs a function on the event loop; may be called on any thread, also after the end."""
        if not self.closed and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(run)
