"""Renames that were answered and whose name the registry has, too: it is renamed when the edit is seen to be applied.

LSP's rename answers with an edit alone; whether the client applies it shows in the files. A rename that is never
applied changes nothing. What the registry refuses is reported, with the ways to finish and to undo it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from specql_lsp.features.rename.model import FileEdits, FileMove, RenamePlan
from specql_lsp.features.rename.progress import Progress, progress
from specql_lsp.features.rename.undo import undone
from specql_lsp.features.rename.wording import back_again, finished, unfinished
from specql_lsp.lsp.awaiting import outcome
from specql_lsp.lsp.convert.renames import workspace_edit
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import DomainRename, EntityRename
from specql_lsp.workspace.uris import name_of

if TYPE_CHECKING:
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.tasks import Tasks
    from specql_lsp.workspace.documents import Document

logger = logging.getLogger(__name__)

MOST = 16
"""So many answered renames are remembered; a client that applies none of them must not fill the memory."""
AGAIN = "Try again"
UNDO = "Undo the rename"
BACK = "Rename it back"
KEEP = "Keep it"


@dataclass(frozen=True, slots=True)
class _Pending:
    """A rename that was answered, and the file in which it shows that it is applied."""

    folder: Folder
    plan: RenamePlan
    request: EntityRename | DomainRename
    file: FileEdits
    uris: frozenset[str]


class PendingRenames:
    """The renames of one session that wait for their edit; on the event loop.

    Args:
        client: what messages are shown by, and edits applied.
        tasks: runs what waits for the registry or the user.
        read: the document of a file as it is now: the editor's, else the disk's.
        client_uri: our URI of a document → the client's spelling of it.
        changed: called with the folder whose registry has followed a rename, the paths that it concerns, and whether
            the client makes the same change in the registry's YAML.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        read: Callable[[str], Document | None],
        client_uri: Callable[[str], str],
        changed: Callable[[Folder, RegistryPath, RegistryPath, bool], None],
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._read = read
        self._client_uri = client_uri
        self._changed = changed
        self._pending: list[_Pending] = []
        self._moves: list[FileMove] = []
        """Those of answered renames; a client may ask once what follows of each."""
        self._done: list[_Pending] = []
        """Those that the registry has followed: the editor's undo takes them back in files alone."""

    def expect(self, folder: Folder, plan: RenamePlan) -> None:
        """Remembers a rename that is answered now; one of the same name that was answered before is forgotten."""
        file, request = plan.key_file, plan.registry
        if file is None or request is None:
            return
        uri = file.document.uri
        moved = {plan.move.new_uri} if plan.move is not None and plan.move.old_uri == uri else set()
        pending = _Pending(folder, plan, request, file, frozenset({uri, *moved}))
        kept = [each for each in self._pending if each.uris.isdisjoint(pending.uris) or each.plan.old != plan.old]
        self._pending = [*kept, pending][-MOST:]
        self._done = [each for each in self._done if each.uris.isdisjoint(pending.uris)]

    def answered(self, move: FileMove | None) -> None:
        """Remembers the move of a file that is part of the answer to a rename."""
        self._moves = [*self._moves, *([move] if move is not None else [])][-MOST:]

    def moves(self, old_uri: str, new_uri: str) -> bool:
        """Whether a file is moved by a rename that was answered, and not by its user alone; asked once for each."""
        wanted = FileMove(old_uri, new_uri)
        is_answered = wanted in self._moves
        self._moves = [each for each in self._moves if each != wanted]
        return is_answered or any(each.plan.move == wanted for each in self._pending)

    def look(self, document: Document) -> None:
        """Looks whether the text of a file shows that an edit is applied, or never will be."""
        for pending in [each for each in self._pending if document.uri in each.uris]:
            seen = progress(pending.file, document.text)
            if seen is Progress.ALL or (seen is not Progress.NONE and _defines(document, pending)):
                self._pending.remove(pending)
                if not pending.folder.closed:
                    self._tasks.spawn(self._finish(pending))
            elif seen is Progress.OTHER:
                # The edit is of a text that is gone: a client that knows versions refuses it from now on.
                self._pending.remove(pending)
        for pending in [each for each in self._done if document.uri in each.uris]:
            if progress(pending.file, document.text) is Progress.NONE:
                self._done.remove(pending)
                if not pending.folder.closed and self._client.offers_actions:
                    self._tasks.spawn(self._offer_back(pending))

    async def _finish(self, pending: _Pending) -> None:
        """Renames in the registry; where that is refused, the user decides."""
        refused = await self._refusal(pending, pending.request, is_in_yaml=pending.plan.edits_registry)
        while refused is not None and not pending.folder.closed:
            chosen = await self._report(pending, refused)
            if chosen == UNDO:
                await self._undo(pending)
            if chosen != AGAIN or self._is_taken_back(pending):
                return
            refused = await self._refusal(pending, pending.request, is_in_yaml=pending.plan.edits_registry)
        if refused is None:
            self._client.log(types.MessageType.Info, finished(pending.plan))
            if not self._is_taken_back(pending):
                self._done = [*self._done, pending][-MOST:]
            elif self._client.offers_actions:  # while the registry was asked
                await self._offer_back(pending)

    def _is_taken_back(self, pending: _Pending) -> bool:
        """Whether the file has the old name again, as after the editor's undo."""
        texts = [document.text for uri in pending.uris if (document := self._read(uri)) is not None]
        return any(progress(pending.file, text) is Progress.NONE for text in texts)

    async def _refusal(
        self, pending: _Pending, request: EntityRename | DomainRename, *, is_in_yaml: bool
    ) -> Refused | None:
        """Asks the registry for a rename; why it refuses, or None once it has the name."""
        try:
            await outcome(_asked(pending.folder, request))
        except Refused as refused:
            return refused
        self._changed(pending.folder, *_paths(request), is_in_yaml)
        return None

    async def _offer_back(self, pending: _Pending) -> None:
        """Asks whether the registry is to have the old name again; another branch in the files looks the same."""
        kind, question = types.MessageType.Info, back_again(pending.plan, name_of(pending.file.document.uri))
        if await self._client.ask(kind, question, [BACK, KEEP]) == BACK and not pending.folder.closed:
            refused = await self._refusal(pending, _reversed(pending.request), is_in_yaml=False)
            if refused is not None:
                self._client.show(types.MessageType.Warning, refused.message)

    async def _report(self, pending: _Pending, refused: Refused) -> str | None:
        message = unfinished(pending.plan, refused.message)
        logger.warning("%s", message)
        if self._client.offers_actions:
            buttons = [AGAIN, UNDO] if self._client.applies_edits else [AGAIN]
            return await self._client.ask(types.MessageType.Warning, message, buttons)
        self._client.show(types.MessageType.Warning, message)
        return None

    async def _undo(self, pending: _Pending) -> None:
        back, changed = undone(pending.plan, self._read)
        edit = workspace_edit(back, self._client, self._client_uri)
        applied = bool(back.files) and await self._client.apply_json(f"{UNDO} of {pending.plan.old}", edit)
        if changed or not applied:
            left = ", ".join(changed) if applied else "the files"
            self._client.show(
                types.MessageType.Warning,
                f"{pending.plan.new} is not renamed back to {pending.plan.old} in {left}: rename it there by hand.",
            )


def _reversed(request: EntityRename | DomainRename) -> EntityRename | DomainRename:
    if isinstance(request, EntityRename):
        return replace(request, entity=request.new_name, new_name=request.entity)
    return replace(request, name=request.new_name, new_name=request.name)


def _paths(request: EntityRename | DomainRename) -> tuple[RegistryPath, RegistryPath]:
    """The old and the new path of what is renamed."""
    if isinstance(request, DomainRename):
        return RegistryPath(request.domain), RegistryPath(request.domain)
    place = RegistryPath(request.domain, request.subdomain)
    return place._replace(entity=request.entity), place._replace(entity=request.new_name)


def _asked(folder: Folder, request: EntityRename | DomainRename) -> Future[Any]:
    service = folder.service
    return service.rename_entity(request) if isinstance(request, EntityRename) else service.rename_domain(request)


def _defines(document: Document, pending: _Pending) -> bool:
    """Whether a file defines an entity of the new name, and none of the old one."""
    if not isinstance(pending.request, EntityRename):
        return False
    entities = document.for_requests.entities  # a long text is parsed elsewhere
    names = {entity.name.value for entity in entities if entity.name is not None}
    return pending.plan.new in names and pending.plan.old not in names
