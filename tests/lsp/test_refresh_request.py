"""Asking the client again: once for a burst of changes, and not again before it has answered."""

from __future__ import annotations

import asyncio

from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.refresh_request import RefreshRequest
from specql_lsp.lsp.tasks import Tasks


class Client:
    """Counts what it is asked, and answers when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.tasks, self.timers = Tasks(), Debouncer()
        self.refresh = RefreshRequest(self.tasks, self.timers, "views", 0, self._ask)

    async def _ask(self) -> None:
        self.asked += 1
        self.is_asked.set()
        await self.may_answer.wait()

    async def until_asked(self) -> None:
        """Waits for the next request."""
        await self.is_asked.wait()
        self.is_asked.clear()

    async def until_due(self) -> None:
        """Waits until the pause has passed."""
        while self.timers.is_pending("views"):
            await asyncio.sleep(0)


async def test_a_burst_is_one_request() -> None:
    client = Client()
    for _ in range(5):
        client.refresh.soon()
    await client.until_asked()
    assert client.asked == 1
    client.tasks.close()


async def test_what_changes_meanwhile_is_asked_for_once_after_the_answer() -> None:
    client = Client()
    client.refresh.soon()
    await client.until_asked()
    for _ in range(3):
        client.refresh.soon()
        await client.until_due()
    assert client.asked == 1
    client.may_answer.set()
    await client.until_asked()
    client.refresh.soon()
    await client.until_asked()
    assert client.asked == 3
    client.tasks.close()


async def test_nothing_is_asked_once_the_timers_are_closed() -> None:
    client = Client()
    client.refresh.soon()
    client.timers.close()
    await client.until_due()
    assert client.asked == 0
    client.tasks.close()
