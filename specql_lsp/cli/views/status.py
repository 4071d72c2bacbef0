"""Which registry answers, and why, as lines of a name and a value."""

from __future__ import annotations

from datetime import datetime

import click

from specql_lsp.cli.tables import display_width, plain
from specql_lsp.cli.views.words import counted, listed, moment, source_of
from specql_lsp.registry.state import RegistryState, Source


def status(state: RegistryState, yaml_problem: str | None, now: datetime) -> str:
    """The status of a registry.

    Args:
        state: the registry as it was read.
        yaml_problem: why its YAML cannot be read; None where it can.
        now: from which its age is counted.
    """
    provenance = state.provenance
    source = source_of(provenance)
    lines = [("Source", click.style(plain(source[0].upper() + source[1:]), bold=True))]
    if provenance.server and provenance.source is not Source.POSTGRESQL:
        lines.append(("Server", plain(provenance.server)))
    if state.snapshot is not None:
        lines.append(("Writable", "yes" if provenance.writable else "no"))
    if provenance.reason:
        lines.append(("Why", plain(provenance.reason)))
    if provenance.leased:
        lines.append(("Leased", plain(provenance.leases_in_words)))
    if provenance.url_origin.overridden:
        lines.append(("Database", plain(provenance.url_origin.sentence)))
    if provenance.loaded_at is not None:
        age = max((now - provenance.loaded_at).total_seconds(), 0.0)
        stale = "; it could not be read since" if provenance.stale else ""
        lines.append(("Read", f"{moment(provenance.loaded_at)}, {age:.1f} s ago{stale}"))
    if state.snapshot is not None:
        counts = (
            counted(len(state.snapshot.domains), "domain"),
            counted(state.snapshot.subdomain_count, "subdomain"),
            counted(state.snapshot.entity_count, "entity", "entities"),
        )
        lines.append(("Holds", listed(counts)))
        lines.append(("Differs", _differences(state, yaml_problem)))
    width = max(display_width(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def _differences(state: RegistryState, yaml_problem: str | None) -> str:
    if state.discrepancies is None:
        is_postgresql = state.provenance.source is Source.POSTGRESQL and not state.provenance.stale
        reason = yaml_problem if is_postgresql and yaml_problem else "It takes PostgreSQL and the YAML to compare them."
        return plain(f"not known. {reason}")
    if not state.discrepancies:
        return click.style("no", fg="green") + ": PostgreSQL and the YAML agree"
    places = counted(len(state.discrepancies), "place")
    return click.style(f"in {places}", fg="yellow") + "; specql-lsp domain check-consistency shows them"
