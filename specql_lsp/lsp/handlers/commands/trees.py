"""The domain trees that several commands answer with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.folder import Folder
from specql_lsp.lsp.registry_locations import add_file_locations, add_registry_locations
from specql_lsp.lsp.session import Session
from specql_lsp.registry.model import Domain
from specql_lsp.registry.serialization import domain_to_json
from specql_lsp.registry.snapshot import Snapshot


async def domain_tree(session: Session, folder: Folder, snapshot: Snapshot, domain: Domain) -> dict[str, Any]:
    """The tree of a domain of ``snapshot``, with Locations; made off the event loop."""
    make = _maker(session, folder, snapshot, [domain])
    return await session.in_thread(lambda: next(make()))


async def domain_trees(session: Session, folder: Folder, snapshot: Snapshot) -> JsonText:
    """The trees of all domains of ``snapshot``, with Locations; made off the event loop, their JSON included."""
    make = _maker(session, folder, snapshot, snapshot.domains)
    # One domain after the other: ``json`` lets no other thread run before it has made the text of all.
    return JsonText(await session.in_thread(lambda: f"[{','.join(map(json.dumps, make()))}]"))


def _maker(
    session: Session, folder: Folder, snapshot: Snapshot, domains: Sequence[Domain]
) -> Callable[[], Iterator[dict[str, Any]]]:
    """What makes the trees of domains as they are now, on any thread."""
    document, analysis, provenance = folder.registry_document, folder.analysis, folder.service.state.provenance
    client_uri, encoding = session.client_uri, session.client.encoding

    def make() -> Iterator[dict[str, Any]]:
        used = frozenset(analysis.index.codes())
        trees = [domain_to_json(snapshot, domain, used) for domain in domains]
        for tree in trees:
            for subdomain in tree["subdomains"]:
                subdomain["availableLeases"] = provenance.leased_in(tree["number"], subdomain["number"])
        add_registry_locations(domains, trees, document, client_uri, encoding)
        add_file_locations(domains, trees, analysis, client_uri, encoding)
        yield from trees

    return make
