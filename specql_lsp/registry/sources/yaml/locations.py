"""The spans of a registry YAML's nodes and attributes, by path."""

from __future__ import annotations

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.registry.consistency.matching import yaml_nodes_by_path
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.sources.yaml.lowering import SEQUENCE_KEYS
from specql_lsp.syntax.nodes import Entry, Mapping
from specql_lsp.syntax.text import Span


class YamlLocations:
    """The spans of one registry YAML."""

    def __init__(self, registry: RegistryFile) -> None:
        self._nodes = yaml_nodes_by_path(registry)

    def span(self, path: RegistryPath, attribute: str | None) -> Span | None:
        """The span of an attribute: its value, else its key, else the node's key; None if the YAML lacks the node."""
        node = self._nodes.get(path)
        if node is None:
            return None
        if attribute is not None:
            entry = _attribute(node.body, attribute)
            if entry is not None:
                return entry.value.span if entry.value is not None else entry.key.span
            if node.entry.value is not None and node.body is None:  # a code alone, or what is no mapping
                return node.entry.value.span
        return node.entry.key.span


def _attribute(body: Mapping | None, attribute: str) -> Entry | None:
    if body is None:
        return None
    names = SEQUENCE_KEYS if attribute == "sequence" else (attribute,)
    return next((entry for entry in reversed(body.entries) if entry.name in names), None)
