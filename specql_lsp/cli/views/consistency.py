"""What differs between PostgreSQL and the YAML: for people by domain, for scripts a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import click

from specql_lsp.cli.tables import plain
from specql_lsp.cli.views.words import counted
from specql_lsp.registry.model import Domain
from specql_lsp.registry.state import RegistryState, Value


def differences(state: RegistryState, report: Mapping[str, Any]) -> str:
    """What differs, domain by domain with the values of both sides, and a sentence that counts.

    Args:
        state: what was compared; it knows the names of things.
        report: as ``consistency_report`` gives it.
    """
    parts: list[str] = []
    for number, group in groupby(report["discrepancies"], key=lambda discrepancy: discrepancy["domain"]):
        domain = _domain(state, number)
        parts.append(
            click.style(plain(f"Domain {number} ({domain.name})" if domain else f"Domain {number}"), bold=True)
        )
        for discrepancy in group:
            parts += _lines(state, discrepancy)
        parts.append("")
    return "\n".join([*parts, summary(report)])


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


def _lines(state: RegistryState, discrepancy: Mapping[str, Any]) -> Iterator[str]:
    place = [part for part in (_subdomain(state, discrepancy), discrepancy.get("entity")) if part]
    attribute = discrepancy.get("attribute")
    if attribute is not None:
        yield "  " + plain(", ".join([*place, attribute]))
        yield "      PostgreSQL  " + _value(discrepancy["postgresqlValue"])
        yield "      YAML        " + _value(discrepancy["yamlValue"])
        return
    value = discrepancy.get("postgresqlValue")
    sides = "in the YAML, not in PostgreSQL" if value is None else "in PostgreSQL, not in the YAML"
    code = f" with code {value or discrepancy.get('yamlValue')}" if discrepancy.get("entity") else ""
    yield "  " + plain(f"{', '.join(place) or 'the whole domain'}{code}: {sides}")


def _domain(state: RegistryState, number: str) -> Domain | None:
    sides = (side.domain_numbered(number) for side in (state.snapshot, state.yaml) if side is not None)
    return next((domain for domain in sides if domain is not None), None)


def _subdomain(state: RegistryState, discrepancy: Mapping[str, Any]) -> str | None:
    number = discrepancy.get("subdomain")
    if number is None:
        return None
    for side in (state.snapshot, state.yaml):
        domain = side.domain_numbered(discrepancy["domain"]) if side is not None else None
        subdomain = domain.subdomain(number) if domain is not None else None
        if subdomain is not None:
            return f"subdomain {number} ({subdomain.name})"
    return f"subdomain {number}"


def _value(value: Value) -> str:
    """A value as the YAML would have it; both sides are shown whole, since one letter may be the difference."""
    if value is None or value == []:
        return click.style("none", dim=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(", ".join(value) if isinstance(value, list) else str(value))
