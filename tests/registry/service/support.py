"""A running service whose states are watched, and the registry that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.state import RegistryState, Source
from tests.support.patience import PATIENCE, ends, until
from tests.support.ports import silent_server
from tests.support.postgres import PASSWORD

CONTACT = AllocationRequest("Contact", "crm", "customer")
COMPANY = AllocationRequest("Company", "crm", "customer")
FILL = """
INSERT INTO specql_registry.tb_domain (domain_number, domain_name, description, multi_tenant)
VALUES ('2', 'crm', 'Customers', true);
INSERT INTO specql_registry.tb_subdomain
    (fk_domain, subdomain_number, subdomain_name, description, next_entity_sequence)
VALUES (1, '03', 'customer', 'People', 2);
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
VALUES (1, 'Contact', '012031', 1);
"""


class Watched:
    """A service with all the states that it told."""

    def __init__(
        self, settings: RegistrySettings, folder: Path, overlay: Callable[[], str | None] | None = None
    ) -> None:
        self.changes: list[RegistryState] = []
        self.service = RegistryService(settings, folder, overlay=overlay, on_change=self.changes.append)

    @property
    def state(self) -> RegistryState:
        return self.service.state

    @property
    def reason(self) -> str:
        return self.state.provenance.reason

    @property
    def sources(self) -> list[Source]:
        return [change.provenance.source for change in self.changes]

    def summary(self) -> tuple[Source, bool, bool]:
        provenance = self.state.provenance
        return provenance.source, provenance.writable, provenance.stale

    def wait_until(self, condition: Callable[[RegistryState], object]) -> None:
        """Waits for a state."""
        until(lambda: condition(self.state), lambda: f"the state; {self.state.provenance}")


@contextmanager
def running(
    folder: Path,
    url: str = "",
    *,
    overlay: Callable[[], str | None] | None = None,
    settled: bool = True,
    **settings: object,
) -> Iterator[Watched]:
    """A started service; ``settled``: after its first reading."""
    patient = {"connect_timeout_seconds": PATIENCE} if settled else {}
    chosen = RegistrySettings(database_url=url, **{**patient, **settings})  # type: ignore[arg-type]
    watched = Watched(chosen, folder, overlay)
    watched.service.start()
    try:
        if settled:
            watched.service.refresh().result(PATIENCE)
        yield watched
    finally:
        ends(watched.service.close, "closing")


@contextmanager
def hanging_server() -> Iterator[str]:
    """A URL at which somebody takes connections and never answers."""
    with silent_server() as port:
        yield url_of(port)


def url_of(port: int) -> str:
    return f"postgresql://someone:{PASSWORD}@127.0.0.1:{port}/registry"


def refusal(action: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value
