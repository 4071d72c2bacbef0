"""Opens workspace folders with the client's settings for them (``workspace/configuration``)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from specql_lsp.lsp.registrations import register
from specql_lsp.lsp.routes import REQUESTS
from specql_lsp.lsp.session import Session
from specql_lsp.workspace.uris import canonical, path_of

logger = logging.getLogger(__name__)

CONFIGURATION_SECONDS = 2.0
"""So long the folders wait for the client's settings before they begin with what is known."""


def begin(session: Session, uris: list[str]) -> None:
    """Opens the first folders, then asks the client to report changes (after ``initialized``).

    The client's messages are held since ``initialize``; they are handled as soon as the folders are open.
    """

    async def run() -> None:
        try:
            await open_folders(session, on_disk(uris) or [""])
        finally:
            session.client.release()
        await register(session)
        for folder in list(session.folders.values()):
            await folder.until_indexed()
            await folder.until_registry_answered()
        await asyncio.sleep(0)  # what is open is checked first
        await _load_handlers(session)

    session.spawn(run())


async def _load_handlers(session: Session) -> None:
    """Imports what answers requests, when nothing else is to be done: the first completion would wait 35 ms for it."""
    for route in REQUESTS:
        await session.in_thread(route.load)


async def open_folders(session: Session, uris: list[str]) -> None:
    """Opens workspace folders with the client's settings for each; a client that does not answer is not waited for."""
    configurations: list[Any] = [None] * len(uris)
    if uris and session.client.pulls_configuration:
        pull = asyncio.ensure_future(session.client.configuration([uri or None for uri in uris]))
        try:
            # Shielded: pygls breaks when a request of ours is cancelled while its answer arrives (issue 621).
            answer = await asyncio.wait_for(asyncio.shield(pull), CONFIGURATION_SECONDS)
            if answer is not None and len(answer) == len(uris):
                configurations = answer
        except TimeoutError:
            logger.warning("The client did not give its configuration within %s s", CONFIGURATION_SECONDS)
            pull.add_done_callback(lambda late: _late(session, uris, late))
    for uri, configuration in zip(uris, configurations, strict=True):
        try:
            session.folder_changes.add(uri, configuration)
        except Exception:  # the other folders are opened all the same
            logger.exception("The folder %s could not be opened", uri)


def on_disk(uris: list[str]) -> list[str]:
    """The folders that are on this machine's disk; what is elsewhere cannot be read."""
    for uri in uris:
        if uri and path_of(uri) is None:
            logger.warning("The folder %s is not on this machine's disk: its files and its registry are not read.", uri)
    return [uri for uri in uris if path_of(uri) is not None]


def _late(session: Session, uris: list[str], pull: asyncio.Future[list[Any] | None]) -> None:
    if not pull.cancelled() and pull.exception() is None:
        apply_configurations(session, uris, pull.result())


def apply_configurations(session: Session, uris: list[str], answer: list[Any] | None) -> None:
    """Takes the settings of some folders, in their order; None or another number of them changes nothing."""
    if answer is None or len(answer) != len(uris):
        return
    for uri, configuration in zip(uris, answer, strict=True):
        folder = session.folders.get(canonical(uri))
        if folder is not None:
            session.folder_changes.reload_settings(folder, configuration)
