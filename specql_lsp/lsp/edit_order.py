"""The order of the edits that the server has the client make: of one document, one after the other.

An edit is of the text before it. The client need not say of a file that is not open which text that is, and may make
an edit some time after it was asked to: another one, of the same text, would damage the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from specql_lsp.workspace.uris import canonical


class EditOrder:
    """The documents of a session that are being edited for the server; on the event loop."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, uris: Iterable[str]) -> AsyncIterator[None]:
        """Waits until no other edit of the documents is under way, and holds back those that follow.

        Read the documents within it: their texts are those after the edits before.
        """
        async with AsyncExitStack() as held:
            for uri in sorted({canonical(uri) for uri in uris}):  # in one order, so that two never wait for each other
                await held.enter_async_context(self._locks.setdefault(uri, asyncio.Lock()))
            yield
