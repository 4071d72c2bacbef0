"""Cancellation of a request that runs on another thread than the event loop."""

from __future__ import annotations


class Cancelled(Exception):  # noqa: N818 - no error: the client does not want the answer any more
    """The client does not want the answer any more, so the handler ends."""


class CancellationToken:
    """Shared by the event loop, which cancels, and a handler, which checks."""

    __slots__ = ("_cancelled",)

    def __init__(self) -> None:
        self._cancelled = False

    def cancel(self) -> None:
        """Makes every later ``check`` raise."""
        self._cancelled = True

    def check(self) -> None:
        """Ends a handler whose answer is not wanted any more; a long one calls it once for each file that it reads.

        Raises:
            Cancelled: the request was cancelled.
        """
        if self._cancelled:
            raise Cancelled
