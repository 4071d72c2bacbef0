"""Catalogs as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from specql_lsp.cli.tables import Cell, Column, plain, table
from specql_lsp.cli.views.words import counted
from specql_lsp.registry.catalogs.model import Condition, Listed, Listing


def overview(listing: Listing, width: int | None) -> str:
    """The table of a catalog's entries, and a line that counts them by source.

    Args:
        listing: the catalog.
        width: the terminal's columns; None cuts nothing.
    """
    catalog = listing.catalog
    if not listing.entries:
        return f"No {catalog.noun} is found."
    titles = {source.name: source.title for source in listing.sources}
    columns = (Column("NAME"), Column("KIND"), Column("SOURCE"), Column("PARTS", numeric=True), Column("ABOUT"))
    rows = [
        (
            Cell(each.entry.name, bold=True),
            each.entry.kind,
            titles[each.source],
            len(each.entry.items),
            _about(each),
        )
        for each in listing.entries
    ]
    counts = ", ".join(f"{plain(source.title)} {source.shown}" for source in listing.sources if source.shown)
    return f"{table(columns, rows, width)}\n\n{counted(len(listing.entries), catalog.noun)} ({counts})."


def _about(each: Listed) -> str:
    entry = each.entry
    text = " · ".join(filter(None, (entry.detail, " ".join(entry.description.split()))))
    return f"DEPRECATED{_instead(each)} · {text}" if entry.deprecated is not None else text


def _instead(each: Listed) -> str:
    return f", use {each.entry.replacement}" if each.entry.replacement else ""


def entry(each: Listed, listing: Listing, place: Mapping[str, Any] | None, width: int | None) -> str:
    """One entry with its parts.

    Args:
        each: the entry.
        listing: what it is from.
        place: where it is defined, with ``path`` and ``line``; None where no file does.
        width: the terminal's columns; None cuts nothing.
    """
    own = each.entry
    source = next(source.title for source in listing.sources if source.name == each.source)
    head = " · ".join(filter(None, (f"{own.name} · {own.kind}", own.detail, source)))
    parts = [click.style(plain(head), bold=True)]
    if place is not None:
        parts.append(plain(f"{place['path']}:{place['line']}"))
    if own.deprecated is not None:
        reason = f": {own.deprecated}" if own.deprecated else ""
        parts.append(click.style(plain(f"Deprecated{_instead(each)}{reason}"), fg="yellow"))
    if own.description:
        parts.append(plain(" ".join(own.description.split())))
    if own.items:
        columns = (Column("NAME"), Column("WHAT"), Column("ABOUT"))
        rows = [(Cell(item.name, bold=True), item.detail, " ".join(item.description.split())) for item in own.items]
        parts += ["", table(columns, rows, width)]
    return "\n".join(parts)


def problems(listing: Listing) -> tuple[str, ...]:
    """A sentence for each source that could not be read."""
    unread = (Condition.UNAVAILABLE, Condition.STALE)
    return tuple(f"{each.title} is not listed: {each.reason}" for each in listing.sources if each.condition in unread)
