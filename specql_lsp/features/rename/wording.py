"""What is said of a rename that the registry is part of: sentences for the user and the log."""

from __future__ import annotations

from specql_lsp.features.rename.model import RenamePlan
from specql_lsp.registry.requests import EntityRename


def finished(plan: RenamePlan) -> str:
    """That the registry has the new name, too."""
    if isinstance(plan.registry, EntityRename):
        return f"{plan.old} is registered as {plan.new} now; it keeps the code {plan.registry.table_code}."
    return f"The domain {plan.old} is registered as {plan.new} now."


def back_again(plan: RenamePlan, file: str) -> str:
    """The question whether the registry is to follow back, as a file has the old name again."""
    return f"{plan.old} is back in {file}, and registered as {plan.new}. Rename its registration back, too?"


def unfinished(plan: RenamePlan, reason: str) -> str:
    """What differs after a rename that the registry refused, and the ways to finish it."""
    request = plan.registry
    what = f", code {request.table_code}," if isinstance(request, EntityRename) else " as a domain"
    return (
        f"{plan.old} is {plan.new} in the files now; its registration{what} was not renamed. {reason} "
        f"Try again, undo the rename{_by_command(plan)}."
    )


def question(plan: RenamePlan, reason: str) -> str:
    """The question whether to rename in files alone."""
    return (
        f"The registry cannot be written, so {plan.old} would stay registered as it is. {reason} "
        "Rename it in the files alone?"
    )


def _by_command(plan: RenamePlan) -> str:
    request = plan.registry
    if not isinstance(request, EntityRename):
        return ""
    return f', or run "specql-lsp domain rename-entity {request.domain} {request.entity} {request.new_name}" later'
