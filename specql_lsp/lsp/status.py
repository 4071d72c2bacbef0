"""Telling the client where the registry's answers come from: a notification at every change, for programs.

What a person is told is the matter of ``alerts``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.registry.serialization import status_to_json
from specql_lsp.registry.state import RegistryState

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.user_messages import Alerts


class StatusReporter:
    """Sends ``specql/registryStatus``, and has the user told where that is due."""

    def __init__(self, client: Client, alerts: Alerts) -> None:
        self._client = client
        self._alerts = alerts

    def changed(self, folder: Folder, after: RegistryState) -> None:
        """Follows a change of a folder's registry."""
        self._client.status({**status_to_json(after), "folder": folder.uri})
        self._alerts.changed(folder, after)

    def close(self) -> None:
        """Tells nothing any more."""
        self._alerts.close()
