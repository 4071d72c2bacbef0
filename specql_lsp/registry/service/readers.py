"""Reads the sources of a registry. A reading holds what was read, or the reason why it was not; it never raises."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from specql_lsp.logs import log_unexpected
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.service.shared_connections import ConnectionLease
from specql_lsp.registry.service.source_selection import PrimaryReading, SnapshotReading, YamlReading
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError, WritableSource
from specql_lsp.registry.sources.yaml.source import RegistryConflictError, RegistryFileMissingError, YamlSource
from specql_lsp.registry.state import SnapshotFile, Source

if TYPE_CHECKING:
    from specql_lsp.registry.sources.snapshot_file.source import SnapshotFileSource

logger = logging.getLogger(__name__)


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
        """The reading that follows ``before``: if the file cannot be read, it keeps what was read last."""
        if before.missing and self._source.is_missing():
            return before
        missing = False
        try:
            # A missing file is no failed operation: many teams have none.
            with self._metrics.timed("registry.load_yaml", uncounted=RegistryFileMissingError):
                return YamlReading(self._source.load(), self._now(), problem=None)
        except RegistryConflictError as error:
            snapshot, problem = error.conflicted.snapshot_after(before.snapshot), error.reason
            read_at = self._now() if error.conflicted.snapshot is not None else before.loaded_at
            rules = error.conflicted.rules_only
            return YamlReading(snapshot, read_at, problem, unsaved=self._source.from_overlay, conflict_rules=rules)
        except SourceUnavailableError as error:
            problem, missing = error.reason, isinstance(error, RegistryFileMissingError)
        except Exception as error:  # A defect in reading one file must not end the worker.
            log_unexpected(logger, "reading the registry YAML", error)
            problem = f"The registry file {self._source.location} could not be read ({type(error).__name__})."
        return replace(before, problem=problem, missing=missing, unsaved=self._source.from_overlay)


class SnapshotReader:
    """Reads the snapshot file.

    Args:
        path: the file.
        name: how it is called in sentences.
        metrics: where the reading is timed.
    """

    def __init__(self, path: Path, name: str, metrics: Metrics) -> None:
        self._path = path
        self._name = name
        self._metrics = metrics
        self._source: SnapshotFileSource | None = None

    def read(self) -> SnapshotReading:
        """The reading of the file as it is now."""
        from specql_lsp.registry.sources.snapshot_file.source import SnapshotFileSource

        if self._source is None:
            self._source = SnapshotFileSource(self._path, self._name)
        try:
            with self._metrics.timed("registry.load_snapshot"):
                taken = self._source.taken()
        except SourceUnavailableError as error:
            return SnapshotReading(problem=error.reason)
        except Exception as error:  # A defect in reading one file must not end the worker.
            log_unexpected(logger, "reading the registry snapshot", error)
            problem = f"The registry snapshot {self._name} could not be read ({type(error).__name__})."
            return SnapshotReading(problem=problem)
        return SnapshotReading(taken.snapshot, SnapshotFile(self._name, taken.taken_at, taken.source, taken.location))


class PrimaryReader:
    """Reads the primary source.

    Args:
        source: what is read.
        lease: the lease of the database; None for a source without one.
        metrics: where the reading is timed.
        now: the time of day, in UTC.
    """

    def __init__(
        self, source: WritableSource, lease: ConnectionLease | None, metrics: Metrics, now: Callable[[], datetime]
    ) -> None:
        self.source = source
        self._lease = lease
        self._metrics = metrics
        self._now = now

    @property
    def turn_seconds(self) -> float:
        """How long another folder's write may still occupy the connection although the server is healthy."""
        return self._lease.occupied_seconds if self._lease else 0.0

    def read(self, before: PrimaryReading) -> PrimaryReading:
        """The reading that follows ``before``: if the source does not answer, it keeps what was read last."""
        try:
            snapshot = self._load()
        except SourceUnavailableError as error:
            reason = error.reason
        except (
            Exception
        ) as error:  # An unexpected exception of the driver must not end the worker: the fallback answers.
            log_unexpected(logger, f"reading {before.source.label}", error)
            reason = f"{before.source.label} could not be read ({type(error).__name__}); the log says more."
        else:
            return PrimaryReading(
                before.source,
                snapshot,
                self._now(),
                unavailable=None,
                write_obstacle=self.source.write_obstacle,
                server=self.source.location,
                listening=self._lease is not None and self._lease.is_listening,
            )
        return replace(before, unavailable=reason, server=self.source.location or before.server)

    def late(self, before: PrimaryReading, seconds: float) -> PrimaryReading:
        """The reading while the source has not answered for ``seconds``."""
        server = self.source.location or before.server
        where = f" at {server}" if server else ""
        reason = f"{before.source.label}{where} has not answered for {seconds:.1f} s."
        return replace(before, unavailable=reason, server=server)

    def _load(self) -> Snapshot:
        if self.source.kind is Source.POSTGRESQL:
            # Imported before the timing begins: the import of the driver takes long.
            import specql_lsp.registry.sources.postgresql.connection  # noqa: F401
        try:
            with self._metrics.timed("registry.load"):
                return self.source.load()
        finally:
            if self._lease is not None:
                self._lease.was_read()
