"""What SpecQL 0.9.2 needs in a registry YAML although our reader does not: where SpecQL stops, and what it lacks.

Source: ``naming_conventions.py`` of SpecQL's PostgreSQL generator, which uses these keys without checking that they
exist. ``tests/specql`` compares this module with SpecQL itself. Reading a registry never depends on it, as real
registries lack such keys. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from specql_lsp.items.registry_file import DomainNode, EntityNode, RegistryFile, SubdomainNode
from specql_lsp.registry.consistency.matching import YamlNode
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.sources.yaml.findings import RegistryFinding, Repair, Rule
from specql_lsp.registry.sources.yaml.lowering import integer_of
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import is_null

_Numbered = TypeVar("_Numbered", DomainNode, SubdomainNode)

RELEASE = "SpecQL 0.9.2"
DOMAIN_KEYS = ("name", "description")
SUBDOMAIN_KEYS = ("name", "description", "next_entity_sequence")
ENTITY_KEYS = ("table_code", "entity_code", "assigned_at")


def specql_findings(registry: RegistryFile, tree: SyntaxTree) -> tuple[RegistryFinding, ...]:
    """Every place of a registry YAML where SpecQL stops, in the order of the text, with what a repair needs.

    Args:
        registry: the document's registry nodes (``read_registry(tree)``).
        tree: the document's syntax tree.

    What no reader understands (a text instead of a mapping) is ``shape``'s. The value of several aliases is reported
    once.
    """
    found: dict[tuple[Span, tuple[str, ...]], RegistryFinding] = {}
    for finding in _Needs(tree).of(registry):
        missing = finding.repair.missing if finding.repair is not None else ()
        found.setdefault((finding.span, missing), finding)
    return tuple(sorted(found.values(), key=lambda finding: finding.span))


class _Needs:
    def __init__(self, tree: SyntaxTree) -> None:
        self._tree = tree

    def of(self, registry: RegistryFile) -> Iterator[RegistryFinding]:
        domains = self._tree.mapping(registry.domains_entry.value) if registry.domains_entry is not None else None
        for domain in _read_ones(registry.domains):
            yield from self._domain(domain, in_flow=domains is not None and domains.flow)
        root = registry.root
        if root is not None:
            yield from self._collection_of(root, "schema_layers", "schema_layers", None, shaped=True)
            yield from self._collection_of(root, "reserved_codes", "reserved_codes", None, shaped=True)
            yield from self._inference(root)
        yield from self._texts(registry)

    def _texts(self, registry: RegistryFile) -> Iterator[RegistryFinding]:
        """Layers and reserved codes, which SpecQL compares with texts."""
        layers = [("schema layer", entry.key) for entry in registry.schema_layers]
        for kind, key in (*layers, *(("reserved code", code) for code in registry.reserved_codes)):
            if isinstance(key, Scalar):
                yield from _number(key, f"the {kind} {key.value}")

    def _domain(self, node: DomainNode, *, in_flow: bool) -> Iterator[RegistryFinding]:
        path = RegistryPath(node.number.value)
        title = _title("domain", node)
        yield from _number(node.number, title)
        yield from self._missing(node, path, title, node.number, DOMAIN_KEYS, in_flow=in_flow)
        if node.body is not None:
            yield from self._collection_of(node.body, "aliases", title, path)
            yield from self._collection_of(node.body, "subdomains", title, path)
        collection = self._collection(node.body, "subdomains")
        for subdomain in _read_ones(node.subdomains):
            yield from self._subdomain(node, subdomain, in_flow=collection is not None and collection.flow)

    def _subdomain(self, domain: DomainNode, node: SubdomainNode, *, in_flow: bool) -> Iterator[RegistryFinding]:
        path = RegistryPath(domain.number.value, node.number.value)
        title = _title("subdomain", node)
        yield from _number(node.number, title)
        yield from self._missing(node, path, title, node.number, SUBDOMAIN_KEYS, in_flow=in_flow)
        if node.body is not None:
            yield from self._counter(node.body, title, path)
            # SpecQL takes null for no entities; an empty list stops it.
            yield from self._collection_of(node.body, "entities", title, path, null=False)
        collection = self._collection(node.body, "entities")
        for entity in {entity.name.value: entity for entity in node.entities}.values():
            yield from self._entity(path, entity, in_flow=collection is not None and collection.flow)

    def _entity(self, parent: RegistryPath, node: EntityNode, *, in_flow: bool) -> Iterator[RegistryFinding]:
        path = RegistryPath(parent.domain, parent.subdomain, node.name.value)
        title = f"the entity {node.name.value}"
        misread = None if is_null(node.name) else misreading(node.name)
        if misread is not None:
            message = f"{RELEASE} cannot read {title}: YAML 1.1 reads its name as {misread}; quote it."
            yield _stop(node.name.span, message, Repair(title, unquoted=node.name))
        value = self._tree.resolve(node.entry.value)
        if isinstance(value, Scalar) and not is_null(value):
            message = f"{RELEASE} cannot read {title}: it needs {listed(ENTITY_KEYS)}, and finds the code alone."
            yield _stop(node.name.span, message, Repair(title, path, node, ENTITY_KEYS[1:], in_flow=in_flow))
        else:
            yield from self._missing(node, path, title, node.name, ENTITY_KEYS, in_flow=in_flow)

    def _missing(
        self, node: YamlNode, path: RegistryPath, title: str, key: Scalar, required: tuple[str, ...], *, in_flow: bool
    ) -> Iterator[RegistryFinding]:
        if node.body is not None:
            there = self._names(node.body)
        elif self._is_nothing(node.entry.value):
            there = set[str | None]()
        else:
            return
        missing = tuple(name for name in required if name not in there)
        if missing:
            is_or_are = "is" if len(missing) == 1 else "are"
            message = f"{RELEASE} cannot read {title}: {listed(missing)} {is_or_are} missing."
            yield _stop(key.span, message, Repair(title, path, node, missing, in_flow=in_flow))

    def _counter(self, body: Mapping, title: str, path: RegistryPath) -> Iterator[RegistryFinding]:
        entry = body.entry("next_entity_sequence")
        if entry is None:
            return
        value = self._tree.resolve(entry.value)
        nothing = self._is_nothing(value)
        if nothing or (isinstance(value, Scalar) and not value.is_plain and integer_of(value) is not None):
            problem = "nothing" if nothing else "a text"
            message = f"{RELEASE} cannot count with {problem}: write next_entity_sequence as an integer without quotes."
            yield _stop(_span(entry), message, Repair(title, path, unusable=entry, in_flow=body.flow))

    def _collection_of(
        self,
        body: Mapping,
        name: str,
        title: str,
        path: RegistryPath | None,
        *,
        null: bool = True,
        shaped: bool = False,
    ) -> Iterator[RegistryFinding]:
        """A key whose value is not the list or the mapping that SpecQL needs.

        Args:
            body: the mapping that may have the key.
            name: the key.
            title: what it belongs to.
            path: the same.
            null: whether SpecQL stops at null.
            shaped: whether other values than none are looked at, too.
        """
        entry = body.entry(name)
        if entry is None:
            return
        value = self._tree.resolve(entry.value)
        is_list = name in LISTS
        nothing = value is None or (isinstance(value, Scalar) and is_null(value))
        empty = (nothing and null) or (not is_list and isinstance(value, Sequence) and not value.items)
        wrong = shaped and not nothing and not empty and not self._suits(value, is_list=is_list)
        if empty or wrong:
            wanted = "a list" if is_list else "a mapping"
            message = f"{RELEASE} cannot read this {name}: it needs {wanted}, if only an empty one."
            yield _stop(
                _span(entry), message, Repair(title, path, unusable=entry if empty else None, in_flow=body.flow)
            )

    def _suits(self, value: Node | None, *, is_list: bool) -> bool:
        """Whether SpecQL can take a value; it looks for texts in lists as well as in texts and keys."""
        if is_list and isinstance(value, Scalar):
            return misreading(value) is None
        return isinstance(value, Mapping) or (is_list and isinstance(value, Sequence))

    def _inference(self, root: Mapping) -> Iterator[RegistryFinding]:
        """The patterns. SpecQL needs a mapping with the list ``patterns`` for each subdomain."""
        yield from self._collection_of(root, "subdomain_inference", "subdomain_inference", None, shaped=True)
        domains = self._tree.mapping(root.value("subdomain_inference"))
        for domain in domains.entries if domains is not None else ():
            title = f"the patterns of {domain.name or 'a domain'}"
            yield from self._rules(domain, title, "a mapping", in_flow=domains is not None and domains.flow)
            subdomains = self._tree.mapping(domain.value)
            for subdomain in subdomains.entries if subdomains is not None else ():
                in_flow = subdomains is not None and subdomains.flow
                yield from self._rules(subdomain, title, "a mapping with the list patterns", in_flow=in_flow)
                rules = self._tree.mapping(subdomain.value)
                if rules is not None:
                    yield from self._collection_of(rules, "patterns", title, None, shaped=True)
                    yield from self._patterns(rules, title)

    def _rules(self, entry: Entry, title: str, wanted: str, *, in_flow: bool) -> Iterator[RegistryFinding]:
        value = self._tree.resolve(entry.value)
        if not isinstance(value, Mapping):
            message = f"{RELEASE} cannot read {title}: it needs {wanted} here, if only an empty one."
            unusable = entry if self._is_nothing(value) else None
            yield _stop(_span(entry), message, Repair(title, unusable=unusable, in_flow=in_flow))

    def _patterns(self, rules: Mapping, title: str) -> Iterator[RegistryFinding]:
        patterns = self._tree.resolve(rules.value("patterns"))
        for item in patterns.items if isinstance(patterns, Sequence) else ():
            misread = misreading(item) if isinstance(item, Scalar) else None
            if misread is not None and isinstance(item, Scalar):
                message = f"{RELEASE} cannot compare this pattern: YAML 1.1 reads it as {misread}; quote it."
                yield _stop(item.span, message, Repair(title, unquoted=item))

    def _collection(self, body: Mapping | None, name: str) -> Mapping | None:
        return self._tree.mapping(body.value(name)) if body is not None else None

    def _names(self, body: Mapping) -> set[str | None]:
        """The keys of a mapping, with those that a merge key brings."""
        return {entry.name for entry in (self._tree.mapping(body) or body).entries}

    def _is_nothing(self, node: Node | None) -> bool:
        """Whether a node is missing, null or an empty collection, so that nothing is lost with it."""
        value = self._tree.resolve(node)
        if isinstance(value, Sequence):
            return not value.items
        if isinstance(value, Mapping):
            return not value.entries
        return value is None or (isinstance(value, Scalar) and is_null(value))


LISTS = frozenset({"aliases", "reserved_codes", "patterns"})
"""The keys that hold lists; the others that may not be empty hold mappings."""


def _stop(span: Span, message: str, repair: Repair) -> RegistryFinding:
    return RegistryFinding(span, Rule.STOPS_SPECQL, message, repair)


def _number(number: Scalar, title: str) -> Iterator[RegistryFinding]:
    misread = None if is_null(number) else misreading(number)
    if misread is not None:
        message = f"{RELEASE} does not find {title}: YAML 1.1 reads it as {misread}; quote it."
        yield _stop(number.span, message, Repair(title, unquoted=number))


def _read_ones(nodes: Iterable[_Numbered]) -> Iterable[_Numbered]:
    """The nodes that are read: of several with one number, the last."""
    return {node.number.value: node for node in nodes}.values()


def _title(kind: str, node: DomainNode | SubdomainNode) -> str:
    name = f" ({node.name.value})" if node.name is not None and node.name.value else ""
    return f"{kind} {node.number.value}{name}"


def listed(names: tuple[str, ...]) -> str:
    """Names as they are listed in a sentence: ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _span(entry: Entry) -> Span:
    return entry.key.span if entry.value is None else entry.value.span
