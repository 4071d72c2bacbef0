"""A route of a test's own: a request or a command that our server answers in tests only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from specql_lsp.lsp.routes import LOOP, Route

if TYPE_CHECKING:
    from specql_lsp.lsp.routes import Runs


class OwnRoute(Route):
    """A route whose handler is at hand."""

    def __init__(self, method: str, handler: Callable[..., Any], *, runs: Runs = LOOP) -> None:
        super().__init__(method, "", runs=runs)
        self._handler = handler

    def load(self) -> Callable[..., Any]:
        return self._handler
