"""``specql.allocateMissingCodes``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from specql_lsp.features.missing_codes import MissingCode, Undecided, files_without_code, missing_codes
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.handlers.commands.support import (
    allocated_path,
    result,
    snapshot_of,
    text,
    texts,
    truth,
    with_registry_document,
)
from specql_lsp.lsp.handlers.commands.written_codes import WrittenCode, named, write_codes
from specql_lsp.lsp.session import Session
from specql_lsp.registry.refusals import RefusalKind, Refused, refuse_unwritable
from specql_lsp.registry.requests import Allocation
from specql_lsp.registry.serialization import allocation_to_json
from specql_lsp.workspace.uris import canonical, is_editable

_Given = tuple[MissingCode, Allocation]


async def allocate_missing_codes(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.allocateMissingCodes``: codes for all files that have none, one transaction a domain, and one edit."""
    is_preview = truth(argument, "dryRun", default=False)
    scopes = [each for each in (text(argument, "folder"), *texts(argument, "uris")) if each]
    folders = _folders(session, scopes)
    within = _within(scopes)
    given: list[_Given] = []
    undecided: list[Undecided] = []
    for folder in folders:
        await folder.until_registry_answered()
        await with_registry_document(session, folder)
        await session.index_now(folder)  # the codes in files are never given out
        await _of_folder(session, folder, within, given, undecided, is_preview=is_preview)
    if not is_preview:
        written = [WrittenCode(m.uri, m.request.entity, allocation.table_code, None) for m, allocation in given]
        left = await write_codes(session, "Allocate", written)
        if left:
            session.client.show(
                types.MessageType.Warning,
                f"The codes are registered, but the editor did not write them into {named(left)}. Allocate missing "
                "codes again: each file gets the code that it has.",
            )
    return {
        "allocated": [_allocated(session, missing, allocation) for missing, allocation in given],
        "refused": [
            {
                "uri": session.client_uri(each.uri),
                "entity": each.entity,
                "kind": each.kind.value,
                "message": each.message,
            }
            for each in undecided
        ],
    }


async def _of_folder(
    session: Session,
    folder: Folder,
    within: Callable[[str], bool],
    given: list[_Given],
    undecided: list[Undecided],
    *,
    is_preview: bool,
) -> None:
    """Adds what the files of one workspace folder get, and what gets nothing."""
    snapshot_of(folder)  # without a registry it is refused, also where every file has a code
    analysis = folder.analysis
    uris = [uri for uri in files_without_code(folder.index, within) if is_editable(uri)]
    if not uris:
        return
    refuse_unwritable(folder.service.state.provenance, allocates=True)
    reader = session.reader()
    read = await session.in_thread(lambda: [document for uri in uris if (document := reader(uri)) is not None])
    found = missing_codes(analysis, read)
    undecided += found.undecided
    for group in found.by_domain.values():
        requests = [each.request for each in group]
        try:
            answers = (
                folder.service.allocations_now(requests)
                if is_preview
                else await result(folder.service.allocate_all(requests))
            )
        except Refused as refused:
            answers = (refused,) * len(group)
        for missing, answer in zip(group, answers, strict=True):
            if isinstance(answer, Refused):
                undecided.append(Undecided(missing.uri, missing.request.entity, answer.kind, answer.message))
            else:
                given.append((missing, answer))
        if not is_preview:
            made = (allocated_path(each) for each in answers if isinstance(each, Allocation))
            session.changed_registry(folder, *made)


def _folders(session: Session, scopes: list[str]) -> list[Folder]:
    """The workspace folders that hold what is asked about; all of them where nothing is named."""
    if not session.folders:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, "No folder is open, so there is no registry.")
    if not scopes:
        return list(session.folders.values())
    found: dict[str, Folder] = {}
    for scope in scopes:
        folder = session.folders.get(canonical(scope)) or session.folders.of(canonical(scope))
        if folder is None:
            raise Refused(RefusalKind.INVALID_ARGUMENT, f"{scope} is in none of the workspace's folders.")
        found[folder.uri] = folder
    return list(found.values())


def _within(scopes: list[str]) -> Callable[[str], bool]:
    """Whether a file is one of those asked about, or beneath a folder asked about."""
    if not scopes:
        return lambda _uri: True
    exact = frozenset(canonical(scope).rstrip("/") for scope in scopes)
    beneath = tuple(f"{scope}/" for scope in exact)
    return lambda uri: uri in exact or uri.startswith(beneath)


def _allocated(session: Session, missing: MissingCode, allocation: Allocation) -> dict[str, Any]:
    return {"uri": session.client_uri(missing.uri), **allocation_to_json(allocation)}
