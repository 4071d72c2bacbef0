"""What ``registry sync`` did, or would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from specql_lsp.cli.tables import plain
from specql_lsp.cli.views.consistency import by_domain
from specql_lsp.cli.views.words import counted, listed
from specql_lsp.registry.consistency.labels import Side, label_of, side_of

if TYPE_CHECKING:
    from specql_lsp.registry.consistency.resolution import RefusedDiscrepancy, Resolution
    from specql_lsp.registry.state import RegistryState


def synchronized(
    state: RegistryState, resolution: Resolution, keep: str, written: str, what: Sequence[str], *, dry_run: bool
) -> str:
    """What was resolved, by domain, what was refused and why, and a sentence that counts.

    Args:
        state: what was compared.
        resolution: what became of it.
        keep: the side that was kept.
        written: how the side that is written is called.
        what: the names by which it was chosen; empty: everything.
        dry_run: whether nothing was done.
    """
    resolved, refused = resolution
    if not resolved and not refused:
        about = f" about {plain(listed(what))}" if what else ""
        return click.style(f"PostgreSQL and the registry YAML agree{about}", fg="green") + ": nothing to do."
    lines = list(by_domain(state, resolved))
    if refused:
        lines += [click.style(f"Refused: {counted(len(refused), 'difference')}", fg="yellow")]
        for _, group in groupby(refused, key=lambda each: each.discrepancy.domain):
            lines += (line for each in group for line in _refused(state, each))
        lines.append("")
    return "\n".join([*lines, plain(_summary(resolution, keep, written, dry_run=dry_run))])


def _refused(state: RegistryState, refused: RefusedDiscrepancy) -> Iterator[str]:
    label = label_of(refused.discrepancy, (state.snapshot, state.yaml))
    yield "  " + plain(f"{label.name}  {label.detail}")
    yield "      " + plain(refused.message)


def _summary(resolution: Resolution, keep: str, written: str, *, dry_run: bool) -> str:
    counts = Counter(side_of(each) for each in resolution.resolved)
    added = counts[Side.POSTGRESQL if keep == "postgresql" else Side.YAML]
    removed = counts[Side.YAML if keep == "postgresql" else Side.POSTGRESQL]
    parts = [
        f"{number:,} {verb}"
        for number, verb in ((added, "added"), (counts[Side.BOTH], "changed"), (removed, "removed"))
        if number
    ]
    done = f"{listed(parts)} in {written}" if parts else f"Nothing was changed in {written}"
    if not dry_run or not parts:
        return f"{done}."
    return f"{done}, if this were not a dry run. Nothing was changed."
