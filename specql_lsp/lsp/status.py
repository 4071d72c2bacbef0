"""Telling the client where the registry's answers come from: a notification at every change, a message at a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from specql_lsp.registry.model import RegistryState, Source
from specql_lsp.registry.wire import status_to_json

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.folder import Folder


class StatusReporter:
    """Sends ``specql/registryStatus``, and shows one message when PostgreSQL is lost and one when it is back."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lost: set[str] = set()

    def changed(self, folder: Folder, before: RegistryState, after: RegistryState) -> None:
        """Follows a change of a folder's registry."""
        self._client.status({**status_to_json(after), "folder": folder.uri})
        key = folder.uri
        wants_postgresql = folder.wants_postgresql
        if not wants_postgresql:
            self._lost.discard(key)
        answers = after.provenance.source is Source.POSTGRESQL and not after.provenance.stale
        if wants_postgresql and not answers and key not in self._lost:
            self._lost.add(key)
            self._client.show(types.MessageType.Warning, _loss(after))
        elif answers and key in self._lost:
            self._lost.discard(key)
            self._client.show(types.MessageType.Info, _return(after))


def _return(state: RegistryState) -> str:
    if state.provenance.writable:
        return "PostgreSQL answers again; the SpecQL registry can be written."
    return f"PostgreSQL answers again; the SpecQL registry is read-only. {state.provenance.reason}"


def _loss(state: RegistryState) -> str:
    reason = state.provenance.reason
    where = f" of {state.provenance.server}" if state.provenance.server else ""
    if state.provenance.source is Source.YAML:
        return f"{reason} The SpecQL registry{where} is answered from YAML, read-only, until PostgreSQL is back."
    if state.provenance.stale:
        return f"{reason} The SpecQL registry{where} is answered from what PostgreSQL last said, read-only."
    return f"No SpecQL registry can be read: {reason}"
