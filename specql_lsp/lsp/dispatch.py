"""Makes the handlers that pygls calls from the routes of the table.

A route's module is imported, and the session made, when its method arrives first; only life-cycle messages precede it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.answers import guard_async, guard_notification, guard_sync
from specql_lsp.lsp.request_context import request_context

if TYPE_CHECKING:
    from specql_lsp.lsp.routes import Route
    from specql_lsp.lsp.session import Session

SessionSource = Callable[[], "Session"]


def request_handler(route: Route, session: SessionSource) -> Callable[..., Any]:
    """Answers a route of ``REQUESTS``."""

    def run(params: Any) -> Any:
        context = request_context(session(), route.method, params)
        return None if context is None else route.load()(context, params)

    return guard_sync(route.method, run)


def notification_handler(route: Route, session: SessionSource) -> Callable[..., None]:
    """Follows a route of ``NOTIFICATIONS``."""

    def run(params: Any) -> None:
        route.load()(session(), params)

    return guard_notification(route.method, run)


def command_handler(route: Route, session: SessionSource) -> Callable[..., Awaitable[Any]]:
    """Runs a route of ``COMMANDS``."""

    async def run(argument: dict[str, Any]) -> Any:
        return await route.load()(session(), argument)

    return guard_async(route.method, run)
