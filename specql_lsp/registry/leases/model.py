"""What leases are. Immutable data and pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.registry.refusals import RefusalKind, Refused

DAY_SECONDS = 86_400.0
MOST_CODES = 200
"""The most codes of a subdomain that one folder leases at once."""
MOST_DAYS = 90
_MARGIN = 0.02
"""Which part of a lease its holder leaves unused, because no two clocks run equally fast."""
_LEAST_MARGIN_SECONDS = 60.0


class LeasedCodeRefused(Refused):
    """A code was refused because another folder has leased it.

    Attributes:
        codes: every code that is leased now, in upper case.
    """

    def __init__(self, message: str, leased: frozenset[str]) -> None:
        super().__init__(RefusalKind.CODE_TAKEN, message)
        self.codes = leased


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Which codes to lease.

    ``domain`` and ``subdomain`` are numbers or names. ``count`` is how many unused codes of the subdomain are to be
    leased afterwards, those included that the folder has leased already. ``used`` holds codes, in upper case, that are
    taken although the registry does not know them.
    """

    domain: str
    subdomain: str
    count: int
    seconds: float
    token: str
    holder: str
    layer: str = codes.WRITE_LAYER
    used: frozenset[str] = frozenset()
    spent: frozenset[str] = frozenset()
    """Codes that the folder has leased and given to entities already."""


class Lease(NamedTuple):
    """A lease as PostgreSQL has it."""

    table_code: str
    token: str
    holder: str
    domain: str
    subdomain: str
    role: str
    leased_at: datetime
    expires_at: datetime
    seconds_left: float
    """By the server's clock, when it was asked."""


class Moment(NamedTuple):
    """What the clocks of this machine show at one moment."""

    wall: float
    """Seconds since 1970, as somebody may have set them."""
    boot: str
    """Which start of the machine this is; empty if it cannot be known."""
    running: float
    """Seconds since that start, those asleep included; nobody sets this one."""


class HeldLease(NamedTuple):
    """A leased code as its holder knows it."""

    table_code: str
    domain: str
    """The number of its domain."""
    subdomain: str
    """The number of its subdomain."""
    seconds: float
    """How long the server keeps it from the moment ``since``, at least."""
    since: Moment
    """Before the server was asked: what the server counts from is later."""
    entity: str | None = None
    """The entity that got it while PostgreSQL was away; None while it is unused."""
    refused: str | None = None
    """Why PostgreSQL did not register it for the entity."""

    @property
    def ends(self) -> datetime:
        """When it ends, by the clock of this machine."""
        return datetime.fromtimestamp(self.since.wall, UTC) + timedelta(seconds=self.seconds)

    @property
    def usable_until(self) -> datetime:
        """Until when the holder may give it out, by the clock of this machine."""
        return datetime.fromtimestamp(self.since.wall, UTC) + timedelta(seconds=self.usable_seconds)

    @property
    def usable_seconds(self) -> float:
        """How long the holder may give it out from ``since`` on."""
        return self.seconds - max(self.seconds * _MARGIN, _LEAST_MARGIN_SECONDS)

    def is_usable(self, now: Moment, seen: float) -> bool:
        """Whether the holder may be sure that the server still keeps the code.

        Args:
            now: what the clocks show.
            seen: the latest time of day at which the leases were looked at.

        The longest time that any clock gives counts. If the machine was started again, only the time of day is left:
        then it must not have been set back.
        """
        elapsed = now.wall - self.since.wall
        if now.boot and now.boot == self.since.boot:
            elapsed = max(elapsed, now.running - self.since.running)
        elif now.wall < max(seen, self.since.wall):
            return False
        return elapsed < self.usable_seconds


def check_lease(count: int, days: float) -> None:
    """Refuses a number of codes or of days that no lease can have."""
    if not 1 <= count <= MOST_CODES:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"{count} codes cannot be leased: from 1 to {MOST_CODES}.")
    if not 0 < days <= MOST_DAYS:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"A lease of {days:g} days is not given: at most {MOST_DAYS}.")
