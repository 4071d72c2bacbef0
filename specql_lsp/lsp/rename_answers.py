"""From the plan of a rename to the answer: the user is asked where the registry cannot follow, and the edit is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from specql_lsp.features.rename.model import RenamePlan, RenameRefused
from specql_lsp.features.rename.wording import question
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.cancellation import CancellationToken
from specql_lsp.lsp.convert.renames import workspace_edit
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.request_context import RequestContext
from specql_lsp.lsp.session import Session
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import DomainRename
from specql_lsp.workspace.documents import Document

FILES_ALONE = "Rename in the files alone"
CANCEL = "Cancel"

_Plan = TypeVar("_Plan")


async def until_known(session: Session, folder: Folder | None) -> None:
    """Waits until every file of a folder and its registry have been read: a rename must miss none.

    The registry's YAML is read now, after the edits that the server is having made in it: the client may say later
    that it has changed on the disk.
    """
    if folder is not None:
        await folder.until_registry_answered()
        async with session.edit_order.of([folder.registry_uri]):
            await session.in_thread(folder.read_registry_document)
        await session.index_now(folder)


async def planned(context: RequestContext, work: Callable[[CancellationToken], _Plan]) -> _Plan:
    """Awaits what makes a plan, on the requests' thread.

    Raises:
        Refused: kind ``invalid-argument``: the rename cannot be done.
    """
    try:
        return await context.on_worker(work)
    except RenameRefused as refused:
        raise Refused(RefusalKind.INVALID_ARGUMENT, refused.message) from None


async def agreed(context: RequestContext, folder: Folder | None, plan: RenamePlan) -> RenamePlan | None:
    """The plan as far as it can be carried out; None where the user does not want that.

    Without PostgreSQL the YAML is the registry, and its edit is the rename. Where PostgreSQL is to have the name and
    cannot be written, the user is asked whether the files alone are to be renamed. A client that cannot ask gets that;
    what is left to do is said once the edit is applied (``PendingRenames``).

    Raises:
        Refused: kind ``registry-read-only``: a domain is renamed only together with the registry.
    """
    if folder is None or plan.registry is None or not _cannot_follow(folder):
        return plan
    reason, alone = folder.service.state.provenance.reason, plan.in_files_alone()
    if isinstance(plan.registry, DomainRename) or not alone.files:
        raise Refused(
            RefusalKind.REGISTRY_READ_ONLY,
            f"{plan.old} is a name in the registry, which cannot be written now. {reason}".strip(),
        )
    if not context.client.offers_actions:
        return alone
    chosen = await context.client.ask(types.MessageType.Warning, question(plan, reason), [FILES_ALONE, CANCEL])
    return alone if chosen == FILES_ALONE else None


def _cannot_follow(folder: Folder) -> bool:
    """Whether PostgreSQL is to have the names of this folder, and cannot be written."""
    return folder.wants_postgresql and not folder.service.state.provenance.writable


async def edit_of(
    context: RequestContext, folder: Folder | None, plan: RenamePlan, *, offered: str | None = None
) -> Json:
    """The workspace edit of a plan; from now on it is looked for in the files.

    Args:
        context: the request's.
        folder: the workspace folder whose registry follows; None: none does.
        plan: the rename.
        offered: see ``workspace_edit``.

    Raises:
        JsonRpcContentModified: one of the files has another text by now.
    """
    client, client_uri = context.client, context.client_uri
    edit = await context.on_worker(lambda _: workspace_edit(plan, client, client_uri, offered=offered))
    session, documents = context.session, [file.document for file in plan.files]
    async with session.edit_order.of(document.uri for document in documents):  # after the edits that are being made
        closed = [document for document in documents if document.version is None]
        read = session.reader()
        is_as_read = await session.in_thread(lambda: all(_is_as_read(read(each.uri), each) for each in closed))
        now = session.open.now()
        if not is_as_read or not all(
            _is_as_read(now.get(each.uri), each) for each in documents if each.uri in now or each.version is not None
        ):
            raise JsonRpcContentModified("A file of the rename has changed since the request.")
        if folder is not None:
            expect(context, folder, plan)
            if client.renames_files:
                context.session.renames.answered(plan.move)
    return Json(edit)


def _is_as_read(now: Document | None, document: Document) -> bool:
    """Whether a file has the text that the edit is of."""
    return now is not None and now.text == document.text


def expect(context: RequestContext, folder: Folder, plan: RenamePlan) -> None:
    """Has the registry follow a plan that is answered now; where the YAML is the registry, its edit is enough."""
    if folder.wants_postgresql or folder.service.state.provenance.writable:
        context.session.renames.expect(folder, plan)
