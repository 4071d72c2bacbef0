"""``textDocument/rename``."""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from specql_lsp.features.rename.model import RenamePlan
from specql_lsp.features.rename.plan import rename as plan_rename
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.cancellation import CancellationToken
from specql_lsp.lsp.rename_answers import agreed, edit_of, planned, until_known
from specql_lsp.lsp.request_context import DocumentContext, document_context
from specql_lsp.registry.refusals import RefusalKind, Refused


async def rename(context: DocumentContext, params: types.RenameParams) -> Json | None:
    """Every change that gives the name at a position another text.

    Of a name that the registry has, too, the registry follows when the edit is seen to be applied
    (``PendingRenames``). Null where the user does not want what is left of it.
    """
    folder = context.folder
    await until_known(context.session, folder)
    context = _as_it_is_now(context)
    offset = context.positions.offset(params.position)

    def plan_it(cancelled: CancellationToken) -> RenamePlan:
        analysis, document, read = context.analysis, context.document, context.read
        return plan_rename(analysis, document, offset, params.new_name, read=read, check=cancelled.check)

    made = await planned(context, plan_it)
    if made.needs_move and not context.client.renames_files:
        reason = f"{made.old} is named after its file, and this editor takes no edit that renames one: rename the file."
        raise Refused(RefusalKind.INVALID_ARGUMENT, reason)
    plan = await agreed(context, folder, made)
    return await edit_of(context, folder, plan) if plan is not None else None


def _as_it_is_now(context: DocumentContext) -> DocumentContext:
    """The context of this moment: files may have been read meanwhile."""
    now = document_context(context.session, context.document.uri, on_worker=True, worker=context.worker)
    if now is None or not context.is_current:
        raise JsonRpcContentModified("The document has changed since the request.")
    return now
