"""Resolves discrepancies for the commands: the client edits the registry YAML, the worker the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from specql_lsp.features.discrepancy_titles import keep_title, keep_yaml_answer, keep_yaml_question
from specql_lsp.lsp.handlers.commands.support import apply, refreshed, result, text, truth, with_registry_document
from specql_lsp.registry.consistency.resolution import (
    RefusedDiscrepancy,
    Resolution,
    plan_keep_yaml,
    refuse_emptying,
    still_differing,
)
from specql_lsp.registry.refusals import RefusalKind, Refused, refuse_unwritable
from specql_lsp.registry.state import Discrepancy, RegistryState, Source
from specql_lsp.registry.yaml_edits.resolution import YamlResolution, keep_postgresql_side

if TYPE_CHECKING:
    from specql_lsp.lsp.folder import Folder
    from specql_lsp.lsp.session import Session
    from specql_lsp.registry.snapshot import Snapshot
    from specql_lsp.workspace.documents import Document

NOT_APPLIED = "The editor did not make the edit of the registry YAML."
_NO_SIDES = "PostgreSQL and the registry file are not both there to compare."


@dataclass(frozen=True, slots=True)
class Resolving:
    """What is to be resolved for one folder, as it differs now."""

    session: Session
    folder: Folder
    keep: str
    """``postgresql`` or ``yaml``."""
    state: RegistryState
    yaml: Snapshot
    found: Resolution
    """The discrepancies as they are now; refused are those that are outdated."""

    async def done(self, argument: dict[str, Any]) -> Resolution | None:
        """What became of them; None if the user does not agree to a change of the shared database."""
        if not self.found.resolved:
            return self.found
        if self.keep == "postgresql":
            return (await self._in_yaml()).refusing(self.found.refused)
        refuse_unwritable(self.state.provenance)
        if not await self._agreed(argument):
            return None
        made = await result(self.folder.service.keep_yaml(self.found.resolved))
        return made.refusing(self.found.refused)

    async def planned(self) -> Resolution:
        """What would become of them, as far as is known without doing it."""
        if self.keep == "postgresql":
            _, made = await self._edits()
            return made.resolution.refusing(self.found.refused)
        refuse_unwritable(self.state.provenance)
        current, wanted = self.state.snapshot, self.found.resolved
        if current is None:
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, _NO_SIDES)
        plan = await self.session.in_thread(lambda: plan_keep_yaml(current, self.yaml, wanted))
        return plan.resolution.refusing(self.found.refused)

    async def _in_yaml(self) -> Resolution:
        async with self.session.edit_order.of([self.folder.registry_uri]):
            await self.session.in_thread(self.folder.read_registry_document)
            return await self._edited()

    async def _edited(self) -> Resolution:
        document, made = await self._edits()
        resolved, refused = made.resolution
        if not resolved:
            return made.resolution
        label = keep_title(resolved[0], self.keep) if len(resolved) == 1 else "Keep PostgreSQL's side"
        if not made.edits or await apply(self.session, label, made.edits, document):
            return made.resolution
        not_applied = (RefusedDiscrepancy(each, RefusalKind.CONFLICT, NOT_APPLIED) for each in resolved)
        return Resolution((), (*not_applied, *refused))

    async def _edits(self) -> tuple[Document, YamlResolution]:
        document, snapshot = self.folder.registry_document, self.state.snapshot
        if document is None or snapshot is None or self.state.provenance.source is not Source.POSTGRESQL:
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, _NO_SIDES)
        wanted, now = self.found.resolved, datetime.now(UTC)
        made = await self.session.in_thread(lambda: keep_postgresql_side(document, wanted, snapshot, now))
        return document, made

    async def _agreed(self, argument: dict[str, Any]) -> bool:
        """Whether the user agrees to what keeping the YAML's side writes into the shared database."""
        client = self.session.client
        confirmed = truth(argument, "confirmed", default=not client.offers_actions)
        question = question_of(self.state, self.found.resolved)
        if confirmed or question is None:
            return True
        yes = keep_yaml_answer(self.found.resolved)
        return await client.ask(types.MessageType.Warning, question, [yes, "Cancel"]) == yes


async def resolving(
    session: Session, folder: Folder, argument: dict[str, Any], wanted: Sequence[Discrepancy] | None
) -> Resolving:
    """What is to be resolved, compared now; ``wanted`` None: everything that differs."""
    keep = text(argument, "keep")
    if keep not in {"postgresql", "yaml"}:
        raise Refused(RefusalKind.INVALID_ARGUMENT, 'keep must be "postgresql" or "yaml".')
    state = await refreshed(folder)
    await with_registry_document(session, folder)
    yaml, found = still_differing(state, wanted, folder.service.yaml_problem)
    refuse_emptying(state, keep, wanted, found.resolved)
    return Resolving(session, folder, keep, state, yaml, found)


def question_of(state: RegistryState, discrepancies: Sequence[Discrepancy]) -> str | None:
    """What the user is asked before the YAML's side is kept; None if that only adds to the database."""
    if state.snapshot is None:
        return None
    return keep_yaml_question(discrepancies, state.snapshot, state.provenance.server)
