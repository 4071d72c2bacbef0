"""What follows when a folder's registry has another state. It comes on the registry's threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from specql_lsp.features.model import Finding
from specql_lsp.lsp.change_follower import ChangeFollower
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.folder_reader import FolderReader
from specql_lsp.lsp.gc_freeze import GcFreezer
from specql_lsp.lsp.open_documents import OpenDocuments
from specql_lsp.lsp.own_changes import OwnChanges
from specql_lsp.lsp.status import StatusReporter
from specql_lsp.lsp.tasks import Tasks
from specql_lsp.lsp.user_messages import UserMessages
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.service.lease_keeper import Confirmation
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.changes import RegistryChanged
from specql_lsp.workspace.host import AnalysisHost


class RegistryStates:
    """Follows the states of the registries of one session's folders.

    Args:
        tasks: whose event loop the states are handed to.
        host: the state of the workspace.
        open_documents: what the editor has open.
        reader: what reads the registry's YAML.
        gc_freezer: which is to hear of large snapshots.
        own_changes: what the user has changed in a registry.
        status: which shows where a registry comes from.
        messages: which say what became of leased codes.
        own_registrations: called with what was registered for codes that this folder gave out from its leases.
        follower: has done what a change invalidates.
        compared: called with a folder once it is known what differs between its registries.
    """

    def __init__(
        self,
        tasks: Tasks,
        host: AnalysisHost[Finding],
        open_documents: OpenDocuments,
        reader: FolderReader,
        gc_freezer: GcFreezer,
        own_changes: OwnChanges,
        status: StatusReporter,
        messages: UserMessages,
        own_registrations: Callable[[Folder, tuple[RegistryPath, ...]], None],
        follower: ChangeFollower,
        compared: Callable[[Folder], None],
    ) -> None:
        self._tasks = tasks
        self._host = host
        self._open = open_documents
        self._reader = reader
        self._gc_freezer = gc_freezer
        self._own_changes = own_changes
        self._status = status
        self._messages = messages
        self._own_registrations = own_registrations
        self._follow = follower.follow
        self._compared = compared
        self._yaml: WeakKeyDictionary[RegistryService, Snapshot] = WeakKeyDictionary()
        """What the YAML held when it was last compared."""

    def from_registry(self, folder: Folder, service: RegistryService, state: RegistryState) -> None:
        """Called on the registry's threads with a new state."""
        self._tasks.on_loop(lambda: self._registry_changed(folder, service, state))

    def from_leases(self, folder: Folder, done: tuple[Confirmation, ...]) -> None:
        """Called on the registry's threads with what became of leased codes."""
        self._tasks.on_loop(lambda: self._confirmed(folder, done))

    def registry_file_changed(self, folder: Folder) -> None:
        """Follows that the registry's YAML, or its snapshot, may have changed on the disk; on the event loop."""
        folder.service.yaml_changed()
        self._tasks.spawn(self._reader.registry_file(folder))

    def _confirmed(self, folder: Folder, done: tuple[Confirmation, ...]) -> None:
        if folder.closed or self._tasks.closed:
            return
        registered = [each.allocation for each in done if each.allocation is not None]
        if registered:
            paths = (RegistryPath(each.domain.number, each.subdomain.number, each.entity) for each in registered)
            self._own_registrations(folder, tuple(paths))
        self._messages.confirmed(folder, done)

    def _registry_changed(self, folder: Folder, service: RegistryService, state: RegistryState) -> None:
        if folder.closed or service is not folder.service or self._tasks.closed:
            return
        before = folder.shown_state
        folder.shown_state = state
        folder.registry_answered()
        if before.snapshot is not state.snapshot:
            self._gc_freezer.request()
        newest = folder.service.state.discrepancies
        self._look_for_edits(folder, service, state)
        if newest is not None:
            self._own_changes.settle(folder.uri, newest)
            self._compared(folder)
        self._status.changed(folder, state)
        self._follow(self._host.apply(RegistryChanged(folder.uri, state)))
        self._tasks.spawn(self._registry_file_later(folder))

    def _look_for_edits(self, folder: Folder, service: RegistryService, state: RegistryState) -> None:
        """Looks what differs because the user edited the registry's YAML; only what the editor has open is theirs."""
        if state.yaml is None or state.discrepancies is None:
            return
        before, self._yaml[service] = self._yaml.get(service), state.yaml
        if before is not None and before is not state.yaml and folder.registry_uri in self._open:
            self._own_changes.edited(folder.uri, before, state.yaml, state.discrepancies)

    async def _registry_file_later(self, folder: Folder) -> None:
        """Reads and checks the registry's YAML once the open documents have been checked that its change concerns."""
        await asyncio.sleep(0)
        await self._reader.registry_file(folder)
