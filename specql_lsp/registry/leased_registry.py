"""The leased codes of a folder, for scripts: taken, listed, given back, registered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from specql_lsp.registry.leases.model import DAY_SECONDS, HeldLease, Lease, check_lease
from specql_lsp.registry.model import Rules
from specql_lsp.registry.opened import OpenedRegistry
from specql_lsp.registry.refusals import unavailable
from specql_lsp.registry.service.lease_keeper import Confirmation, LeaseKeeper
from specql_lsp.registry.sources.base import SourceUnavailableError

if TYPE_CHECKING:
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

_Result = TypeVar("_Result")


class LeasedRegistry(OpenedRegistry):
    """What a script does with leases."""

    def lease(
        self, domain: str, subdomain: str, count: int, days: float, *, used: frozenset[str] = frozenset()
    ) -> tuple[HeldLease, ...]:
        """Leases codes for this folder, so that ``count`` unused ones of a subdomain are leased for ``days``.

        Args:
            domain: number or name of the domain.
            subdomain: number or name of the subdomain.
            count: how many; what is leased there already counts, and is extended.
            days: how long, by the server's clock.
            used: codes that are taken although the registry does not know them, upper case.

        Returns:
            All that the folder has leased.

        Raises as ``Registry.allocate``.
        """
        check_lease(count, days)
        seconds = days * DAY_SECONDS
        return self._leasing(
            lambda leases, source, rules: leases.lease(source, rules, domain, subdomain, count, seconds, used=used)
        )

    def leases(self) -> tuple[Lease, ...]:
        """Every lease that PostgreSQL keeps, also those of others. Raises as ``Registry.allocate``."""
        return self._leasing(lambda leases, source, _rules: leases.list(source))

    def release_leases(self, codes: Sequence[str] = ()) -> tuple[str, ...]:
        """Gives leased codes of this folder back: those named, else all that are unused; gives those given back.

        Raises as ``Registry.allocate``.
        """
        return self._leasing(lambda leases, source, _rules: leases.release(source, codes))

    def confirm_leases(self) -> tuple[Confirmation, ...]:
        """Registers what was given out while PostgreSQL was away, where it answers now; harmless to repeat."""
        keeper = self._service.leases.keeper
        if keeper is None or not self.state.provenance.writable or not any(each.entity for each in keeper.held):
            return ()
        return self._wait(self._service.leases.confirm())

    def _leasing(self, action: Callable[[LeaseKeeper, PostgresqlSource, Rules], _Result]) -> _Result:
        try:
            return self._wait(self._service.leases.ask(action))
        except SourceUnavailableError as error:
            raise unavailable(error) from None
