"""``workspace/willRenameFiles``."""

from __future__ import annotations

from lsprotocol import types

from specql_lsp.features.rename.model import FileMove, RenamePlan
from specql_lsp.features.rename.moved_files import Followed, expanded, following, together
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.cancellation import CancellationToken
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.rename_answers import agreed, edit_of, expect, planned, until_known
from specql_lsp.lsp.request_context import RequestContext
from specql_lsp.workspace.uris import canonical

YES, NO = "Change them", "Leave them"


async def will_rename_files(context: RequestContext, params: types.RenameFilesParams) -> Json | None:
    """Offers to let entities follow their files: take their new names, or the schemas of their new folders.

    A client that has labels for changes asks its user whether they are to be made; another one is asked to, if it can.
    """
    session = context.session
    moves = [FileMove(canonical(each.old_uri), canonical(each.new_uri)) for each in params.files]
    moves = [move for move in moves if not session.renames.moves(*move)]
    folder = session.folders.of(moves[0].old_uri) if moves else None
    if folder is None:
        return None
    await until_known(session, folder)
    found = await _followed(context, folder, moves)
    for reason in found.refused:
        context.client.log(types.MessageType.Info, reason)
    plans = [plan for plan in [await agreed(context, folder, each) for each in found.plans] if plan is not None]
    if not plans or not await _wanted(context, plans):
        return None
    edit = await edit_of(context, None, together(plans), offered="Entities follow their files")
    for plan in plans:
        expect(context, folder, plan)
    return edit


async def _followed(context: RequestContext, folder: Folder, moves: list[FileMove]) -> Followed:
    analysis, read = folder.analysis, context.session.reader()

    def find(cancelled: CancellationToken) -> Followed:
        return following(analysis, expanded(analysis, moves), read=read, check=cancelled.check)

    return await planned(context, find)


async def _wanted(context: RequestContext, plans: list[RenamePlan]) -> bool:
    """Whether the user wants the changes; a client with labels asks by itself, and one that cannot ask makes them."""
    client = context.client
    if client.change_annotations or not client.offers_actions:
        return True
    changes = ", ".join(f"{plan.old} → {plan.new}" for plan in plans)
    question = f"Let entities follow their files: {changes}?"
    return await client.ask(types.MessageType.Info, question, [YES, NO]) == YES
