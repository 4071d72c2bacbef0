"""``specql.performanceReport``."""

from __future__ import annotations

from typing import Any

from specql_lsp.lsp.handlers.commands.support import folder_for
from specql_lsp.lsp.session import Session


async def performance_report(session: Session, argument: dict[str, Any]) -> dict[str, Any]:
    """``specql.performanceReport``: how the registry's statements fared, and what was the server's own fault."""
    report = folder_for(session, argument).service.metrics.report()
    return {**report, "internalErrors": session.internal_errors.report()}
