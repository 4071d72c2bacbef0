"""Where the nodes of a registry are shown: their keys in the registry YAML, and the files that define the entities.

Both functions add to the domain trees of the interface (``registry.wire``), whose order is that of the domains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from specql_lsp.lsp.convert.locations import location_json
from specql_lsp.lsp.positions import Encoding, Positions, place_range
from specql_lsp.registry.consistency.matching import yaml_nodes_by_path
from specql_lsp.registry.model import Domain, RegistryPath
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

Tree = dict[str, Any]
ClientUri = Callable[[str], str]
"""Our URI of a document → the client's spelling of it."""


def add_registry_locations(
    domains: Sequence[Domain],
    trees: Sequence[Tree],
    document: Document | None,
    client_uri: ClientUri,
    encoding: Encoding,
) -> None:
    """Adds ``registryLocation`` to everything: the Location of its key in the registry YAML, or None.

    For a worker thread, as a large text may be parsed for it.

    Args:
        domains: what the trees were made of.
        trees: changed in path.
        document: the registry YAML; None if there is none.
        client_uri: for the document's URI.
        encoding: the unit in which the client counts characters.
    """
    registry = document.registry if document is not None else None
    nodes = yaml_nodes_by_path(registry) if registry is not None else None
    positions = Positions(document.lines, encoding) if document is not None else None
    uri = client_uri(document.uri) if document is not None else ""

    def of(path: RegistryPath) -> dict[str, Any] | None:
        node = nodes.get(path) if nodes is not None else None
        return location_json(uri, positions.range(node.entry.key.span)) if node is not None and positions else None

    for domain, tree in zip(domains, trees, strict=True):
        tree["registryLocation"] = of(RegistryPath(domain.number))
        for subdomain, subtree in zip(domain.subdomains, tree["subdomains"], strict=True):
            subtree["registryLocation"] = of(RegistryPath(domain.number, subdomain.number))
            for entity, leaf in zip(subdomain.entities, subtree["entities"], strict=True):
                leaf["registryLocation"] = of(RegistryPath(domain.number, subdomain.number, entity.name))


def add_file_locations(
    domains: Sequence[Domain], trees: Sequence[Tree], analysis: Analysis, client_uri: ClientUri, encoding: Encoding
) -> None:
    """Adds ``fileLocation`` to every entity: the Location of its name in the file that defines it, None without one.

    Args:
        domains: what the trees were made of.
        trees: changed in path.
        analysis: has the index of the files.
        client_uri: for the files' URIs.
        encoding: the unit in which the client counts characters.
    """
    for domain, tree in zip(domains, trees, strict=True):
        for subdomain, subtree in zip(domain.subdomains, tree["subdomains"], strict=True):
            for entity, leaf in zip(subdomain.entities, subtree["entities"], strict=True):
                facts = analysis.file_of(domain, entity)
                leaf["fileLocation"] = (
                    location_json(client_uri(facts.uri), place_range(facts.name_place, encoding)) if facts else None
                )
