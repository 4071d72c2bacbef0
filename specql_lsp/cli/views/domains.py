"""Domains, subdomains and codes as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from specql_lsp.cli.tables import Cell, Column, Row, plain, table
from specql_lsp.cli.views.words import counted, source_of
from specql_lsp.registry.model import Domain
from specql_lsp.registry.requests import Allocation, Moving, Released, Renaming
from specql_lsp.registry.state import Provenance

_FEW = 3
"""So many free codes and fewer are worth a colour."""


def overview(domains: Sequence[Mapping[str, Any]], provenance: Provenance, width: int | None) -> str:
    """The table of all domains, and a line that counts and says who answered.

    Args:
        domains: as ``domains_to_json`` gives them.
        provenance: where they come from.
        width: the terminal's columns; None cuts nothing.
    """
    source = plain(source_of(provenance))
    if not domains:
        return f"There is no domain in {source}."
    leased = [sum(len(subdomain["leased"]) for subdomain in domain["subdomains"]) for domain in domains]
    columns = (
        Column("NUMBER"),
        Column("NAME"),
        Column("SUBDOMAINS", numeric=True),
        Column("ENTITIES", numeric=True),
        Column("FREE", numeric=True),
        *((Column("LEASED", numeric=True),) if any(leased) else ()),
        Column("TENANTS"),
        Column("ALIASES"),
        Column("DESCRIPTION"),
    )
    rows: list[Row] = [
        (
            domain["number"],
            Cell(domain["name"], bold=True),
            len(domain["subdomains"]),
            sum(len(subdomain["entities"]) for subdomain in domain["subdomains"]),
            _free(sum(subdomain["free"] for subdomain in domain["subdomains"])),
            *((count,) if any(leased) else ()),
            "yes" if domain["multiTenant"] else "no",
            ", ".join(domain["aliases"]),
            domain["description"] or "",
        )
        for domain, count in zip(domains, leased, strict=True)
    ]
    subdomains = [subdomain for domain in domains for subdomain in domain["subdomains"]]
    entities = sum(len(subdomain["entities"]) for subdomain in subdomains)
    counts = (counted(len(domains), "domain"), counted(len(subdomains), "subdomain"), _entities(entities))
    return f"{table(columns, rows, width)}\n\n{', '.join(counts)} in {source}."


def tree(domain: Mapping[str, Any], width: int | None) -> str:
    """One domain: what is known of it, its subdomains, its entities.

    Args:
        domain: as ``domain_to_json`` gives it.
        width: the terminal's columns; None cuts nothing.
    """
    title = f"Domain {domain['number']} ({domain['name']})" + (", multi-tenant" if domain["multiTenant"] else "")
    parts = [click.style(plain(title), bold=True)]
    if domain["description"]:
        parts.append(plain(domain["description"]))
    if domain["aliases"]:
        parts.append(plain("Aliases: " + ", ".join(domain["aliases"])))
    subdomains = domain["subdomains"]
    if not subdomains:
        return "\n".join([*parts, "It has no subdomain yet."])
    parts += ["", _subdomains(subdomains, width)]
    entities: list[Row] = [
        (
            Cell(entity["tableCode"], bold=True),
            entity["name"],
            entity["entityCode"],
            f"{subdomain['number']} {subdomain['name']}",
        )
        for subdomain in subdomains
        for entity in subdomain["entities"]
    ]
    if entities:
        columns = (Column("CODE"), Column("ENTITY"), Column("SHORT"), Column("SUBDOMAIN"))
        parts += ["", table(columns, entities, width)]
    return "\n".join(parts)


def domain_registered(domain: Mapping[str, Any]) -> str:
    """The sentence for a new domain (as ``domain_to_json`` gives it)."""
    aliases = f" with the aliases {', '.join(domain['aliases'])}" if domain["aliases"] else ""
    kind = "multi-tenant domain" if domain["multiTenant"] else "domain"
    return plain(f"Registered {kind} {domain['number']} ({domain['name']}){aliases}.")


def subdomain_registered(subdomain: Mapping[str, Any], parent: Domain) -> str:
    """The sentence for a new subdomain (as ``subdomain_to_json`` gives it) of a domain."""
    return plain(
        f"Registered subdomain {subdomain['number']} ({subdomain['name']}) of domain {parent.number} ({parent.name}): "
        f"{counted(subdomain['free'], 'code')} free."
    )


def allocated(allocation: Allocation) -> str:
    """The sentence for an allocation; its code is bold where there are colours."""
    place, code, entity = _place(allocation), _code(allocation), plain(allocation.entity)
    if allocation.created:
        return f"Allocated {code} to {entity} in {place}."
    return f"{entity} has the code {code} already, in {place}."


def renamed(renaming: Renaming, old: str, files: Sequence[str], *, dry_run: bool) -> str:
    """The sentence for a rename of a registration, and the files that have the old name; its code is bold."""
    place, code, entity = _place(renaming), _code(renaming), plain(renaming.entity)
    left = f" Rename {plain(old)} there, too: {plain(', '.join(files))}." if files else ""
    if not renaming.renamed:
        return f"The code {code} is registered to {entity} already, in {place}: nothing was changed.{left}"
    verb, end = ("Would rename", " Nothing was changed.") if dry_run else ("Renamed", "")
    return f"{verb} {plain(renaming.previous)} to {entity}; it keeps {code} in {place}.{left}{end}"


def moved(moving: Moving, files: Sequence[str], *, dry_run: bool) -> str:
    """The sentence for a move of a registration, and the files that have its code; its code is bold."""
    place, code, entity = _place(moving), _code(moving), plain(moving.entity)
    if not moving.moved:
        return f"{entity} is in {place} already, with the code {code}: nothing was changed."
    verb, end = ("Would move", " Nothing was changed.") if dry_run else ("Moved", "")
    written = f" Files: {plain(', '.join(files))}." if files else ""
    return f"{verb} {entity} to {place}: its code is {code} instead of {plain(moving.previous_code)}.{written}{end}"


def released(registration: Released, *, dry_run: bool) -> str:
    """The sentence for a registration that was taken back; its code is bold where there are colours."""
    place, code, entity = _place(registration), _code(registration), plain(registration.entity)
    if dry_run:
        return f"Would release {code} of {entity} in {place}. Nothing was changed."
    return f"Released {code} of {entity} in {place}: the code is free again."


def _place(registered: Allocation | Renaming | Moving | Released) -> str:
    subdomain, domain = registered.subdomain, registered.domain
    return plain(f"subdomain {subdomain.number} ({subdomain.name}) of domain {domain.number} ({domain.name})")


def _code(registered: Allocation | Renaming | Moving | Released) -> str:
    return click.style(plain(registered.table_code), bold=True)


def _subdomains(subdomains: Sequence[Mapping[str, Any]], width: int | None) -> str:
    leased = any(subdomain["leased"] for subdomain in subdomains)
    columns = (
        Column("SUBDOMAIN"),
        Column("NAME"),
        Column("ENTITIES", numeric=True),
        Column("FREE", numeric=True),
        *((Column("LEASED", numeric=True),) if leased else ()),
        Column("DESCRIPTION"),
    )
    rows: list[Row] = [
        (
            subdomain["number"],
            Cell(subdomain["name"], bold=True),
            len(subdomain["entities"]),
            _free(subdomain["free"]),
            *((len(subdomain["leased"]),) if leased else ()),
            subdomain["description"] or "",
        )
        for subdomain in subdomains
    ]
    return table(columns, rows, width)


def _free(count: int) -> Cell:
    colour = "red" if count == 0 else "yellow" if count <= _FEW else None
    return Cell(str(count), colour)


def _entities(count: int) -> str:
    return counted(count, "entity", "entities")
