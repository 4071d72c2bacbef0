"""Notifies the client of the registry's state, for programs; ``user_messages`` is for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specql_lsp.registry.serialization import status_to_json
from specql_lsp.registry.state import RegistryState

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.user_messages import UserMessages


class StatusReporter:
    """Sends ``specql/registryStatus`` at every change, and shows the user what concerns them."""

    def __init__(self, client: Client, messages: UserMessages) -> None:
        self._client = client
        self._messages = messages

    def changed(self, folder: Folder, after: RegistryState) -> None:
        """Follows a change of a folder's registry."""
        self._client.status({**status_to_json(after), "folder": folder.uri})
        self._messages.changed(folder, after)

    def close(self) -> None:
        """Shows nothing any more."""
        self._messages.close()
