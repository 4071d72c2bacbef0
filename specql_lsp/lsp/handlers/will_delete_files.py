"""``workspace/willDeleteFiles``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.registered_files import RegisteredFile, files_of_code, registered_files
from specql_lsp.language.table_code import normalize
from specql_lsp.lsp.awaiting import outcome
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.request_context import RequestContext
from specql_lsp.lsp.session import Session
from specql_lsp.registry.corrections import refuse_unknown_files
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import CodeRelease
from specql_lsp.workspace.uris import canonical, name_of

KEEP = "Keep the registration"
_MOST_NAMES = 3


async def will_delete_files(context: RequestContext, params: types.DeleteFilesParams) -> None:
    """Warns that entities of files to be deleted are registered, and offers to release their codes.

    The deletion does not wait for the answer, and nothing can keep a client from it (LSP 3.17, "willDeleteFiles").
    """
    session = context.session
    uris = [canonical(each.uri) for each in params.files]
    folder = session.folders.of(uris[0]) if uris else None
    if folder is None or not folder.indexed:
        return
    found = registered_files(folder.analysis, uris)
    if found:
        session.spawn(_warn(session, folder, found))


async def _warn(session: Session, folder: Folder, found: tuple[RegisteredFile, ...]) -> None:
    client, release = session.client, _button(found)
    if not (client.offers_actions and folder.service.state.provenance.writable):
        client.show(types.MessageType.Warning, _message(found))
        return
    if await client.ask(types.MessageType.Warning, _message(found), [release, KEEP]) != release or folder.closed:
        return
    refused: list[str] = []
    for each in found:
        reason = await _release(session, folder, each)
        if reason is not None:
            refused.append(reason)
    if refused:
        client.show(types.MessageType.Warning, " ".join(refused[:_MOST_NAMES]))


async def _release(session: Session, folder: Folder, file: RegisteredFile) -> str | None:
    """Releases the code of a deleted file's entity; a sentence where that is not done."""
    domain, subdomain, entity = file.registration
    users = files_of_code(folder.analysis, domain, entity.name, entity.table_code)
    # What was deleted may not have been seen yet.
    left = [each for each in users if session.read_document(each.uri) is not None]
    if left:
        return f"The code {entity.table_code} is kept: {name_of(left[0].uri)} uses it."
    request = CodeRelease(domain.number, entity.name, subdomain.number, entity.table_code)
    try:
        if folder.not_searched is not None:
            refuse_unknown_files(entity.name, entity.table_code, [folder.not_searched])
        await outcome(folder.service.release_code(request))
    except Refused as refused:
        return refused.message
    session.changed_registry(folder, RegistryPath(domain.number, subdomain.number, entity.name))
    return None


def _button(found: tuple[RegisteredFile, ...]) -> str:
    if len(found) == 1:
        return f"Release {normalize(found[0].registration.entity.table_code)}"
    return f"Release {len(found)} codes"


def _message(found: tuple[RegisteredFile, ...]) -> str:
    named = [f"{r.entity.name} ({normalize(r.entity.table_code)})" for _, r in found]
    if len(found) == 1:
        return f"{named[0]} is registered, and stays so when {name_of(found[0].facts.uri)} is deleted."
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return f"{', '.join(named[:_MOST_NAMES])}{more} are registered, and stay so when their files are deleted."
