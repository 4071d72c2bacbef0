"""What is awaited goes on when the awaiting task is cancelled, and its failure is then no error of the server's own."""

from __future__ import annotations

import asyncio
import gc
import logging
from concurrent.futures import Future

import pytest

from specql_lsp.lsp.awaiting import outcome


async def test_the_result_and_the_failure_arrive() -> None:
    done: Future[int] = Future()
    done.set_result(1)
    assert await outcome(done) == 1
    failed: Future[int] = Future()
    failed.set_exception(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        await outcome(failed)


async def test_a_failure_after_a_cancellation_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    future: Future[int] = Future()
    task = asyncio.ensure_future(outcome(future))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not future.cancelled()
    with caplog.at_level(logging.ERROR):
        future.set_exception(ValueError("x"))
        await asyncio.sleep(0.01)
        del future, task
        gc.collect()
    assert not caplog.records
