"""The settings of each workspace folder, and which of their mistakes the user has been shown."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from lsprotocol import types

from specql_lsp.config import Layer, Settings, settings_for
from specql_lsp.lsp.client import Client

logger = logging.getLogger(__name__)


class FolderSettings:
    """What is set for the folders of one session. Used on the event loop.

    Args:
        client: to which mistakes in the settings are shown.
        layers: the settings given at start (``initializationOptions``), below the client's own.
        overrides: the settings of the command line, above all others.
        trusted: whether a folder's ``specql-lsp.toml`` may name a database to connect to.
    """

    def __init__(self, client: Client, layers: list[Layer], overrides: list[Layer], *, trusted: bool) -> None:
        self._client = client
        self._layers = layers
        self._overrides = overrides
        self._trusted = trusted
        self._configurations: dict[str, Any] = {}
        self._warnings: dict[str, tuple[str, ...]] = {}

    def configure(self, key: str, configuration: Any) -> None:
        """Takes the client's own settings for a folder, as it gave them."""
        self._configurations[key] = configuration

    def forget(self, key: str) -> None:
        """Forgets the client's settings for a folder."""
        self._configurations.pop(key, None)

    def read(self, key: str, path: Path | None) -> Settings:
        """The settings of a folder as they are now; a mistake is shown once, whatever folders have it.

        Args:
            key: the folder's URI.
            path: where its ``specql-lsp.toml`` is.
        """
        layers = [*self._layers]
        configuration = self._configurations.get(key)
        if isinstance(configuration, dict) and configuration:
            layers.append(Layer("the client's settings", configuration))
        settings, warnings = settings_for(path, [*layers, *self._overrides], trusted=self._trusted)
        shown = {warning for known in self._warnings.values() for warning in known}
        self._warnings[key] = warnings
        for warning in warnings:
            if warning not in shown:  # the same mistake is found for each folder, and at each change
                logger.warning("%s", warning)
                self._client.show(types.MessageType.Warning, warning)
        return settings
