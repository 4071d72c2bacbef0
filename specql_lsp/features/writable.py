"""Whether the registry can be written now."""

from __future__ import annotations

from specql_lsp.workspace.analysis import Analysis


def why_not_write(analysis: Analysis) -> str | None:
    """Why the registry cannot be written now; None where it can."""
    provenance = analysis.registry.provenance
    if analysis.snapshot is None:
        return provenance.reason or "No registry can be read now."
    if not provenance.writable:
        reason = f" {provenance.reason}" if provenance.reason else ""
        return f"The registry is read-only now, as it is read from {provenance.source.label}.{reason}"
    return None
