"""The registry for scripts: what the commands of the server and of the command line do, as plain method calls."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from specql_lsp.config import Backend, UrlOrigin, default_url_layer, environment_layer, load_settings
from specql_lsp.registry.allocation import find_domain
from specql_lsp.registry.compared_registry import ComparedRegistry
from specql_lsp.registry.history import DEFAULT_LIMIT, History
from specql_lsp.registry.history_request import history_request
from specql_lsp.registry.leased_registry import LeasedRegistry
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.refusals import Refused, refuse_unwritable
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

if TYPE_CHECKING:
    from specql_lsp.registry.renumbering import BeforeCommit, RenumberAnswer, RenumberRequest


class Registry(LeasedRegistry, ComparedRegistry):
    """An open registry. Use it as a context manager, or call ``close``. Safe from several threads.

    Every method answers from what is known after a look at the sources when it was opened, after its own writes, and
    after ``refresh``; between them the registry is read again every ``refresh_seconds``, and once it has been open for
    so long, also when the database notifies of a change.

    Args:
        settings: which sources, and their timeouts.
        folder: the folder to which ``yaml_path`` is relative; None: the working directory.
    """

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
            before_commit: is given the answers and the registry as it was written, on any thread; raises
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
