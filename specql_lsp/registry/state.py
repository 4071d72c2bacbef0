"""What is known of a registry at one moment: which source answers and why, its content, the differences. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from specql_lsp.config import NO_URL_ORIGIN, UrlOrigin
from specql_lsp.language.table_code import WRITE_LAYER
from specql_lsp.printable import without_controls
from specql_lsp.registry.snapshot import Snapshot


class Source(Enum):
    """Where a registry's answer comes from."""

    POSTGRESQL = "postgresql"
    YAML = "yaml"
    SNAPSHOT = "snapshot"
    IN_MEMORY = "in_memory"
    NONE = "none"

    @property
    def label(self) -> str:
        """The source's name in messages."""
        labels = {"postgresql": "PostgreSQL", "yaml": "YAML", "in_memory": "in memory"}
        return labels.get(self.value, self.value)


class DiscrepancyType(Enum):
    """The nine ways in which PostgreSQL and YAML can differ."""

    MISSING_IN_POSTGRESQL = "missing_in_postgresql"
    MISSING_IN_YAML = "missing_in_yaml"
    DOMAIN_ATTRIBUTE_MISMATCH = "domain_attribute_mismatch"
    MISSING_SUBDOMAIN_IN_POSTGRESQL = "missing_subdomain_in_postgresql"
    MISSING_SUBDOMAIN_IN_YAML = "missing_subdomain_in_yaml"
    SUBDOMAIN_ATTRIBUTE_MISMATCH = "subdomain_attribute_mismatch"
    MISSING_ENTITY_IN_POSTGRESQL = "missing_entity_in_postgresql"
    MISSING_ENTITY_IN_YAML = "missing_entity_in_yaml"
    ENTITY_ATTRIBUTE_MISMATCH = "entity_attribute_mismatch"

    @property
    def diagnostic_code(self) -> str:
        """The code of the diagnostic that reports it."""
        return self.value.replace("_", "-")


Value = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference between the two registries. Numbers and names are spelled as on the side that has the node."""

    type: DiscrepancyType
    domain: str
    """The domain's number."""
    subdomain: str | None = None
    """The subdomain's number."""
    entity: str | None = None
    attribute: str | None = None
    """The attribute as the YAML names it, or ``sequence``."""
    postgresql_value: Value = None
    yaml_value: Value = None
    message: str = ""


class SnapshotFile(NamedTuple):
    """The file that answers, where a snapshot does."""

    name: str
    """Its path, as it is called in sentences."""
    taken_at: datetime
    """Of when it is (UTC)."""
    source: Source
    """Where it was taken from."""
    location: str | None = None
    """Host, port and database, or the path of the YAML that it was taken from; never a password."""

    @property
    def in_words(self) -> str:
        """The file, its time in UTC, so that all readers see the same, and where it was taken from."""
        place = f" at {self.location}" if self.location else ""
        return without_controls(f"{self.name} of {self.taken_at:%Y-%m-%d %H:%M} UTC ({self.source.label}{place})")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which source answers, since when, how fresh its data is, and why a better source does not answer."""

    source: Source = Source.NONE
    writable: bool = False
    stale: bool = False
    reason: str = "The registry has not been read yet."
    """A sentence for the user, without passwords. Empty if the primary source answers and can be written."""
    since: datetime | None = None
    """When this source began to answer (UTC)."""
    loaded_at: datetime | None = None
    """When the snapshot was last confirmed (UTC)."""
    server: str | None = None
    """Host, port and database, without user and password."""
    listening: bool = False
    """Whether the database notifies of changes; otherwise they are found when it is read again."""
    url_origin: UrlOrigin = NO_URL_ORIGIN
    """Which layer of the settings names the database."""
    leased: tuple[str, ...] = ()
    """The leased codes that this folder may give out although PostgreSQL is away."""
    file: SnapshotFile | None = None
    """The snapshot file; None where another source answers."""

    def leased_in(self, domain: str, subdomain: str) -> list[str]:
        """The leased codes of one subdomain, named by the numbers of its domain and of itself."""
        digits = WRITE_LAYER + domain.upper() + subdomain.upper()
        return [code for code in self.leased if code.startswith(digits)]

    @property
    def leases_in_words(self) -> str:
        """A sentence on the leased codes; empty where none can be given out."""
        if not self.leased:
            return ""
        return f"Until PostgreSQL is back, {_counted(self.leased)} of this folder can be allocated."


def _counted(leased: tuple[str, ...]) -> str:
    return f"the leased code {leased[0]}" if len(leased) == 1 else f"{len(leased)} leased codes"


@dataclass(frozen=True, slots=True)
class RegistryState:
    """All that features know of the registry at one moment."""

    provenance: Provenance = field(default_factory=Provenance)
    snapshot: Snapshot | None = None
    """The registry that answers; None if no registry can be read: unavailable is not empty."""
    yaml: Snapshot | None = None
    """The registry YAML; None if it cannot be read."""
    discrepancies: tuple[Discrepancy, ...] | None = None
    """The differences between PostgreSQL and the YAML; None if they cannot be compared."""
