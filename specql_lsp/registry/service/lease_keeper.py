"""The leases of a folder: taken from PostgreSQL, given out while it is away, confirmed when it is back.

Everything here runs on the registry's worker. What is given out is on the disk before it is answered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from specql_lsp.language.table_code import LAYER_LENGTH, normalize
from specql_lsp.registry.leases import clock
from specql_lsp.registry.leases.giving import taken
from specql_lsp.registry.leases.model import HeldLease, Lease, LeaseRequest, Moment
from specql_lsp.registry.leases.own import OwnLeases
from specql_lsp.registry.leases.store import Changing, Holdings, LeaseStore, holder_name
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.sources.base import SourceUnavailableError

if TYPE_CHECKING:
    from specql_lsp.registry.model import Rules
    from specql_lsp.registry.requests import Allocation
    from specql_lsp.registry.snapshot import Snapshot
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

logger = logging.getLogger(__name__)

_NOT_NOW = frozenset({RefusalKind.REGISTRY_READ_ONLY, RefusalKind.REGISTRY_UNAVAILABLE})


class Confirmation(NamedTuple):
    """What became of a code that an entity got while PostgreSQL was away."""

    table_code: str
    entity: str
    allocation: Allocation | None
    """The registration; None where it was refused."""
    refused: str | None = None
    """Why, as a sentence."""


class LeaseKeeper:
    """The leases of one folder.

    Args:
        folder: the workspace folder.
        server: gives host, port and database as the URL has them; None before the database was first asked.
        now: what the clocks show.
        state: the user's folder of such files; None: the usual one.
    """

    def __init__(
        self,
        folder: Path,
        server: Callable[[], str | None],
        *,
        now: Callable[[], Moment] = clock.now,
        state: Path | None = None,
    ) -> None:
        self._folder = folder
        self._server = server
        self._now = now
        self._state = state
        self._known: tuple[str, LeaseStore] | None = None
        self._said: str | None = None

    @property
    def _store(self) -> LeaseStore | None:
        """Where the leases are; None where the database, or the user's folder, has no name."""
        server = self._server()
        if server is None:
            return None
        if self._known is None or self._known[0] != server:
            try:
                self._known = server, LeaseStore(self._folder, server, self._state)
            except RuntimeError:  # no home folder
                return None
        return self._known[1]

    @property
    def exists(self) -> bool:
        """Whether this folder has ever leased anything."""
        store = self._store
        return store is not None and store.exists

    @property
    def stamp(self) -> tuple[int, ...] | None:
        """What differs once another process of this folder has changed its leases; None where it has none."""
        store = self._store
        return store.stamp if store is not None else None

    def _read(self) -> Holdings | None:
        """What is held; None where nothing is, or it cannot be used."""
        store = self._store
        if store is None or not store.exists:
            return None
        try:
            holdings = store.read()
        except Refused as refused:
            if refused.message != self._said:
                self._said = refused.message
                logger.warning("%s", refused.message)
            return None
        self._said = None
        return holdings

    @property
    def held(self) -> tuple[HeldLease, ...]:
        """Every code that this folder has leased, as far as it knows."""
        holdings = self._read()
        return holdings.leases if holdings is not None else ()

    @property
    def token(self) -> str | None:
        """What names this folder in PostgreSQL; None before its first lease."""
        holdings = self._read()
        return holdings.token if holdings is not None else None

    def own(self) -> OwnLeases | None:
        """What the folder knows of its own leases; None where it has none."""
        holdings = self._read()
        if holdings is None:
            return None
        usable = tuple(each.table_code for each in holdings.usable(self._now()))
        return OwnLeases(holdings.token, usable, tuple(each for each in holdings.waiting if each.refused is None))

    def usable(self) -> tuple[HeldLease, ...]:
        """The codes that may be given out now."""
        holdings = self._read()
        return holdings.usable(self._now()) if holdings is not None else ()

    def has_waiting(self) -> bool:
        """Whether there is a code to be confirmed that was not refused yet."""
        return any(each.entity is not None and each.refused is None for each in self.held)

    # While PostgreSQL is away

    def take(self, snapshot: Snapshot, request: AllocationRequest) -> Allocation | None:
        """Gives a leased code to an entity; asked again, the same one.

        Args:
            snapshot: the registry as it is known.
            request: what is asked for.

        Returns:
            None where no lease fits.

        Raises:
            Refused: a lease may fit, but the request could not be met in any registry that is as ``snapshot`` says; or
                the leases cannot be used.
        """
        store, holdings = self._store, self._read()
        if store is None or not store.exists or (holdings is not None and not holdings.leases):
            return None
        with store.changing() as changing:
            now = self._now()
            allocation, given = taken(changing.holdings, snapshot, request, now)
            if given is not changing.holdings:
                changing.write(given, now)
            return allocation

    def preview(
        self, snapshot: Snapshot, requests: Iterable[AllocationRequest], otherwise: Refused
    ) -> tuple[Allocation | Refused, ...]:
        """What ``take`` would give to many entities, one after the other; nothing is given out.

        Args:
            snapshot: the registry as it is known.
            requests: what is asked for.
            otherwise: the answer where no lease fits.
        """
        holdings, now = self._read(), self._now()
        answers: list[Allocation | Refused] = []
        for request in requests:
            try:
                if holdings is None:
                    raise otherwise
                allocation, holdings = taken(holdings, snapshot, request, now)
                answers.append(allocation or otherwise)
            except Refused as refused:
                answers.append(refused)
        return tuple(answers)

    # When PostgreSQL answers

    def confirm(self, source: PostgresqlSource, rules: Rules, *, again: bool = False) -> tuple[Confirmation, ...]:
        """Registers what was given out while PostgreSQL was away; harmless to repeat.

        Args:
            source: the database, which answers.
            rules: those of the registry YAML.
            again: also what was refused before.
        """
        store, holdings = self._store, self._read()
        done: list[Confirmation] = []
        for lease in holdings.waiting if store is not None and holdings is not None else ():
            if store is None or holdings is None or lease.entity is None or (lease.refused is not None and not again):
                continue
            code = lease.table_code
            request = AllocationRequest(lease.entity, lease.domain, lease.subdomain, code[:LAYER_LENGTH], code)
            try:
                allocation, is_kept = self._registered(store, source, request, rules)
            except SourceUnavailableError:
                break
            except Refused as refused:
                if refused.kind in _NOT_NOW:
                    break
                reason = (
                    f"{lease.entity} got the code {code} while PostgreSQL was away, and PostgreSQL cannot register it: "
                    f"{refused.message} Give {lease.entity} another code."
                )
                with store.changing() as changing:
                    changing.write(changing.holdings.with_lease(lease._replace(refused=reason)), self._now())
                done.append(Confirmation(code, lease.entity, None, reason))
            else:
                if is_kept or allocation.created:
                    done.append(Confirmation(code, lease.entity, allocation))
        return tuple(done)

    def allocate(self, source: PostgresqlSource, request: AllocationRequest, rules: Rules) -> Allocation | None:
        """Registers an entity with a code that this folder has leased, if it asks for one or has got one already.

        Args:
            source: the database, which answers.
            request: what is asked for; without a code, the one that the entity got while PostgreSQL was away.
            rules: those of the registry YAML.

        Returns:
            None where no lease is concerned: the database gives a code.

        Raises as ``PostgresqlSource.allocate``.
        """
        store, holdings = self._store, self._read()
        known = source.known
        if store is None or holdings is None or known is None:
            return None
        domain = known.domain(request.domain)
        asked = normalize(request.table_code) if request.table_code is not None else None
        if domain is None:
            return None
        place = domain.subdomain(request.subdomain) if request.subdomain is not None else None
        for lease in holdings.leases:
            is_here = lease.domain.upper() == domain.number.upper() and (
                place is None or lease.subdomain.upper() == place.number.upper()
            )
            has_it = lease.entity is not None and lease.entity.lower() == request.entity.lower()
            fits = has_it if asked is None else lease.table_code == asked and (has_it or lease.entity is None)
            if is_here and fits and lease.refused is None:
                wanted = replace(request, table_code=lease.table_code, used=request.used - {lease.table_code})
                if asked is None:
                    wanted = replace(wanted, subdomain=lease.subdomain, layer=lease.table_code[:LAYER_LENGTH])
                return self._registered(store, source, wanted, rules)[0]
        return None

    def _registered(
        self, store: LeaseStore, source: PostgresqlSource, request: AllocationRequest, rules: Rules
    ) -> tuple[Allocation, bool]:
        """Registers an entity with a leased code, which is no lease of the folder afterwards.

        Returns:
            The registration, and whether the file could be written; if not, the same is done again later.
        """
        allocation = source.confirm(request, store.read().token, rules)
        try:
            with store.changing() as changing:
                changing.write(changing.holdings.without(normalize(request.table_code or "")), self._now())
        except Refused as refused:
            logger.warning("%s", refused.message)
            return allocation, False
        return allocation, True

    def lease(
        self,
        source: PostgresqlSource,
        rules: Rules,
        domain: str,
        subdomain: str,
        count: int,
        seconds: float,
        *,
        used: frozenset[str] = frozenset(),
        holder: str | None = None,
    ) -> tuple[HeldLease, ...]:
        """Leases codes, or extends those that are leased, so that ``count`` unused ones are leased afterwards.

        Returns:
            What the folder holds.

        Raises:
            Refused: with the reason; nothing was leased.
            SourceUnavailableError: it is not known whether they were leased; to ask again is harmless.
        """
        store = self._demanded_store()
        with store.changing() as changing:
            changing.write(changing.holdings, self._now())  # the token is kept before PostgreSQL knows it
            token, spent = changing.holdings.token, changing.holdings.spent
            asked = LeaseRequest(
                domain, subdomain, count, seconds, token, holder or holder_name(), used=used, spent=spent
            )
            since = self._now()
            return _synchronize(changing, source.lease(asked, rules), since)

    def list(self, source: PostgresqlSource) -> tuple[Lease, ...]:
        """Every lease that PostgreSQL keeps; what it keeps for this folder is known here afterwards.

        Raises:
            Refused: this database has no leases, or the role may not read them.
            SourceUnavailableError: they cannot be read.
        """
        store = self._store
        if store is None or not store.exists:
            return source.leases()
        with store.changing() as changing:
            return self._listed(changing, source)

    def release(self, source: PostgresqlSource, codes: Iterable[str] = ()) -> tuple[str, ...]:
        """Gives leased codes back.

        Args:
            source: the database, which answers.
            codes: which; none: all that are unused.

        Returns:
            Those that were given back.

        Raises:
            Refused: a code is not leased by this folder, or waits to be registered; nothing was given back.
            SourceUnavailableError: it is not known whether they were given back; to ask again is harmless.
        """
        store = self._demanded_store()
        wanted = [normalize(code) for code in codes]
        with store.changing() as changing:
            self._listed(changing, source)
            held = {each.table_code: each for each in changing.holdings.leases}
            for code in wanted:
                if code not in held:
                    reason = f"The code {code} is not leased by this folder."
                    raise Refused(RefusalKind.INVALID_ARGUMENT, reason)
                if held[code].entity is not None and held[code].refused is None:
                    reason = f"The code {code} was given to {held[code].entity}: it is registered, not given back."
                    raise Refused(RefusalKind.CONFLICT, reason)
            wanted = wanted or [code for code, each in held.items() if each.entity is None]
            left = changing.holdings
            for code in wanted:
                left = left.without(code)
            changing.write(left, self._now())  # not given out by anybody before PostgreSQL may give it to others
            if wanted:
                source.end_leases(changing.holdings.token, wanted)
        return tuple(sorted(wanted))

    def _listed(self, changing: Changing, source: PostgresqlSource) -> tuple[Lease, ...]:
        since = self._now()
        leases = source.leases()
        _synchronize(changing, leases, since)
        return leases

    def _demanded_store(self) -> LeaseStore:
        store = self._store
        if store is None:
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, "Leases need a database, and none can be asked.")
        return store


def _synchronize(changing: Changing, leases: Iterable[Lease], since: Moment) -> tuple[HeldLease, ...]:
    """Keeps what PostgreSQL says of a folder's leases, and gives all that it holds.

    Args:
        changing: locked since before PostgreSQL was asked, so that no other process has changed them since.
        leases: as PostgreSQL has them.
        since: before it was asked.
    """
    before = {each.table_code: each for each in changing.holdings.leases}
    kept: dict[str, HeldLease] = {}
    for lease in leases:
        if lease.token == changing.holdings.token:
            code, known = lease.table_code, before.get(lease.table_code)
            kept[code] = HeldLease(code, lease.domain, lease.subdomain, lease.seconds_left, since)
            if known is not None:
                kept[code] = kept[code]._replace(entity=known.entity, refused=known.refused)
    # What an entity got is kept until it is registered, however the lease ended.
    kept.update((code, each) for code, each in before.items() if each.entity is not None and code not in kept)
    held = tuple(kept[code] for code in sorted(kept))
    changing.write(replace(changing.holdings, leases=held), since, trusts_clock=True)
    return held
