"""Reads the sources of a registry: a reading tells what was found, or why nothing was, and never raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from specql_lsp.registry import refusals
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.model import Snapshot, Source
from specql_lsp.registry.service.first_choice import write_obstacle
from specql_lsp.registry.service.shared_connections import Database
from specql_lsp.registry.service.source_selection import PrimaryReading, YamlReading
from specql_lsp.registry.sources.base import SourceUnavailableError, WritableSource
from specql_lsp.registry.sources.yaml.source import RegistryFileMissingError, YamlSource


class YamlReader:
    """Reads the registry YAML.

    Args:
        source: the file, or the editor's text of it.
        metrics: where the reading is timed.
        now: the time of day, in UTC.
    """

    def __init__(self, source: YamlSource, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._source = source
        self._metrics = metrics
        self._now = now

    def read(self, before: YamlReading) -> YamlReading:
        """The reading that follows ``before``: with a problem it keeps what was read last."""
        missing = False
        try:
            # A team without the file has no failing operations: nothing was there to be read.
            with self._metrics.timed("registry.load_yaml", uncounted=RegistryFileMissingError):
                return YamlReading(self._source.load(), self._now(), problem=None)
        except SourceUnavailableError as error:
            problem, missing = error.reason, isinstance(error, RegistryFileMissingError)
        except Exception as error:  # An error of ours in reading one file must not end the worker.
            refusals.log_unexpected("reading the registry YAML", error)
            problem = f"The registry file {self._source.location} could not be read ({type(error).__name__})."
        return replace(before, problem=problem, missing=missing, unsaved=self._source.from_overlay)


class PrimaryReader:
    """Reads the source of the first choice.

    Args:
        source: what is read.
        database: the share of the database that it is; None for a source that is none.
        metrics: where the reading is timed.
        now: the time of day, in UTC.
    """

    def __init__(
        self, source: WritableSource, database: Database | None, metrics: Metrics, now: Callable[[], datetime]
    ) -> None:
        self.source = source
        self._database = database
        self._metrics = metrics
        self._now = now

    @property
    def turn_seconds(self) -> float:
        """How long another folder's write may still occupy the connection: no sign that the server does not answer."""
        return self._database.occupied_seconds if self._database else 0.0

    def read(self, before: PrimaryReading) -> PrimaryReading:
        """The reading that follows ``before``: without an answer it keeps what was read last."""
        try:
            snapshot = self._load()
        except SourceUnavailableError as error:
            reason = error.reason
        except Exception as error:  # A driver's surprise must not end the worker: the fallback answers.
            refusals.log_unexpected(f"reading {before.source.label}", error)
            reason = f"{before.source.label} could not be read ({type(error).__name__}); the log says more."
        else:
            return PrimaryReading(
                before.source,
                snapshot,
                self._now(),
                unavailable=None,
                write_obstacle=write_obstacle(self.source),
                server=self.source.location,
                listening=self._database is not None and self._database.is_listening,
            )
        return replace(before, unavailable=reason, server=self.source.location or before.server)

    def late(self, before: PrimaryReading, seconds: float) -> PrimaryReading:
        """The reading while the source has not answered for so long."""
        server = self.source.location or before.server
        where = f" at {server}" if server else ""
        reason = f"{before.source.label}{where} has not answered for {seconds:.1f} s."
        return replace(before, unavailable=reason, server=server)

    def _load(self) -> Snapshot:
        if self.source.kind is Source.POSTGRESQL:
            # The driver takes long to be imported, which is no operation's time.
            import specql_lsp.registry.sources.postgresql.connection  # noqa: F401
        try:
            with self._metrics.timed("registry.load"):
                return self.source.load()
        finally:
            if self._database is not None:
                self._database.was_read()
