"""Messages to the user about the registry: PostgreSQL was lost or is back, or drift has appeared.

Each is shown once, and again only after its state has changed. A client that shows buttons gets one that leads to the
remedy; nothing waits until it is pressed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lsprotocol import types

from specql_lsp.features.diagnostics import drift
from specql_lsp.lsp.awaiting import outcome
from specql_lsp.lsp.debouncer import Debouncer
from specql_lsp.lsp.positions import Positions
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, RegistryState, Source
from specql_lsp.syntax.text import Span

if TYPE_CHECKING:
    from specql_lsp.features.model import Finding
    from specql_lsp.lsp.client import Client
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.own_changes import OwnChanges
    from specql_lsp.lsp.tasks import Tasks
    from specql_lsp.registry.service.lease_keeper import Confirmation
    from specql_lsp.registry.service.service import RegistryService
    from specql_lsp.workspace.documents import Document

RETRY = "Retry now"
SHOW_DIFFERENCES = "Show differences"
ADD = "Add"
LEAVE = "Not in this session"
_ADD = "Add puts them into it, and what follows in this session, too."
_ALWAYS = "With registry.updateYaml always the editor puts them into it."
_EXPORT = "This editor makes no edits for the server: specql-lsp registry export puts them into it."
SETTLED_MS = 1000
"""Drift is reported when it has lasted so long: an allocated code is often written into the YAML at once."""
OPEN_QUESTIONS = 16
"""The most questions that wait for an answer at once; further messages are shown without a button."""
LONGEST_SENTENCE = 300
FEW = 5
"""So many entities are named in a sentence."""


@dataclass(frozen=True, slots=True)
class _Action:
    """A button: its title, and what it does for the folder of its message."""

    title: str
    run: Callable[[Folder], Awaitable[None]]


class UserMessages:
    """The messages of one session; on the event loop.

    Args:
        client: shows the messages.
        tasks: runs what waits for an answer.
        folders: the workspace folders, by their URIs.
        client_uri: our URI of a document → the client's spelling of it.
        own_changes: what the user changed: nobody is warned of what they did themselves.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        folders: Mapping[str, Folder],
        client_uri: Callable[[str], str],
        own_changes: OwnChanges,
    ) -> None:
        self._client = client
        self._tasks = tasks
        self._folders = folders
        self._client_uri = client_uri
        self._own_changes = own_changes
        self._asked_to_add = False
        self._lost: set[str] = set()
        # By service: a folder that is opened again, or with another registry, gets the message again.
        self._agreed: WeakKeyDictionary[RegistryService, bool] = WeakKeyDictionary()
        self._settling: set[str] = set()
        self._debouncer = Debouncer()
        self._open_questions = 0

    def close(self) -> None:
        """Drops the messages that are not shown yet."""
        self._debouncer.close()

    def changed(self, folder: Folder, state: RegistryState) -> None:
        """Follows a change of a folder's registry."""
        self._watch_loss(folder, state)
        self._watch_drift(folder, state)

    def confirmed(self, folder: Folder, done: tuple[Confirmation, ...]) -> None:
        """Says what became of codes that were given out while PostgreSQL was away."""
        registered = [f"{each.entity} ({each.table_code})" for each in done if each.refused is None]
        if registered:
            shown = ", ".join(registered[:FEW]) + (f" and {len(registered) - FEW} more" if registered[FEW:] else "")
            self._show(folder, types.MessageType.Info, f"Registered, with leased codes: {shown}.")
        for each in done:
            if each.refused is not None:
                self._show(folder, types.MessageType.Warning, each.refused)

    # PostgreSQL lost, and back.

    def _watch_loss(self, folder: Folder, state: RegistryState) -> None:
        key = folder.uri
        if not folder.wants_postgresql:
            self._lost.discard(key)
        answers = state.provenance.source is Source.POSTGRESQL and not state.provenance.stale
        if folder.wants_postgresql and not answers and key not in self._lost:
            self._lost.add(key)
            self._show(folder, types.MessageType.Warning, _loss(state), _Action(RETRY, self._retry))
        elif answers and key in self._lost:
            self._lost.discard(key)
            self._show(folder, types.MessageType.Info, _return(state))

    async def _retry(self, folder: Folder) -> None:
        try:
            state = await outcome(folder.service.refresh())
        except Refused:
            return  # the folder was closed meanwhile
        if folder.uri in self._lost:
            # No second message, but the outcome of the retry is in the log.
            self._client.log(types.MessageType.Warning, self._named(folder, f"Retried. {state.provenance.reason}"))

    # Drift after agreement.

    def _watch_drift(self, folder: Folder, state: RegistryState) -> None:
        """Follows whether the sides agree; while that is unknown, the last known state counts."""
        differs = state.discrepancies
        if differs is not None:
            differs = tuple(self._own_changes.others(folder.uri, differs))
        if not differs:
            self._debouncer.cancel(folder.uri)
            self._settling.discard(folder.uri)
            if differs is not None:
                self._agreed[folder.service] = True
        elif not self._agreed.get(folder.service, False):
            self._agreed[folder.service] = False  # it existed when the folder was opened: its diagnostics say so
        elif folder.uri not in self._settling:
            self._settling.add(folder.uri)
            self._debouncer.call(folder.uri, SETTLED_MS, lambda: self._settled(folder))

    def _settled(self, folder: Folder) -> None:
        self._settling.discard(folder.uri)
        # What the user did is known as theirs when the write is answered, which the registry shows before.
        if not folder.closed and self._own_changes.others(folder.uri, folder.shown_state.discrepancies or ()):
            self._agreed[folder.service] = False
            self._tasks.spawn(self._show_drift(folder))

    async def _show_drift(self, folder: Folder) -> None:
        try:
            await outcome(folder.service.written())
        except Refused:
            return  # the folder was closed meanwhile
        _, found = await self._differences(folder)
        discrepancies = folder.shown_state.discrepancies
        if discrepancies is not None and not self._own_changes.others(folder.uri, discrepancies):
            self._agreed[folder.service] = True  # it was the user's own, or is gone again
            return
        others = self._own_changes.others(folder.uri, (each.discrepancy for each in found if each.discrepancy))
        theirs = set(map(id, others))
        found = tuple(each for each in found if id(each.discrepancy) in theirs)
        if not found or not discrepancies:
            return  # switched off by the settings, or not known any more
        action = _Action(SHOW_DIFFERENCES, self._show_differences) if self._client.shows_documents else None
        self._show(folder, types.MessageType.Warning, _drift(found), action)

    async def _show_differences(self, folder: Folder) -> None:
        document, found = await self._differences(folder)
        state = folder.service.state
        if document is None or not state.discrepancies:
            self._client.show(types.MessageType.Info, self._named(folder, _no_difference(state)))
            return
        first = found[0].span if found else Span(0, 0)  # switched off by the settings meanwhile
        place = Positions(document.lines, self._client.encoding).range(first)
        await self._client.show_document(self._client_uri(document.uri), place)

    async def _differences(self, folder: Folder) -> tuple[Document | None, tuple[Finding, ...]]:
        """The registry's YAML as it is now, and what is reported to differ in it, by place."""
        await self._tasks.in_thread(folder.read_registry_document)
        document = folder.registry_document
        if folder.closed or document is None:
            return None, ()
        analysis = folder.analysis
        return document, await self._tasks.in_thread(lambda: drift(analysis, document))

    # Own changes.

    def ask_to_add(self, folder: Folder, answered: Callable[[bool], None]) -> None:
        """Asks once a session whether the user's own changes are put into the YAML, when they have come to rest.

        Args:
            folder: whose registry was changed last.
            answered: gets the answer, if the question can be asked.
        """
        if not self._asked_to_add:
            delay = SETTLED_MS
            self._debouncer.call(
                f"own:{folder.uri}", delay, lambda: self._tasks.spawn(self._ask_to_add(folder, answered))
            )

    async def _ask_to_add(self, folder: Folder, answered: Callable[[bool], None]) -> None:
        own = self._own_changes.among(folder.uri, folder.service.state.discrepancies or ())
        if folder.closed or not own or self._asked_to_add:
            return
        self._asked_to_add = True
        asks = self._client.offers_actions and self._open_questions < OPEN_QUESTIONS
        if not asks or not self._client.applies_edits:
            way = _ALWAYS if self._client.applies_edits else _EXPORT
            self._client.show(types.MessageType.Info, self._named(folder, f"{_not_in_yaml(own)} {way}"))
            return
        message = self._named(folder, f"{_not_in_yaml(own)} {_ADD}")
        self._open_questions += 1
        try:
            chosen = await self._client.ask(types.MessageType.Info, message, [ADD, LEAVE])
        finally:
            self._open_questions -= 1
        answered(chosen == ADD)

    # Showing.

    def _show(self, folder: Folder, kind: types.MessageType, sentence: str, action: _Action | None = None) -> None:
        message = self._named(folder, sentence)
        if action is None or not self._client.offers_actions or self._open_questions >= OPEN_QUESTIONS:
            self._client.show(kind, message)
        else:
            self._tasks.spawn(self._offer(folder.uri, kind, message, action))

    async def _offer(self, uri: str, kind: types.MessageType, message: str, action: _Action) -> None:
        self._open_questions += 1
        try:
            chosen = await self._client.ask(kind, message, [action.title])
        finally:
            self._open_questions -= 1
        # Hours may have passed: the folder may have been closed, or opened again with other settings.
        folder = self._folders.get(uri)
        if chosen == action.title and folder is not None:
            await action.run(folder)

    def _named(self, folder: Folder, sentence: str) -> str:
        """The sentence; of several folders, with the name of its own."""
        if len(self._folders) < 2 or folder.path is None:
            return sentence
        names = [other.path.name for other in self._folders.values() if other.path is not None]
        return f"{folder.path.name if names.count(folder.path.name) == 1 else folder.path}: {sentence}"


