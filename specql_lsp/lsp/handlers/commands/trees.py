"""The domain trees that several commands answer with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.registry_locations import add_file_locations, add_registry_locations
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import Domain
from specql_lsp.registry.serialization import domain_to_json
from specql_lsp.registry.snapshot import Snapshot


async def domain_trees(
    session: Session, folder: Folder, snapshot: Snapshot, domains: Sequence[Domain]
) -> list[dict[str, Any]]:
    """The trees of some domains, with Locations and leased codes. Most of the work is done off the event loop."""
    provenance = folder.service.state.provenance
    document, used = folder.registry_document, frozenset(folder.index.codes())
    client_uri, encoding = session.client_uri, session.client.encoding

    def make() -> list[dict[str, Any]]:
        made = [domain_to_json(snapshot, domain, used) for domain in domains]
        for tree in made:
            for subdomain in tree["subdomains"]:
                subdomain["leased"] = provenance.leased_in(tree["number"], subdomain["number"])
        add_registry_locations(domains, made, document, client_uri, encoding)
        return made

    trees = await session.in_thread(make)
    add_file_locations(domains, trees, folder.analysis, client_uri, encoding)
    return trees
