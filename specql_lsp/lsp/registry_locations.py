"""Where the things of a registry are shown: their keys in the registry YAML, and the files that define the entities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specql_lsp.analysis import Analysis
from specql_lsp.lsp.convert import location
from specql_lsp.lsp.positions import Encoding, Positions, place_range
from specql_lsp.registry.by_place import nodes_by_place
from specql_lsp.registry.changes import Place
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.workspace.documents import Document

Location = dict[str, Any]


class RegistryYamlLocations:
    """The Locations of things in one registry YAML. Made off the event loop: a large text is parsed for it.

    Args:
        document: the registry YAML; None where there is none: nothing has a place then.
        client_uri: our URI of a document → the client's spelling of it.
        encoding: the unit in which the client counts characters.
    """

    def __init__(self, document: Document | None, client_uri: Callable[[str], str], encoding: Encoding) -> None:
        registry = document.registry if document is not None else None
        self._nodes = nodes_by_place(registry) if registry is not None else None
        self._positions = Positions(document.lines, encoding) if document is not None else None
        self._uri = client_uri(document.uri) if document is not None else ""

    def of(self, place: Place) -> Location | None:
        """The Location of the key of a thing; None where the YAML has no such thing."""
        node = self._nodes.get(place) if self._nodes is not None else None
        if node is None or self._positions is None:
            return None
        return location(self._uri, self._positions.range(node.entry.key.span))


class TreeLocations:
    """Adds ``registryLocation``, and of entities ``fileLocation``, to the domain trees of the interface."""

    def __init__(
        self, analysis: Analysis, yaml: RegistryYamlLocations, client_uri: Callable[[str], str], encoding: Encoding
    ) -> None:
        self._analysis = analysis
        self._yaml = yaml
        self._client_uri = client_uri
        self._encoding = encoding

    def add_to_domain(self, domain: Domain, tree: dict[str, Any]) -> dict[str, Any]:
        """The tree of a domain, with Locations."""
        tree["registryLocation"] = self._yaml.of(Place(domain.number))
        for subdomain, subtree in zip(domain.subdomains, tree["subdomains"], strict=True):
            self.add_to_subdomain(domain, subdomain, subtree)
        return tree

    def add_to_subdomain(self, domain: Domain, subdomain: Subdomain, tree: dict[str, Any]) -> dict[str, Any]:
        """The tree of a subdomain, with Locations."""
        tree["registryLocation"] = self._yaml.of(Place(domain.number, subdomain.number))
        for entity, leaf in zip(subdomain.entities, tree["entities"], strict=True):
            leaf["registryLocation"] = self._yaml.of(Place(domain.number, subdomain.number, entity.name))
            leaf["fileLocation"] = self._file(domain, entity)
        return tree

    def _file(self, domain: Domain, entity: Entity) -> Location | None:
        facts = self._analysis.file_of(domain, entity)
        if facts is None:
            return None
        return location(self._client_uri(facts.uri), place_range(facts.name_place, self._encoding))
