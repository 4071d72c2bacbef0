"""The registry for scripts: what the commands of the server and of the command line do, as plain method calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from specql_lsp.config import Backend, RegistrySettings, UrlOrigin, default_url_layer, environment_layer, load_settings
from specql_lsp.registry.allocation import find_domain
from specql_lsp.registry.consistency.comparison import consistency_report
from specql_lsp.registry.history import DEFAULT_LIMIT, History
from specql_lsp.registry.history_request import history_request
from specql_lsp.registry.leases.model import DAY_SECONDS, HeldLease, Lease, check_lease
from specql_lsp.registry.model import Domain, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused, refuse_unwritable, unavailable
from specql_lsp.registry.requests import (
    Allocation,
    AllocationRequest,
    CodeRelease,
    EntityMove,
    EntityRename,
    Moving,
    Released,
    Renaming,
)
from specql_lsp.registry.serialization import status_to_json
from specql_lsp.registry.service.lease_keeper import Confirmation, LeaseKeeper
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.state import Discrepancy, RegistryState

if TYPE_CHECKING:
    from specql_lsp.registry.consistency.resolution import Resolution
    from specql_lsp.registry.renumbering import BeforeCommit, RenumberAnswer, RenumberRequest
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

_Result = TypeVar("_Result")

_MARGIN_SECONDS = 5.0
"""What a call may take beyond the deadlines of the database: reading a large YAML, importing the driver."""


class Registry:
    """An open registry. Use it as a context manager, or call ``close``. Safe from several threads.

    Every method answers from what is known after a look at the sources when it was opened, after its own writes, and
    after ``refresh``; between them the registry is read again every ``refresh_seconds``.

    Args:
        settings: which sources, and their timeouts.
        folder: the folder to which ``yaml_path`` is relative; None: the working directory.
    """

    def __init__(self, settings: RegistrySettings, folder: Path | None = None) -> None:
        # Two attempts of a write, each with a connection, a lock and a statement, then a reading.
        self._patience = _MARGIN_SECONDS + 3 * (
            settings.connect_timeout_seconds + (settings.lock_timeout_ms + 2 * settings.statement_timeout_ms) / 1000
        )
        self._yaml_path = (folder or Path()) / settings.yaml_path
        self._service = RegistryService(settings, folder, indexes_ahead=False)
        first = self._service.refresh()
        self._service.start()
        try:
            self._wait(first)
        except BaseException:
            self._service.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives back connections and threads; may be called twice."""
        self._service.close()

    @property
    def service(self) -> RegistryService:
        """What does the work, for those who want futures."""
        return self._service

    @property
    def state(self) -> RegistryState:
        """All that is known now, as data."""
        return self._service.state

    @property
    def status(self) -> dict[str, Any]:
        """Which source answers and why (the interface's Status)."""
        return status_to_json(self._service.state)

    @property
    def snapshot(self) -> Snapshot:
        """The registry as it is known now.

        Raises:
            Refused: kind ``registry-unavailable``: no registry can be read, which is not an empty one.
        """
        state = self._service.state
        if state.snapshot is None:
            self._service.metrics.cache_miss()
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"No registry can be read. {state.provenance.reason}")
        self._service.metrics.cache_hit()
        return state.snapshot

    def refresh(self) -> RegistryState:
        """Reads the sources now, also one that was away, and gives the state after it."""
        return self._wait(self._service.refresh())

    def domains(self) -> tuple[Domain, ...]:
        """All domains with what they hold, in the order of their numbers. Raises as ``snapshot``."""
        return self.snapshot.domains

    def domain(self, number_or_name: str) -> Domain:
        """The domain with that number, else with that name or alias.

        Raises:
            Refused: kind ``unknown-domain``, or as ``snapshot``.
        """
        return find_domain(self.snapshot, str(number_or_name))

    def allocate(
        self,
        domain: str,
        subdomain: str | None,
        entity: str,
        layer: str = "01",
        *,
        table_code: str | None = None,
        used: frozenset[str] = frozenset(),
    ) -> Allocation:
        """Registers an entity and gives its code; an entity that has one gets the same (``created`` False).

        Args:
            domain: number or name of the domain.
            subdomain: number or name; None: the registered one, else the one that the entity's name implies.
            entity: the entity's name.
            layer: the schema layer, two digits.
            table_code: asks for that very code.
            used: codes that are taken although the registry does not know them, upper case.

        Raises:
            Refused: with its ``kind`` and a sentence; nothing was changed.
        """
        request = AllocationRequest(entity, domain, subdomain, layer, table_code, used)
        return self._wait(self._service.allocate(request))

    def allocate_all(
        self, requests: Sequence[AllocationRequest], *, dry_run: bool = False
    ) -> tuple[Allocation | Refused, ...]:
        """Registers many entities in one transaction; for each request the allocation, or why it alone is refused.

        Args:
            requests: what is asked for.
            dry_run: only says what would be done, from what is known now.

        Raises as ``allocate``.
        """
        if dry_run:
            return self._service.allocations_now(requests)
        return self._wait(self._service.allocate_all(requests))

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

        Raises as ``allocate``.
        """
        check_lease(count, days)
        seconds = days * DAY_SECONDS
        return self._leasing(
            lambda leases, source, rules: leases.lease(source, rules, domain, subdomain, count, seconds, used=used)
        )

    def leases(self) -> tuple[Lease, ...]:
        """Every lease that PostgreSQL keeps, also those of others. Raises as ``allocate``."""
        return self._leasing(lambda leases, source, _rules: leases.list(source))

    def release_leases(self, codes: Sequence[str] = ()) -> tuple[str, ...]:
        """Gives leased codes of this folder back: those named, else all that are unused; gives those given back.

        Raises as ``allocate``.
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

    def register_domain(
        self,
        number: str,
        name: str,
        description: str | None = None,
        *,
        multi_tenant: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> Domain:
        """Adds a domain. Raises as ``allocate``."""
        future = self._service.register_domain(
            number, name, description, multi_tenant=multi_tenant, aliases=tuple(aliases)
        )
        return self._wait(future)

    def register_subdomain(self, domain: str, number: str, name: str, description: str | None = None) -> Subdomain:
        """Adds a subdomain to the domain with that number or name. Raises as ``allocate``."""
        return self._wait(self._service.register_subdomain(domain, number, name, description))

    def rename_entity(
        self, domain: str, entity: str, new_name: str, *, subdomain: str | None = None, dry_run: bool = False
    ) -> Renaming:
        """Gives a registered entity another name; its code stays. Asked again, it changes nothing.

        Args:
            domain: number or name of the domain.
            entity: the name that is registered.
            new_name: the name to register instead.
            subdomain: number or name; needed where the domain has the entity in several.
            dry_run: only says what would be done, from what is known now.

        Raises as ``allocate``.
        """
        request = EntityRename(domain, entity, new_name, subdomain)
        if dry_run:
            from specql_lsp.registry.renaming import rename_entity

            refuse_unwritable(self.state.provenance)
            return rename_entity(self.snapshot, request)[0]
        return self._wait(self._service.rename_entity(request))

    def move_entity(
        self,
        domain: str,
        entity: str,
        subdomain: str,
        *,
        table_code: str | None = None,
        used: frozenset[str] = frozenset(),
        renumbers: bool = False,
        dry_run: bool = False,
    ) -> Moving:
        """Moves a registered entity to another subdomain of its domain, where it gets another code.

        Args:
            domain: number or name of the domain.
            entity: the entity's name.
            subdomain: number or name of the subdomain that it moves to.
            table_code: the code that it must have now; None: any.
            used: codes that are taken although the registry does not know them, upper case.
            renumbers: gives it another code where it is in that subdomain with ``table_code``, too.
            dry_run: only says what would be done, from what is known now.

        Raises as ``allocate``.
        """
        request = EntityMove(domain, entity, subdomain, table_code, used, renumbers)
        if dry_run:
            from specql_lsp.registry.corrections import move_entity

            refuse_unwritable(self.state.provenance)
            return move_entity(self.snapshot, request)[0]
        return self._wait(self._service.move_entity(request))

    def renumber(
        self, requests: Sequence[RenumberRequest], before_commit: BeforeCommit | None = None
    ) -> tuple[RenumberAnswer, ...]:
        """Gives entities that share a code others in one transaction.

        Args:
            requests: what is asked for; one that is refused alone does not keep the others from their codes.
            before_commit: is given the answers and the registry as it was written, on another thread; raises
                ``Refused`` to change nothing. It is called again if the transaction has to be repeated.

        Returns:
            For each request what became of it.

        Raises as ``allocate``.
        """
        return self._wait(self._service.renumber(requests, before_commit))

    def release_code(
        self,
        domain: str,
        entity: str,
        *,
        subdomain: str | None = None,
        table_code: str | None = None,
        dry_run: bool = False,
    ) -> Released:
        """Takes a registration back, so that its code is free. Whether files use the code is not looked at.

        Args:
            domain: number or name of the domain.
            entity: the name that is registered.
            subdomain: number or name; needed where the domain has the entity in several.
            table_code: the code that it must have; None: any.
            dry_run: only says what would be done, from what is known now.

        Raises as ``allocate``.
        """
        request = CodeRelease(domain, entity, subdomain, table_code)
        if dry_run:
            from specql_lsp.registry.corrections import release_code

            refuse_unwritable(self.state.provenance)
            return release_code(self.snapshot, request)[0]
        return self._wait(self._service.release_code(request))

    def history(
        self,
        entity: str | None = None,
        *,
        table_code: str | None = None,
        domain: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> History:
        """What was done to the registry, newest first, as far as ``registry install`` had it recorded.

        Args:
            entity: only of the entity that has or had that name.
            table_code: only of the entity that has or had that code.
            domain: only in the domain with that number or name.
            limit: how many events at most, from 1 to 1,000.

        Returns:
            The events; or none, and in ``unavailable`` the reason, which is not the same as that nothing was done.

        Raises:
            Refused: kind ``unknown-domain`` or ``invalid-argument``.
        """
        return self._wait(
            self._service.history.read(history_request(self.state.snapshot, entity, table_code, domain, limit))
        )

    def check_consistency(self) -> dict[str, Any]:
        """Reads both sides now and compares them (the result of ``specql.checkConsistency``).

        Raises:
            Refused: kind ``registry-unavailable``: one of the two cannot be read.
        """
        self.refresh()
        return self.consistency()

    def consistency(self) -> dict[str, Any]:
        """As ``check_consistency``, but from what is known now: the sides as they were last read."""
        return consistency_report(self.state, datetime.now(UTC), yaml_problem=self._service.yaml_problem)

    def resolve_discrepancies(
        self, keep: str, discrepancies: Sequence[Discrepancy] | None = None, *, dry_run: bool = False
    ) -> Resolution:
        """Makes one side hold what the other holds: the YAML by one edit of the file, PostgreSQL in one transaction.

        Args:
            keep: whose side is kept: ``postgresql`` or ``yaml``.
            discrepancies: those of ``state.discrepancies`` to resolve; None: all.
            dry_run: only finds out what would be resolved, from what is known now.

        Returns:
            Which were resolved, and why others were refused; those hinder nothing else.

        Raises:
            Refused: kind ``registry-unavailable`` if one of the two cannot be read, ``conflict`` if the side that is
                kept holds nothing at all, or as ``allocate``.
            OSError: the file cannot be written; it is as it was.
            ValueError: ``keep`` is neither of the two.
        """
        from specql_lsp.registry.consistency.resolution import plan_keep_yaml, refuse_emptying, still_differing

        if keep not in {"postgresql", "yaml"}:
            raise ValueError("keep must be 'postgresql' or 'yaml'")
        yaml, found = still_differing(self.state, discrepancies, self._service.yaml_problem)
        refuse_emptying(self.state, keep, discrepancies, found.resolved)
        if keep == "postgresql":
            return self._keep_postgresql(found.resolved, dry_run=dry_run).refusing(found.refused)
        refuse_unwritable(self.state.provenance)
        if dry_run:
            return plan_keep_yaml(self.snapshot, yaml, found.resolved).resolution.refusing(found.refused)
        return self._wait(self._service.keep_yaml(found.resolved)).refusing(found.refused)

    def _keep_postgresql(self, discrepancies: Sequence[Discrepancy], *, dry_run: bool) -> Resolution:
        from specql_lsp.registry.yaml_edits.files import edited_file
        from specql_lsp.replaced_files import replace_file

        file = edited_file(self._yaml_path, discrepancies, self.snapshot, datetime.now(UTC))
        if file.text is not None and not dry_run:
            file.refuse_changed()
            replace_file(self._yaml_path, file.text)
            self.refresh()
        return file.resolution

    def performance_report(self) -> dict[str, Any]:
        """How the registry performed since it was opened (the result of ``specql.performanceReport``)."""
        return self._service.metrics.report()

    def _wait(self, future: Future[_Result]) -> _Result:
        try:
            return future.result(self._patience)
        except TimeoutError:
            future.cancel()
            raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, "The registry did not answer in time. Ask again.") from None


def open_registry(
    database_url: str | None = None,
    yaml_path: str | os.PathLike[str] | None = None,
    backend: str | None = "auto",
    *,
    environment: Mapping[str, str] | None = None,
) -> Registry:
    """Opens a registry and reads it once: PostgreSQL if a URL is known, else the YAML, read-only.

    Args:
        database_url: libpq URI or DSN; None: ``SPECQL_DB_URL``, else ``SPECQL_DB_URL_DEFAULT``.
        yaml_path: the registry YAML; None: ``registry/domain_registry.yaml``; relative to the working directory.
        backend: ``auto``, ``postgresql``, ``yaml`` or ``in_memory``. None leaves it to ``SPECQL_REPOSITORY_BACKEND``,
            and so does ``auto`` unless ``database_url`` is given.
        environment: instead of the process's own.

    Raises:
        ValueError: the backend is none of these.

    A source that cannot be read is no error: ``status`` says what answers, and why.
    """
    environment = os.environ if environment is None else environment
    settings = load_settings([default_url_layer(environment), environment_layer(environment)], environment)[0].registry
    if backend is not None and (Backend(backend) is not Backend.AUTO or database_url is not None):
        settings = replace(settings, backend=Backend(backend))
    if database_url is not None:
        settings = replace(settings, database_url=database_url, url_origin=UrlOrigin("database_url"))
    if yaml_path is not None:
        settings = replace(settings, yaml_path=os.fspath(yaml_path))
    return Registry(settings)
