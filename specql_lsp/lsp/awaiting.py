"""Awaits what another thread does, or what the client answers: neither ends when the awaiting task does."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")


async def outcome(future: Future[_T]) -> _T:
    """The result of a future that goes on if the awaiting task is cancelled; then nothing is made of its failure.

    A cancelled write may be committed already, and pygls would break on the answer to a request of ours that was
    cancelled (issue 621). ``asyncio.shield`` alone leaves a failure that comes after the cancellation to be logged as
    one that nothing expected.
    """
    waiting = asyncio.wrap_future(future)
    waiting.add_done_callback(_take_failure)
    return await asyncio.shield(waiting)


def _take_failure(done: asyncio.Future[_T]) -> None:
    if not done.cancelled():
        done.exception()
