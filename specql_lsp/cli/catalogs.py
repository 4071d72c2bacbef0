"""``specql-lsp patterns``, ``specql-lsp services``: a group of commands for each catalog, all made alike."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from specql_lsp.cli.completion import complete_entry
from specql_lsp.cli.options import Invocation, demand_command, registry_command
from specql_lsp.cli.output import REFUSED, Answer, CommandError, terminal_width
from specql_lsp.registry.catalogs import CATALOG_NAMES, catalog

if TYPE_CHECKING:
    from specql_lsp.index.symbols import Place
    from specql_lsp.registry.catalogs.model import Catalog, Listing, Reading


def __getattr__(name: str) -> click.Group:
    """The group of commands of a catalog, by the catalog's name."""
    if name not in CATALOG_NAMES:
        raise AttributeError(name)
    return _group(catalog(name))


def _group(of: Catalog) -> click.Group:
    @click.group(of.name, invoke_without_command=True, short_help=f"List and show {of.title.lower()}.", help=of.about)
    @click.pass_context
    def group(context: click.Context) -> None:
        demand_command(context)

    @group.command("list", short_help=f"List the {of.title.lower()}.", help=f"List the {of.title.lower()}. {of.about}")
    @click.option("--search", default="", metavar="WORDS", help="Only those that have each of these words.")
    @click.option("--source", type=click.Choice([s.name for s in of.sources]), help="Only those of one source.")
    @registry_command
    def list_entries(invocation: Invocation, search: str, source: str | None) -> Answer:
        from specql_lsp.cli.views import catalogs
        from specql_lsp.registry.catalogs.serialization import listing_to_json

        listed = _listing(invocation, of, search, source)
        document = listing_to_json(listed, lambda place: _place(invocation, place))
        return Answer(document, catalogs.overview(listed, terminal_width(sys.stdout)), notes=catalogs.problems(listed))

    @group.command("show", short_help=f"Show one {of.noun}.", help=f"Show the {of.noun} of that NAME.")
    @click.argument("name", shell_complete=complete_entry)
    @registry_command
    def show_entry(invocation: Invocation, name: str) -> Answer:
        from specql_lsp.cli.views import catalogs
        from specql_lsp.language.names import nearest
        from specql_lsp.registry.catalogs.model import named
        from specql_lsp.registry.catalogs.serialization import entry_to_json

        listed = _listing(invocation, of)
        found = named(listed, name)
        notes = catalogs.problems(listed)
        if not found:
            near = nearest(name, [each.entry.name for each in listed.entries])
            hint = f"Did you mean {near}?" if near else f"specql-lsp {of.name} list shows them."
            lines = notes if any(source.reason for source in listed.sources) else ()
            message = f"There is no {of.noun} {name}. {hint}"
            raise CommandError("not-found", message, REFUSED, details={"nearest": near}, lines=lines)
        places = {each: _place(invocation, each.entry.place) if each.entry.place else None for each in found}
        document = [entry_to_json(each, lambda place: _place(invocation, place)) for each in found]
        text = "\n\n".join(catalogs.entry(each, listed, places[each], terminal_width(sys.stdout)) for each in found)
        return Answer(document, text, notes=notes)

    return group


def _listing(invocation: Invocation, of: Catalog, search: str = "", source: str | None = None) -> Listing:
    from specql_lsp.registry.catalogs.model import listing

    index = invocation.index()
    return listing(of, index, _answers(invocation, of), search, source)


def _answers(invocation: Invocation, of: Catalog) -> dict[str, Reading]:
    """What the database's sources give; nothing where the settings name no database."""
    from specql_lsp.registry.catalogs.reading import LastReadings
    from specql_lsp.registry.service.shared_connections import ConnectionRegistry
    from specql_lsp.registry.service.source_selection import primary_source_for
    from specql_lsp.registry.sources.base import SourceUnavailableError
    from specql_lsp.registry.state import Source

    settings = invocation.settings.registry
    answers: dict[str, Reading] = {}
    if not of.database_sources or primary_source_for(settings)[0] is not Source.POSTGRESQL:
        return answers
    lease, readings = ConnectionRegistry().lease(settings), LastReadings()
    try:
        for source in of.database_sources:
            try:
                with invocation.progress.step(f"Reading {source.title}"):
                    answers[source.name] = readings.read(of, source, source.read(lease.source))
            except SourceUnavailableError as error:
                answers[source.name] = readings.failed(of, source, error)
    finally:
        lease.release()
    return answers


def _place(invocation: Invocation, place: Place) -> dict[str, Any]:
    """The path in the workspace, and line and column from 1."""
    from specql_lsp.workspace.uris import path_of

    path = path_of(place.uri)
    folder = invocation.folder.resolve()
    shown = path.relative_to(folder) if path is not None and path.is_relative_to(folder) else path
    written = shown.as_posix() if shown is not None else place.uri
    return {"path": written, "line": place.start.line + 1, "column": place.start.column + 1}
