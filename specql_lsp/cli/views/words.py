"""Counts, places and moments in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from specql_lsp.registry.state import Provenance, Source


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """The count with its noun, such as ``1 domain`` or ``2 domains``."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def listed(parts: Iterable[str]) -> str:
    """The parts as in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def source_of(provenance: Provenance) -> str:
    """Which registry answers, and where it is."""
    if provenance.source is Source.POSTGRESQL:
        return f"PostgreSQL at {provenance.server}" if provenance.server else "PostgreSQL"
    if provenance.file is not None:
        place = f" at {provenance.file.location}" if provenance.file.location else ""
        taken_from = f"{provenance.file.source.label}{place}"
        return f"the snapshot {provenance.file.name} of {moment(provenance.file.taken_at)}, taken from {taken_from}"
    if provenance.source is Source.NONE:
        return "no registry"
    return {Source.YAML: "the registry YAML", Source.IN_MEMORY: "memory"}.get(provenance.source, "a snapshot")


def moment(at: datetime) -> str:
    """A moment in the reader's time zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
