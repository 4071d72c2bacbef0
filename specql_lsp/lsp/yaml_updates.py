"""Puts the user's own changes of a registry into its YAML, by edits through the client (``registry.updateYaml``)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lsprotocol import types

from specql_lsp.config import UpdateYaml
from specql_lsp.features.discrepancy_titles import keep_title
from specql_lsp.lsp.awaiting import outcome
from specql_lsp.lsp.handlers.commands.support import apply
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.state import Discrepancy, Source
from specql_lsp.registry.yaml_edits.resolution import differing, keep_postgresql_side

if TYPE_CHECKING:
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.session import Session

ATTEMPTS = 3
"""How often an edit is made again because the file was edited meanwhile."""


class YamlUpdates:
    """The updates of one session; on the event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._agreed: bool | None = None
        """What the user answered; None: was not asked."""
        self._lock = asyncio.Lock()
        """Held while an edit is made and applied: the next one is of the text after it."""
        self._due: set[str] = set()
        """The folders whose YAML could not be compared with PostgreSQL when it was to be edited."""

    def follow(self, folder: Folder, paths: Collection[RegistryPath], *, is_in_yaml: bool) -> None:
        """Follows a change of a folder's registry that its user made, also in other folders of the same database.

        Args:
            folder: whose registry it is.
            paths: what was changed there.
            is_in_yaml: whether the client is making the change in the YAML already: an edit made before it is done
                would be of a text that is gone when it is applied.
        """
        own = self._session.own_changes
        own.add(folder.uri, paths)
        self._put(folder, is_in_yaml=is_in_yaml)
        for other in self._sharing(folder):
            own.add(other.uri, paths)
            own.hold(other.uri)
            self._session.spawn(self._follow_elsewhere(other))

    def _sharing(self, folder: Folder) -> list[Folder]:
        """The other folders whose registry is in the same database."""
        server = folder.service.state.provenance.server
        others = [each for each in self._session.folders.values() if each is not folder]
        return [each for each in others if server and each.service.state.provenance.server == server]

    async def _follow_elsewhere(self, folder: Folder) -> None:
        """Follows a change that the user made in another folder of the same database, once it is read in this one."""
        try:
            await outcome(folder.service.refresh())
        except Refused:
            return  # the folder was closed
        finally:
            self._session.own_changes.let_go(folder.uri)
        if not folder.closed and self._session.client.applies_edits and self._is_wanted(folder):
            self._begin(folder)

    def _is_wanted(self, folder: Folder) -> bool:
        mode = folder.settings.registry.update_yaml
        return mode is UpdateYaml.ALWAYS or (mode is UpdateYaml.ASK and self._agreed is True)

    def _put(self, folder: Folder, *, is_in_yaml: bool) -> None:
        """Puts into the YAML what the user changed, if they want that, or asks whether they do."""
        mode = folder.settings.registry.update_yaml
        if mode is not UpdateYaml.NEVER and not self._session.client.applies_edits:
            self._session.messages.ask_to_add(folder, self._answered)  # the user is informed, once
        elif self._is_wanted(folder):
            if not is_in_yaml:
                self._begin(folder)
        elif mode is UpdateYaml.ASK and self._agreed is None:
            self._session.messages.ask_to_add(folder, self._answered)

    def compared(self, folder: Folder) -> None:
        """Makes the edit that could not be made before, now that it is known what differs."""
        if folder.uri in self._due:
            self._due.discard(folder.uri)
            self._put(folder, is_in_yaml=False)

    def _answered(self, agreed: bool) -> None:  # noqa: FBT001 - the one thing that an answer is
        self._agreed = agreed
        for folder in self._session.folders.values():
            if agreed and folder.settings.registry.update_yaml is UpdateYaml.ASK:
                self._begin(folder)

    def _begin(self, folder: Folder) -> None:
        self._session.own_changes.hold(folder.uri)
        self._session.spawn(self._update(folder))

    async def _update(self, folder: Folder) -> None:
        """Has the editor put into the YAML what its user changed and it lacks."""
        try:
            await self._updated(folder)
        finally:
            self._session.own_changes.let_go(folder.uri)

    async def _updated(self, folder: Folder) -> None:
        async with self._lock:
            for _ in range(ATTEMPTS):
                async with self._session.edit_order.of([folder.registry_uri]):
                    if folder.closed or await self._is_up_to_date(folder):
                        return
        self._session.client.show(
            types.MessageType.Info,
            f"The editor did not put your changes of the registry into {folder.registry_path.name}.",
        )

    async def _is_up_to_date(self, folder: Folder) -> bool:
        """Makes one attempt; whether nothing is left to do."""
        session = self._session
        # The client may say later that the file has changed on the disk: an edit of the text before would damage it.
        await session.in_thread(folder.read_registry_document)
        document, state = folder.registry_document, folder.service.state
        snapshot = state.snapshot if state.provenance.source is Source.POSTGRESQL else None
        found = None
        if document is not None and snapshot is not None:
            # The state may be of a text before the edits that were made a moment ago.
            found = await session.in_thread(lambda: differing(document, snapshot))
        if document is None or snapshot is None or found is None:
            self._due.add(folder.uri)
            return True
        wanted = session.own_changes.among(folder.uri, found)
        if not wanted:
            return True
        now = datetime.now(UTC)
        made = await session.in_thread(lambda: keep_postgresql_side(document, wanted, snapshot, now))
        return not made.edits or await apply(session, _label(made.resolution.resolved), made.edits, document)


def _label(resolved: tuple[Discrepancy, ...]) -> str:
    if len(resolved) == 1:
        return keep_title(resolved[0], "postgresql")
    return f"Put {len(resolved)} changes of the registry into the YAML"