def _return(state: RegistryState) -> str:
    if state.provenance.writable:
        return "PostgreSQL answers again; the SpecQL registry can be written."
    return f"PostgreSQL answers again; the SpecQL registry is read-only. {state.provenance.reason}"


def _loss(state: RegistryState) -> str:
    provenance = state.provenance
    where = f" of {provenance.server}" if provenance.server else ""
    if provenance.source is Source.YAML:
        answers = "is answered from YAML, read-only, until PostgreSQL is back"
    elif provenance.file is not None:
        answers = f"is answered from {provenance.file.in_words}, read-only"
    elif provenance.stale:
        answers = "is answered from what PostgreSQL last said, read-only"
    else:
        return f"No SpecQL registry can be read: {provenance.reason}"
    sentence = f"{provenance.reason} The SpecQL registry{where} {answers}."
    return f"{sentence} {provenance.leases_in_words}".rstrip()


def _no_difference(state: RegistryState) -> str:
    if state.discrepancies is None:
        return f"PostgreSQL and the registry YAML cannot be compared now. {state.provenance.reason}".strip()
    return "PostgreSQL and the registry YAML do not differ any more."


def _not_in_yaml(own: Sequence[Discrepancy]) -> str:
    if any(each.type is not DiscrepancyType.MISSING_ENTITY_IN_YAML for each in own):
        count = "One" if len(own) == 1 else str(len(own))
        return f"{count} of your changes of the registry {'is' if len(own) == 1 else 'are'} not in the YAML yet."
    return "1 code is not in the YAML yet." if len(own) == 1 else f"{len(own)} codes are not in the YAML yet."


def _drift(found: tuple[Finding, ...]) -> str:
    places = "1 place" if len(found) == 1 else f"{len(found)} places"
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    first = shorten(found[0].message, LONGEST_SENTENCE, placeholder=" …")
    return f"PostgreSQL and the registry YAML differ in {places}: {first}{more}"
