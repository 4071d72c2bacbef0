"""What differs between PostgreSQL and the YAML: for people by domain, for scripts a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import click

from specql_lsp.cli.tables import plain
from specql_lsp.cli.views.words import counted
from specql_lsp.registry.consistency.labels import Label, Side, label_of, value_text
from specql_lsp.registry.state import Discrepancy, RegistryState


def differences(state: RegistryState, report: Mapping[str, Any]) -> str:
    """What differs, domain by domain with the values of both sides, and a sentence that counts.

    Args:
        state: what was compared; it knows the names of things.
        report: as ``consistency_report`` gives it.
    """
    return "\n".join([*by_domain(state, state.discrepancies or ()), summary(report)])


def by_domain(state: RegistryState, discrepancies: Iterable[Discrepancy]) -> Iterator[str]:
    """What differs: a heading for each domain, with how much that is, and a blank line after it."""
    sides = (state.snapshot, state.yaml)
    for number, group in groupby(discrepancies, key=lambda discrepancy: discrepancy.domain):
        labelled = [(each, label_of(each, sides)) for each in group]
        name = labelled[0][1].domain
        heading = f"Domain {number} ({name})" if name != number else f"Domain {number}"
        yield click.style(plain(heading), bold=True) + f": {counted(len(labelled), 'difference')}"
        for discrepancy, label in labelled:
            yield from _lines(discrepancy, label)
        yield ""


def messages(report: Mapping[str, Any]) -> str:
    """A line for each discrepancy, after a sentence that counts."""
    return "\n".join([summary(report), *(plain(discrepancy["message"]) for discrepancy in report["discrepancies"])])


def summary(report: Mapping[str, Any]) -> str:
    """Whether the two agree, and how much was compared."""
    counts = report["summary"]
    compared = (
        f"{counted(counts['postgresqlDomains'], 'domain')} in PostgreSQL, {counts['yamlDomains']:,} in the YAML, "
        f"{counted(counts['entitiesChecked'], 'entity', 'entities')} compared."
    )
    if report["consistent"]:
        return click.style("PostgreSQL and the registry YAML agree", fg="green") + f": {compared}"
    found = counted(counts["discrepancies"], "place")
    return click.style(f"PostgreSQL and the registry YAML differ in {found}", fg="yellow") + f": {compared}"


def _lines(discrepancy: Discrepancy, label: Label) -> Iterator[str]:
    if label.side is not Side.BOTH:
        yield "  " + plain(f"{label.name}  {label.detail}")
        return
    yield "  " + plain(f"{label.name}  {label.place} · {discrepancy.attribute}")
    yield "      PostgreSQL  " + plain(value_text(discrepancy.postgresql_value))
    yield "      YAML        " + plain(value_text(discrepancy.yaml_value))
