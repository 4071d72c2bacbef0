"""``specql.resolveDiscrepancies``."""

from __future__ import annotations

from typing import Any

from specql_lsp.features.discrepancy_titles import changes_to_json
from specql_lsp.lsp.handlers.commands.support import folder_for, truth
from specql_lsp.lsp.resolving import question_of, resolving
from specql_lsp.lsp.session import Session
from specql_lsp.registry.consistency.comparison import discrepancy_from_json
from specql_lsp.registry.consistency.resolution import Resolution, resolution_to_json
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.state import Discrepancy


async def resolve_discrepancies(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.resolveDiscrepancies``: makes one side hold what the other holds, at all discrepancies or those given.

    The YAML gets one edit, the database one transaction. What cannot be resolved is ``refused`` with its reason and
    hinders nothing else. The user is asked as by ``specql.resolveDiscrepancy``, once for all.

    With ``dryRun`` nothing is done: the answer says what would be, in words (``changes``), and what a client asks its
    user before the shared database is changed (``question``, null where nothing needs to be asked).
    """
    wanted = _wanted(argument)
    dry_run = truth(argument, "dryRun", default=False)
    chosen = await resolving(session, folder_for(session, argument), argument, wanted)
    made = await chosen.planned() if dry_run else await chosen.done(argument)
    if made is None:
        return resolution_to_json(Resolution())
    answer = resolution_to_json(made)
    if dry_run:
        answer["changes"] = changes_to_json(made.resolved, chosen.keep, (chosen.state.snapshot, chosen.yaml))
        answer["question"] = question_of(chosen.state, made.resolved) if chosen.keep == "yaml" else None
    return answer


def _wanted(argument: dict[str, Any]) -> list[Discrepancy] | None:
    given = argument.get("discrepancies")
    if given is None:
        return None
    if not isinstance(given, list | tuple):
        raise Refused(RefusalKind.INVALID_ARGUMENT, "discrepancies must be a list.")
    return [discrepancy_from_json(each) for each in given]
