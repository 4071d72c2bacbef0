"""How operations of the registry service end otherwise than well: refusals, lost answers, surprises."""

from __future__ import annotations

import logging
import traceback
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from specql_lsp.registry.consistency.comparison import same_place
from specql_lsp.registry.model import Allocation, Discrepancy, RefusalKind, Refused, RegistryState, Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")


def closed() -> Refused:
    """The refusal of whatever is asked of a closed registry."""
    return Refused(RefusalKind.REGISTRY_UNAVAILABLE, "The registry is closed.")


def unavailable(error: SourceUnavailableError) -> Refused:
    """The refusal of a write that could not be done, or whose answer was lost, so that its outcome is not known."""
    advice = "" if error.lasting else " Ask again; nothing is allocated twice."
    return Refused(RefusalKind.REGISTRY_UNAVAILABLE, error.reason + advice)


def refuse(future: Future[_Result], refusal: Refused) -> None:
    """Ends a future that nobody will work on, unless it was cancelled."""
    if future.set_running_or_notify_cancel():
        future.set_exception(refusal)


def log_unexpected(doing: str, error: Exception) -> None:
    """Logs an exception that no rule covers, without its text: a driver's text can hold a password."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("Unexpected %s while %s:\n%s", type(error).__name__, doing, frames, extra={"has_lines": True})


def with_known_short_code(allocation: Allocation, snapshot: Snapshot | None) -> Allocation:
    """The allocation with the short code that the registry YAML has for the entity, where it has one."""
    if snapshot is None:
        return allocation
    known = next(
        (
            registration.entity.entity_code
            for registration in snapshot.by_code(allocation.table_code)
            if registration.entity.entity_code and registration.entity.name.lower() == allocation.entity.lower()
        ),
        None,
    )
    return replace(allocation, entity_code=known) if known else allocation


def differing_yaml(state: RegistryState, discrepancy: Discrepancy, yaml_problem: str | None) -> Snapshot:
    """The YAML side, when it still differs from PostgreSQL in the place of a discrepancy.

    Raises:
        Refused: kind ``registry-unavailable`` when the sides cannot be compared, ``conflict`` when they agree there.
    """
    if state.discrepancies is None or state.yaml is None:
        reason = yaml_problem or "This registry is not compared with a YAML."
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"The discrepancy cannot be resolved. {reason}")
    if not any(same_place(discrepancy, current) for current in state.discrepancies):
        raise Refused(RefusalKind.CONFLICT, "PostgreSQL and the YAML no longer differ in this place.")
    return state.yaml
