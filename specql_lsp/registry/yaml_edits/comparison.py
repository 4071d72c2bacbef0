"""A registry YAML and PostgreSQL's registry side by side: the nodes of each, and the mappings that hold the YAML's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specql_lsp.items.registry_file import DomainNode, RegistryFile, SubdomainNode
from specql_lsp.lazily import lazily
from specql_lsp.registry.consistency.matching import PathIndex, YamlNode, registry_nodes_by_path, yaml_nodes_by_path
from specql_lsp.registry.model import Domain, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.nodes import Alias, Entry, Mapping
from specql_lsp.syntax.tree import SyntaxTree


class RegistrySides:
    """Both sides. The parent None is the registry itself, whose children are the domains."""

    def __init__(self, tree: SyntaxTree, registry: RegistryFile, postgresql: Snapshot) -> None:
        self.registry = registry
        self._tree = tree
        self._postgresql = postgresql

    @lazily
    def yaml_nodes(self) -> PathIndex[YamlNode]:
        """The YAML's nodes."""
        return yaml_nodes_by_path(self.registry)

    @lazily
    def postgresql_nodes(self) -> PathIndex[RegistryNode]:
        """PostgreSQL's nodes."""
        return registry_nodes_by_path(self._postgresql)

    def children_in_yaml(self, parent: RegistryPath | None) -> Sequence[YamlNode]:
        """What the YAML has under a parent, in the order of the text."""
        match self.yaml_nodes.get(parent) if parent is not None else None:
            case DomainNode(subdomains=subdomains):
                return subdomains
            case SubdomainNode(entities=entities):
                return entities
            case _:
                return self.registry.domains if parent is None else ()

    def children_in_postgresql(self, parent: RegistryPath | None) -> Sequence[RegistryNode]:
        """What PostgreSQL has under a parent, in its order: by number, and entities by sequence."""
        match self.postgresql_nodes.get(parent) if parent is not None else None:
            case Domain(subdomains=subdomains):
                return subdomains
            case Subdomain(entities=entities):
                return entities
            case _:
                return self._postgresql.domains if parent is None else ()

    def holder(self, parent: RegistryPath | None) -> Entry | None:
        """The entry of the YAML that holds a parent's children: ``domains``, ``subdomains`` or ``entities``."""
        if parent is None:
            return self.registry.domains_entry
        body = self._body(parent)
        return body.entry(collection_name(parent)) if body is not None else None

    def collection(self, parent: RegistryPath | None) -> Mapping | None:
        """The mapping that holds a parent's children, as it is written: without what it merges."""
        holder = self.holder(parent)
        return self._tree.written_mapping(holder.value) if holder is not None else None

    def written_body(self, node: YamlNode) -> Mapping | None:
        """A node's mapping as it is written: without what it merges."""
        return self._tree.written_mapping(node.entry.value) if node.body is not None else None

    def is_merged(self, path: RegistryPath, *, of_node: bool) -> bool:
        """Whether a merge key (``<<``) brings a node or one above it, so that what is written belongs elsewhere, too.

        ``of_node`` says whether the node's own entry counts; else only the way to it.
        """
        for step in _way(path):
            holder, collection = self.holder(step.parent), self.collection(step.parent)
            if holder is None or collection is None:
                return False
            parent = self.yaml_nodes.get(step.parent) if step.parent is not None else None
            body = self._tree.written_mapping(self._tree.root) if parent is None else self.written_body(parent)
            if body is None or not _has(body, holder):
                return True
            node = self.yaml_nodes.get(step) if of_node or step != path else None
            if node is not None and not _has(collection, node.entry):
                return True
        return False

    def own_children(self, parent: RegistryPath | None) -> Sequence[YamlNode]:
        """What is written under a parent, in the order of the text: without what is merged."""
        collection = self.collection(parent)
        written = {entry.span for entry in collection.entries} if collection is not None else frozenset()
        return [node for node in self.children_in_yaml(parent) if node.entry.span in written]

    def is_in_flow(self, parent: RegistryPath | None) -> bool:
        """Whether the entry that holds a parent's children is in flow style."""
        body = self.registry.root if parent is None else self._body(parent)
        return body is not None and body.flow

    def alias(self, path: RegistryPath, *, of_node: bool) -> tuple[RegistryPath | None, RegistryPath | None] | None:
        """The outermost alias on the way to a node. Its value belongs to another place of the YAML, too.

        Args:
            path: the node's.
            of_node: whether the node's own value counts; else only the way to it.

        Returns:
            The parent whose collection is an alias and None, or the parent and the child whose value is one; None
            if there is none.
        """
        for step in _way(path):
            holder = self.holder(step.parent)
            if holder is not None and isinstance(holder.value, Alias):
                return step.parent, None
            node = self.yaml_nodes.get(step) if of_node or step != path else None
            if node is None or self.postgresql_nodes.get(step) is None:
                return None
            if isinstance(node.entry.value, Alias):
                return step.parent, step
        return None

    def _body(self, path: RegistryPath) -> Mapping | None:
        node = self.yaml_nodes.get(path)
        return node.body if node is not None else None


def _has(mapping: Mapping, entry: Entry) -> bool:
    """Whether an entry is written in a mapping."""
    return any(each.span == entry.span for each in mapping.entries)


def collection_name(parent: RegistryPath) -> str:
    """The key under which a domain or a subdomain has its children."""
    return "subdomains" if parent.subdomain is None else "entities"


def _way(path: RegistryPath) -> Iterator[RegistryPath]:
    """A path and those above it, outermost first."""
    if path.parent is not None:
        yield from _way(path.parent)
    yield path
