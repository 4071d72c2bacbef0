"""Makes the handlers that pygls calls from the routes of the table.

A route's module is imported, and the session made, when its method arrives first; only life-cycle messages precede it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.answers import Json, JsonText, guard_async, guard_notification, guard_sync
from specql_lsp.lsp.request_context import request_context
from specql_lsp.lsp.routes import TASK, WORKER

if TYPE_CHECKING:
    from specql_lsp.lsp.request_worker import RequestWorker
    from specql_lsp.lsp.routes import Route
    from specql_lsp.lsp.session import Session

SessionSource = Callable[[], "Session"]
ToJson = Callable[[Any], Any]
"""lsprotocol's objects → JSON."""


def request_handler(route: Route, session: SessionSource, worker: RequestWorker, to_json: ToJson) -> Callable[..., Any]:
    """Answers a route of ``REQUESTS``: with the result, or with a future of it."""

    def run(params: Any) -> Any:
        context = request_context(session(), worker, route, params)
        if context is None:
            return None
        if route.runs == TASK:
            return asyncio.ensure_future(guard_async(route.method, route.load())(context, params))
        if route.runs == WORKER:
            answer = guard_sync(route.method, lambda: _as_json(route.load()(context, params), to_json))
            return worker.submit(context, answer)
        return route.load()(context, params)

    return guard_sync(route.method, run)


def _as_json(answer: Any, to_json: ToJson) -> Json | JsonText:
    """An answer as JSON: a long one must be made JSON on the requests' thread, not on the event loop."""
    return answer if isinstance(answer, Json | JsonText) else Json(to_json(answer))


def notification_handler(route: Route, session: SessionSource, worker: RequestWorker) -> Callable[..., None]:
    """Follows a route of ``NOTIFICATIONS``."""

    def run(params: Any) -> None:
        try:
            route.load()(session(), params)
        finally:
            worker.end_outdated()

    return guard_notification(route.method, run)


def command_handler(route: Route, session: SessionSource) -> Callable[..., Awaitable[Any]]:
    """Runs a route of ``COMMANDS``."""

    async def run(argument: dict[str, Any]) -> Any:
        answer = await route.load()(session(), argument)
        return answer if isinstance(answer, JsonText) else Json(answer)

    return guard_async(route.method, run)
