"""``specql.listCatalogs``."""

from __future__ import annotations

from typing import Any

from specql_lsp.index.symbols import Place
from specql_lsp.lsp.convert.locations import location_json
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.handlers.commands.support import folder_for, result, text
from specql_lsp.lsp.positions import place_range
from specql_lsp.lsp.session import Session
from specql_lsp.registry.catalogs import CATALOG_NAMES, catalog
from specql_lsp.registry.catalogs.model import Catalog, DatabaseSource, Reading, listing
from specql_lsp.registry.catalogs.serialization import listing_to_json
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.state import Source


async def list_catalogs(session: Session, argument: dict[str, Any]) -> list[dict[str, Any]]:
    """``specql.listCatalogs``: every catalog, or the one named, with its sources and entries.

    Waits until all files have been read. From then on the client is notified when files change what is listed.
    """
    name, search = text(argument, "name"), text(argument, "search") or ""
    if name is not None and name not in CATALOG_NAMES:
        raise Refused(RefusalKind.INVALID_ARGUMENT, f"name must be one of {', '.join(CATALOG_NAMES)}.")
    session.notify_of_catalogs()
    folder = folder_for(session, argument)
    await folder.until_indexed()

    def location(place: Place) -> dict[str, Any]:
        return location_json(session.client_uri(place.uri), place_range(place, session.client.encoding))

    listings = []
    for each in [name] if name is not None else CATALOG_NAMES:
        of = catalog(each)
        answers = {source.name: await _reading(folder, of, source) for source in of.database_sources}
        listings.append(listing_to_json(listing(of, folder.index, answers, search), location))
    return listings


async def _reading(folder: Folder, of: Catalog, source: DatabaseSource) -> Reading:
    """What a source of the database has; what it had last while the registry itself cannot be read there."""
    service = folder.service
    if not service.has_database:
        return folder.catalogs.read(of, source, None)
    await folder.until_registry_answered()
    provenance = service.state.provenance
    if provenance.source is not Source.POSTGRESQL or provenance.stale:
        return folder.catalogs.failed(of, source, SourceUnavailableError(provenance.reason))
    try:
        return folder.catalogs.read(of, source, await result(service.ask(source.read)))
    except SourceUnavailableError as error:
        return folder.catalogs.failed(of, source, error)
