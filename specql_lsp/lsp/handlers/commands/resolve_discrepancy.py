"""``specql.resolveDiscrepancy``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import folder_for
from specql_lsp.lsp.resolving import NOT_APPLIED, resolving
from specql_lsp.lsp.session import Session
from specql_lsp.registry.consistency.comparison import discrepancy_from_json


async def resolve_discrepancy(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.resolveDiscrepancy``: makes one side hold what the other holds, at one discrepancy.

    Before the database's content is changed or removed the user is asked: always with ``confirmed`` false, which code
    actions send; never with ``confirmed`` true, which a client sends that has asked by itself; without it in a client
    that declares messages with buttons. ``resolved`` is false where the user did not agree, or the
    editor did not make the edit.
    """
    wanted = discrepancy_from_json(argument.get("discrepancy"))
    made = await (await resolving(session, folder_for(session, argument), argument, [wanted])).done(argument)
    if made is None or any(each.message == NOT_APPLIED for each in made.refused):
        return {"resolved": False}
    made.raise_refused()
    return {"resolved": bool(made.resolved)}
