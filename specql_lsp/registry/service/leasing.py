"""The leases of a folder as a part of its registry: given out while the database is away, confirmed when it is back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.registry import refusals
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.service.current_state import CurrentState
from specql_lsp.registry.service.lease_keeper import Confirmation, LeaseKeeper
from specql_lsp.registry.service.questions import Questions
from specql_lsp.registry.service.shared_connections import ConnectionLease
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError, WritableSource

if TYPE_CHECKING:
    from specql_lsp.registry.requests import Allocation, AllocationRequest
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class Leasing:
    """What a registry does with the leases of its folder.

    Args:
        keeper: the folder's leases; None without a database.
        lease: the lease of the database's connection; None without a database.
        questions: has the worker ask the database.
        current: the state.
        acting: has what is written meanwhile recorded with its author.
        on_confirmed: see ``RegistryService``.
    """

    def __init__(
        self,
        keeper: LeaseKeeper | None,
        lease: ConnectionLease | None,
        questions: Questions,
        current: CurrentState,
        acting: Callable[[], AbstractContextManager[object]],
        on_confirmed: Callable[[tuple[Confirmation, ...]], None] | None,
    ) -> None:
        self.keeper = keeper
        """The codes that the folder has leased; None without a database."""
        self._lease = lease
        self._questions = questions
        self._current = current
        self._acting = acting
        self._on_confirmed = on_confirmed

    def ask(self, action: Callable[[LeaseKeeper, PostgresqlSource, Rules], _Result]) -> Future[_Result]:
        """Has the worker do something with this folder's leases and the database.

        The future raises ``Refused``, and ``SourceUnavailableError``, also where there is no database.
        """

        def ask(source: PostgresqlSource) -> _Result:
            if self.keeper is None:
                raise SourceUnavailableError("No database is set.", lost=False, lasting=True)
            with self._acting():
                return action(self.keeper, source, self._current.rules)

        return self._questions.ask(ask)

    def confirm(self) -> Future[tuple[Confirmation, ...]]:
        """Registers what was given out while the database was away, also what was refused before."""

        def confirm(keeper: LeaseKeeper, source: PostgresqlSource, rules: Rules) -> tuple[Confirmation, ...]:
            return self._confirmed(keeper, source, rules, again=True)

        return self.ask(confirm)

    def confirm_waiting(self) -> None:
        """Registers what was given out while the database was away, if it answers now. For the worker."""
        if self.keeper is None or self._on_confirmed is None or not self._current.state.provenance.writable:
            return
        if not self.keeper.has_waiting() or self._lease is None:
            return
        try:
            with self._acting():
                done = self._confirmed(self.keeper, self._lease.source, self._current.rules)
        except Refused as refused:
            logger.warning("%s", refused.message)
            return
        if done:
            self._on_confirmed(done)

    def _confirmed(
        self, keeper: LeaseKeeper, source: PostgresqlSource, rules: Rules, *, again: bool = False
    ) -> tuple[Confirmation, ...]:
        done = keeper.confirm(source, rules, again=again)
        if done:
            self._current.read_primary()
            self._current.publish()
        return done

    def allocate(self, request: AllocationRequest) -> Allocation | None:
        """What the folder's own leases give while the database answers; None where none is concerned.

        An entity that got a code while the database was away keeps it, and a leased code may be asked for by its
        holder. For the worker, within a write. Raises as ``WritableSource.allocate``.
        """
        if self.keeper is None or self._lease is None or not self.keeper.exists:
            return None
        return self.keeper.allocate(self._lease.source, request, self._current.rules)

    def allocate_all(
        self, source: WritableSource, requests: Sequence[AllocationRequest]
    ) -> tuple[tuple[Allocation | Refused, ...], bool]:
        """What ``WritableSource.allocate_all`` gives, and whether own leases gave any of it, as ``allocate``."""
        answers: dict[int, Allocation | Refused] = {}
        for position, request in enumerate(requests):
            try:
                given = self.allocate(request)
            except Refused as refused:
                answers[position] = refused
            else:
                if given is not None:
                    answers[position] = given
        left = [position for position in range(len(requests)) if position not in answers]
        found = source.allocate_all([requests[position] for position in left], self._current.rules) if left else ()
        every = {**answers, **dict(zip(left, found, strict=True))}
        return tuple(every[position] for position in range(len(requests))), bool(answers)

    def take(self, snapshot: Snapshot, request: AllocationRequest) -> Allocation | None:
        """A leased code for an entity; None where no lease fits. For the worker. Raises as ``LeaseKeeper.take``."""
        return self.keeper.take(snapshot, request) if self.keeper is not None else None

    def take_all(
        self, snapshot: Snapshot, requests: Sequence[AllocationRequest]
    ) -> tuple[Allocation | Refused, ...] | None:
        """Leased codes for many entities, and why the others get none; None where none gets one. For the worker."""
        answers: list[Allocation | Refused] = []
        for request in requests:
            try:
                taken = self.take(snapshot, request)
                answers.append(taken or refusals.read_only(self._current.state.provenance))
            except Refused as refused:
                answers.append(refused)
        return None if all(isinstance(answer, Refused) for answer in answers) else tuple(answers)

    def preview(
        self, snapshot: Snapshot, requests: Sequence[AllocationRequest]
    ) -> tuple[Allocation | Refused, ...] | None:
        """What ``take_all`` would give, from what is known now; None where leases are not what answers."""
        provenance = self._current.state.provenance
        if not provenance.leased or self.keeper is None:
            return None
        return self.keeper.preview(snapshot, requests, refusals.read_only(provenance))
