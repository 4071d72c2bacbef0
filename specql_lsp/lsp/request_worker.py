"""The thread of long requests: their handlers run there one after the other, in the order in which they arrived.

The thread is our own: pygls' pool shares its threads with stdin.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcRequestCancelled

from specql_lsp.lsp.cancellation import Cancelled

if TYPE_CHECKING:
    from specql_lsp.lsp.request_context import RequestContext

logger = logging.getLogger(__name__)

Answer = asyncio.Future[Any]


class RequestWorker:
    """Used on the event loop only; the handlers alone run on the thread, which starts with the first of them."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: dict[Answer, RequestContext] = {}
        self._closed = False

    def submit(self, context: RequestContext, handler: Callable[[], Any]) -> Answer:
        """Runs a handler on the thread.

        Args:
            context: the request's; its token is cancelled as soon as the answer is not wanted any more.
            handler: gives the answer, or raises.

        Returns:
            The answer. Cancelling it cancels the request. It fails with ``JsonRpcContentModified`` as soon as the
            request's document has another text, and with ``JsonRpcRequestCancelled`` at ``close``.
        """
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        if self._closed:
            answer.set_exception(_cancelled())
            return answer
        self._waiting[answer] = context
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="specql-requests")
        job = self._pool.submit(self._run, loop, answer, context, handler)

        def end(_answer: Answer) -> None:
            del self._waiting[answer]
            context.cancelled.cancel()
            job.cancel()

        answer.add_done_callback(end)
        return answer

    def _run(
        self, loop: asyncio.AbstractEventLoop, answer: Answer, context: RequestContext, handler: Callable[[], Any]
    ) -> None:
        """Runs on the thread."""
        result: Any = None
        error: Exception | None = None
        try:
            context.cancelled.check()
            result = handler()
        except Cancelled:
            error = _cancelled()
        except Exception as failure:
            error = failure
        try:
            loop.call_soon_threadsafe(self._deliver, answer, result, error)
        except RuntimeError:  # the loop is closed: the client has left
            logger.debug("An answer came after the end")

    def _deliver(self, answer: Answer, result: Any, error: Exception | None) -> None:
        self.end_outdated()
        if answer.done():
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)

    def end_outdated(self) -> None:
        """Ends the requests whose document has another text than when they arrived."""
        for answer, context in list(self._waiting.items()):
            if not context.is_current:
                _fail(answer, JsonRpcContentModified("The document has changed since the request."))

    def close(self) -> None:
        """Ends every request; later ones are not run."""
        self._closed = True
        for answer, context in list(self._waiting.items()):
            context.cancelled.cancel()  # at once: the event loop may not run again
            _fail(answer, _cancelled())
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _fail(answer: Answer, error: JsonRpcException) -> None:
    if not answer.done():
        answer.set_exception(error)


def _cancelled() -> JsonRpcException:
    return JsonRpcRequestCancelled("The request was cancelled.")
