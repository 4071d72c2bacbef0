"""Puts the user's own changes of a registry into its YAML, by edits through the client (``registry.updateYaml``)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lsprotocol import types

from specql_lsp.config import UpdateYaml
from specql_lsp.features.discrepancy_titles import keep_title
from specql_lsp.lsp.handlers.commands.support import apply
from specql_lsp.registry.state import Discrepancy, Source
from specql_lsp.registry.yaml_edits.resolution import keep_postgresql_side

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

    def follow(self, folder: Folder, *, is_in_yaml: bool) -> None:
        """Follows a change of a folder's registry that its user made.

        Args:
            folder: whose registry it is.
            is_in_yaml: whether the client is making the change in the YAML already: an edit made before it is done
                would be of a text that is gone when it is applied.
        """
        mode = folder.settings.registry.update_yaml
        if mode is not UpdateYaml.NEVER and not self._session.client.applies_edits:
            self._session.messages.ask_to_add(folder, self._answered)  # the user is informed, once
        elif mode is UpdateYaml.ALWAYS or (mode is UpdateYaml.ASK and self._agreed):
            if not is_in_yaml:
                self._session.spawn(self.update(folder))
        elif mode is UpdateYaml.ASK and self._agreed is None:
            self._session.messages.ask_to_add(folder, self._answered)

    def _answered(self, agreed: bool) -> None:  # noqa: FBT001 - the one thing that an answer is
        self._agreed = agreed
        for folder in self._session.folders.values():
            if agreed and folder.settings.registry.update_yaml is UpdateYaml.ASK:
                self._session.spawn(self.update(folder))

    async def update(self, folder: Folder) -> None:
        """Has the editor put into the YAML what its user changed and it lacks."""
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
        session, state = self._session, folder.service.state
        # The client may say later that the file has changed on the disk: an edit of the text before would damage it.
        await session.in_thread(folder.read_registry_document)
        document, snapshot = folder.registry_document, state.snapshot
        wanted = session.own_changes.among(folder.uri, state.discrepancies or ())
        if not wanted or document is None or snapshot is None or state.provenance.source is not Source.POSTGRESQL:
            return True
        now = datetime.now(UTC)
        made = await session.in_thread(lambda: keep_postgresql_side(document, wanted, snapshot, now))
        return not made.edits or await apply(session, _label(made.resolution.resolved), made.edits, document)


def _label(resolved: tuple[Discrepancy, ...]) -> str:
    if len(resolved) == 1:
        return keep_title(resolved[0], "postgresql")
    return f"Put {len(resolved)} changes of the registry into the YAML"
