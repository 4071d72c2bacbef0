"""Has the client ask again for what it shows, when something else than the text of an open document has changed.

Inlay hints, code lenses and semantic tokens say what other files and the registry say. The client asks for them by
itself after an edit of the document alone. Views of catalogs list what files define.
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
_CATALOGS = "catalogs"


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
        self.notifies_of_catalogs = False
        """Whether the client has asked for catalogs: no other one is notified that they have changed."""

    def outdated(self) -> None:
        """What is shown in an open document may have changed without an edit of it."""
        if self._client.refreshed_views:
            self._timers.call(_REFRESH, REFRESH_MS, lambda: self._tasks.spawn(self._client.refresh_views()))

    def catalogs_changed(self) -> None:
        """Files define other entries of catalogs."""
        if self.notifies_of_catalogs:
            self._timers.call(_CATALOGS, REFRESH_MS, self._client.catalogs_changed)

    def close(self) -> None:
        """Asks for nothing more."""
        self._timers.close()
