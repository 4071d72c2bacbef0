"""Shared by the commands: reads their argument, finds their folder, awaits the registry, edits a document."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from specql_lsp.lsp.awaiting import outcome
from specql_lsp.lsp.convert.edits import EditConverter
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import canonical, name_of

_T = TypeVar("_T")


def required(argument: dict[str, Any], key: str) -> str:
    """A text that must be there and not empty, else ``Refused``."""
    value = text(argument, key)
    if value is None:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{key} is missing.")
    return value


def text(argument: dict[str, Any], key: str) -> str | None:
    """A text; None where it is missing or empty. Anything else is ``Refused``."""
    value = argument.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{key} must be a text.")
    return value


def texts(argument: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts; empty where it is missing. Anything else is ``Refused``."""
    value = argument.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{key} must be a list of texts.")
    return tuple(value)


def truth(argument: dict[str, Any], key: str, *, default: bool) -> bool:
    """A boolean; ``default`` where it is missing. Anything else is ``Refused``."""
    value = argument.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{key} must be true or false.")
    return value


def folder_for(session: Session, argument: dict[str, Any]) -> Folder:
    """The folder that a command is about: that of its ``uri``, the one named by ``folder``, else the first.

    A ``uri`` that is in none of several folders needs ``folder``, too.
    """
    uri, named = text(argument, "uri"), text(argument, "folder")
    if named is not None and (uri is None or session.folders.for_command(uri) is None):
        found = session.folders.get(canonical(named))
        if found is None:
            raise Refused(RefusalKind.INVALID_ARGUMENT, f"{named} is not a folder of the workspace.")
        return found
    folder = session.folders.for_command(uri)
    if folder is None and uri is not None and session.folders:
        reason = f"{uri} is in none of the workspace's folders: name the one whose registry is meant (folder)."
        raise Refused(RefusalKind.INVALID_ARGUMENT, reason)
    if folder is None:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, "No folder is open, so there is no registry.")
    return folder


async def answering_folder(session: Session, argument: dict[str, Any]) -> Folder:
    """As ``folder_for``, once its registry and its YAML have been read for the first time, or cannot be read."""
    folder = folder_for(session, argument)
    await folder.until_registry_answered()
    await with_registry_document(session, folder)
    return folder


async def with_registry_document(session: Session, folder: Folder) -> None:
    """Reads the registry's YAML where that has not been done: at the start it comes after the entity files."""
    if folder.registry_document is None:
        await session.in_thread(folder.read_registry_document)


def document_of(session: Session, uri: str) -> Document | None:
    """The document of a file: the editor's text, else the disk's; ``Refused`` where the editor's is not known."""
    if session.open.is_lost(canonical(uri)):
        raise Refused(
            RefusalKind.CONFLICT, f"What the editor shows of {name_of(uri)} is not known. Close it and open it again."
        )
    return session.read_document(uri)


def snapshot_of(folder: Folder) -> Snapshot:
    """The registry that answers; ``Refused`` where none can be read. It counts in the performance report."""
    state = folder.service.state
    if state.snapshot is None:
        folder.service.metrics.cache_miss()
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"No registry can be read: {state.provenance.reason}")
    folder.service.metrics.cache_hit()
    return state.snapshot


async def result(future: Future[_T]) -> _T:
    """Awaits the registry's worker. If the request is cancelled, the work still ends: it may be committed already."""
    return await outcome(future)


async def refreshed(folder: Folder) -> RegistryState:
    """The registry after every source was read now."""
    return await result(folder.service.refresh())


def allocated_path(allocation: Allocation) -> RegistryPath:
    """The path of a registered entity."""
    return RegistryPath(allocation.domain.number, allocation.subdomain.number, allocation.entity)


async def apply(session: Session, label: str, edits: tuple[TextEdit, ...], document: Document) -> bool:
    """Asks the client to edit a document; whether it did."""
    return await apply_all(session, label, {document.uri: edits}, {document.uri: document})


async def apply_all(
    session: Session, label: str, edits: Mapping[str, tuple[TextEdit, ...]], documents: Mapping[str, Document]
) -> bool:
    """Asks the client to edit documents, in one edit; whether it did.

    Args:
        session: whose client it is.
        label: what the client calls the edit.
        edits: of each document, by its URI.
        documents: the documents as they were when the edits were made.
    """
    if not session.client.applies_edits or any(session.open.is_lost(uri) for uri in edits):
        return False
    converter = EditConverter(
        session.client.encoding,
        documents.get,
        session.client_uri,
        document_changes=session.client.document_changes,
    )
    return await session.client.apply(label, converter.workspace_edit(edits))
