"""Messages that wait, in their order, while workspace folders are opened: answers would lack them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)


class HeldMessages:
    """Used on the event loop.

    Args:
        handle: handles a message; what it raises is logged.
    """

    def __init__(self, handle: Callable[[Any], object]) -> None:
        self._handle = handle
        self._holders = 0
        self._messages: deque[Any] = deque()
        self._on_held: Callable[[], object] = lambda: None

    def hold(self, on_held: Callable[[], object] = lambda: None) -> None:
        """Begins to hold messages; see ``SpecqlProtocol.hold``."""
        self._holders += 1
        self._on_held = on_held

    def release(self) -> None:
        """Handles the messages that were held, unless another ``hold`` is in force."""
        self._holders -= 1
        while self._messages and not self._holders:
            message = self._messages.popleft()
            try:
                self._handle(message)
            except Exception:  # the messages after it are handled all the same
                logger.exception("A message could not be handled")

    def take(self, message: Any) -> bool:
        """Holds a message, if messages are held; whether it does."""
        if not self._holders:
            return False
        try:
            self._on_held()
        except Exception:  # the message's own handler answers with the same failure
            logger.exception("The session could not begin")
            return False
        self._messages.append(message)
        return True

    def cancel(self, identifier: str | int) -> bool:
        """Forgets a request; whether it was held."""
        for message in self._messages:
            if getattr(message, "id", None) == identifier:
                self._messages.remove(message)
                return True
        return False

    def cancel_all(self) -> list[str | int]:
        """Forgets every message; the ids of the requests among them."""
        messages, self._messages = self._messages, deque()
        return [message.id for message in messages if hasattr(message, "id")]
