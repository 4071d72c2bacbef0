"""Sources filled with a registry, for the tests that hold for every source."""

from __future__ import annotations

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import WritableSource
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.state import Discrepancy

WRITABLE = ("postgresql", "in_memory")
"""The kinds of source that take changes, as the registry's tests name them."""


def postgresql_source(url: str, **settings: float) -> PostgresqlSource:
    """A source on a database, under limits that a busy machine keeps; ``settings`` are keys of ``RegistrySettings``."""
    patient = {"connect_timeout_seconds": 60.0, "statement_timeout_ms": 60_000, "lock_timeout_ms": 60_000}
    return PostgresqlSource(RegistrySettings(database_url=url, **{**patient, **settings}))  # type: ignore[arg-type]


def keep_yaml(source: WritableSource, discrepancy: Discrepancy, yaml: Snapshot) -> None:
    """Resolves one discrepancy in favour of the YAML; raises ``Refused`` if that is refused."""
    source.keep_yaml([discrepancy], yaml).raise_refused()


def fill(source: WritableSource, wanted: Snapshot) -> None:
    """Makes a source hold what ``wanted`` holds, the way a user would who keeps the YAML everywhere."""
    source.keep_yaml(compare(source.load(), wanted), wanted).raise_refused()
