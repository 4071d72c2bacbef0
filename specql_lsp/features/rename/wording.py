"""What is said of a rename that the registry is part of: sentences for the user and the log."""

from __future__ import annotations

from specql_lsp.features.rename.model import RenamePlan
from specql_lsp.registry.requests import EntityRename


def finished(plan: RenamePlan) -> str:
    """That the registry has the new name, too."""
    if isinstance(plan.registry, EntityRename):
        return f"{plan.old} is registered as {plan.new} now; it keeps the code {plan.registry.table_code}."
    return f"The domain {plan.old} is registered as {plan.new} now."


def unfinished(plan: RenamePlan, reason: str) -> str:
    """What differs after a rename that the registry refused, and the ways to finish it."""
    return (
        f"{plan.old} is {plan.new} in the files now, and still {_registered(plan)}. {reason} Try again, undo the rename"
        f"{_by_command(plan)}."
    )


def question(plan: RenamePlan, reason: str) -> str:
    """The question whether to rename in files alone."""
    return (
        f"The registry cannot be written, so {plan.old} would stay {_registered(plan)}. {reason} "
        "Rename it in the files alone?"
    )


def _registered(plan: RenamePlan) -> str:
    if isinstance(plan.registry, EntityRename):
        return f"registered as {plan.registry.entity} with the code {plan.registry.table_code}"
    return f"a domain's name in the registry: {plan.old}"


def _by_command(plan: RenamePlan) -> str:
    if not isinstance(plan.registry, EntityRename):
        return ""
    request = plan.registry
    return f', or run "specql-lsp domain rename-entity {request.domain} {request.entity} {request.new_name}" later'
