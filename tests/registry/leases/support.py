"""Clocks that a test sets, a folder that leases, and what a database has of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry.leases.model import Moment
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

DAY = 86_400.0


@dataclass
class Clocks:
    """Clocks that a test sets."""

    wall: float = 1_000_000.0
    running: float = 500.0
    boot: str = "one"

    def now(self) -> Moment:
        return Moment(self.wall, self.boot, self.running)

    def sleep(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


def keeper(folder: Path, clocks: Clocks | None = None, state: str = "state") -> LeaseKeeper:
    (folder / "team").mkdir(exist_ok=True)
    return LeaseKeeper(folder / "team", lambda: "host:5432/db", now=(clocks or Clocks()).now, state=folder / state)


def lease(keeper: LeaseKeeper, source: PostgresqlSource, count: int = 3, days: float = 7) -> list[str]:
    held = keeper.lease(source, Rules(), "crm", "customer", count, days * DAY, holder="anna@laptop")
    return [each.table_code for each in held if each.entity is None]


def request(entity: str, domain: str = "crm", **more: object) -> AllocationRequest:
    return AllocationRequest(entity, domain, "customer", **more)  # type: ignore[arg-type]


def registered(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT table_code, entity_name FROM specql_registry.tb_entity_registration")
        return {code.upper(): name for code, name in rows}


def leased(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {code for (code,) in connection.execute("SELECT table_code FROM specql_registry_lsp.tb_lease")}


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def expire(url: str) -> None:
    """Ends every lease by the server's clock."""
    execute(url, "UPDATE specql_registry_lsp.tb_lease SET expires_at = clock_timestamp() - interval '1 second'")


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value
