"""Has the client ask again for what it shows in open documents, when something else than their text has changed.

Inlay hints, code lenses and semantic tokens say what other files and the registry say. The client asks for them by
itself after an edit of the document alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.lsp.debouncer import Debouncer

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.tasks import Tasks

REFRESH_MS = 200
"""Changes within so many milliseconds are one refresh: a registry that is loaded concerns every open document."""
_REFRESH = "refresh"


class ViewRefresher:
    """Used on the event loop.

    Args:
        client: the client; it is asked for the views that it can refresh.
        tasks: where it is asked.
    """

    def __init__(self, client: Client, tasks: Tasks) -> None:
        self._client = client
        self._tasks = tasks
        self._timers = Debouncer()

    def outdated(self) -> None:
        """What is shown in an open document may have changed without an edit of it."""
        if self._client.refreshed_views:
            self._timers.call(_REFRESH, REFRESH_MS, lambda: self._tasks.spawn(self._client.refresh_views()))

    def close(self) -> None:
        """Asks for nothing more."""
        self._timers.close()
