"""A registry YAML's nodes → a snapshot. No I/O, so that an open buffer is read the same way as the file.

Scalars mean what YAML 1.1 says (PyYAML is SpecQL's reader); numbers and codes are kept as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable

from specql_lsp.items.registry_file import DomainNode, EntityNode, RegistryFile, SubdomainNode
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.tree import SyntaxTree

SEQUENCE_KEYS = ("sequence", "entity_sequence")
"""The keys under which a YAML may have an entity's sequence; the last one in the text counts."""
TRUE_TEXTS = frozenset({"yes", "true", "on"})
"""Quoted words that their writer meant as true."""


def snapshot_of(registry_file: RegistryFile, tree: SyntaxTree) -> Snapshot:
    """The registry that a YAML document holds.

    Args:
        registry_file: the document's registry nodes (``read_registry(tree)``).
        tree: the document's syntax tree, for aliases.

    What has another shape than expected is left out, as far as possible by itself. Of duplicate keys the last one
    counts, as for PyYAML. Domains and subdomains come in the order of their numbers, entities as in the text.
    """
    domains = [_domain(tree, node) for node in _last_of_each(registry_file.domains)]
    domains.sort(key=lambda domain: number_key(domain.number))
    return Snapshot(domains, rules_of(registry_file, tree))


def rules_of(registry_file: RegistryFile, tree: SyntaxTree) -> Rules:
    """The schema layers, reserved codes and inference patterns of a document; SpecQL's defaults where it has none."""
    layers = {
        entry.key.value.upper(): text
        for entry in registry_file.schema_layers
        if isinstance(entry.key, Scalar) and (text := _text(tree, entry.value))
    }
    root = registry_file.root
    # An empty list is an answer (nothing is reserved); a missing or null key is none.
    says_reserved = root is not None and isinstance(tree.resolve(root.value("reserved_codes")), Sequence)
    reserved = frozenset(codes.normalize(scalar.value) for scalar in registry_file.reserved_codes)
    defaults = Rules()
    return Rules(
        schema_layers=layers or defaults.schema_layers,
        reserved_codes=reserved if says_reserved or reserved else defaults.reserved_codes,
        subdomain_inference={
            entry.key.value: _patterns(tree, entry.value)
            for entry in registry_file.inference
            if isinstance(entry.key, Scalar)
        },
    )


def number_key(number: str) -> tuple[int, str]:
    """The order of domain and subdomain numbers: shorter first, then by their digits in upper case."""
    return len(number), number.upper()


def integer_of(node: Node | None) -> int | None:
    """The integer that a node holds: by YAML 1.1 where it is plain, as its writer meant it where it is quoted."""
    if not isinstance(node, Scalar):
        return None
    if node.is_plain:
        return yaml11.integer(node.value)
    try:
        return int(node.value)
    except ValueError:
        return None


def _last_of_each(nodes: Iterable[DomainNode]) -> Iterable[DomainNode]:
    return {node.number.value: node for node in nodes}.values()


def _domain(tree: SyntaxTree, node: DomainNode) -> Domain:
    body = node.body
    subdomains = [_subdomain(tree, child) for child in {s.number.value: s for s in node.subdomains}.values()]
    subdomains.sort(key=lambda subdomain: number_key(subdomain.number))
    return Domain(
        number=node.number.value,
        name=_text(tree, body.value("name") if body else None) or "",
        description=_text(tree, body.value("description") if body else None),
        multi_tenant=_boolean(tree, body.value("multi_tenant") if body else None),
        aliases=tuple(scalar.value for scalar in node.aliases if not yaml11.is_null(scalar)),
        subdomains=tuple(subdomains),
    )


def _subdomain(tree: SyntaxTree, node: SubdomainNode) -> Subdomain:
    body = node.body
    return Subdomain(
        number=node.number.value,
        name=_text(tree, body.value("name") if body else None) or "",
        description=_text(tree, body.value("description") if body else None),
        next_entity_sequence=integer_of(tree.resolve(body.value("next_entity_sequence") if body else None)),
        entities=tuple({e.name.value: _entity(tree, e) for e in node.entities}.values()),
    )


def _entity(tree: SyntaxTree, node: EntityNode) -> Entity:
    code = node.code.value.strip() if node.code is not None and not yaml11.is_null(node.code) else ""
    if node.body is None:
        return Entity(node.name.value, code)
    sequence: int | None = None
    entity_code: str | None = None
    assigned_at: str | None = None
    for entry in node.body.entries:
        name = entry.name
        if name == "entity_code":
            entity_code = _text(tree, entry.value)
        elif name == "assigned_at":
            assigned_at = _text(tree, entry.value)
        elif name in SEQUENCE_KEYS:
            sequence = integer_of(tree.resolve(entry.value))
    return Entity(node.name.value, code, sequence, entity_code, assigned_at)


def _patterns(tree: SyntaxTree, node: Node | None) -> dict[str, tuple[str, ...]]:
    """Subdomain name → patterns; each subdomain holds a mapping with ``patterns``, or the list itself."""
    subdomains = tree.mapping(node)
    found: dict[str, tuple[str, ...]] = {}
    for entry in _scalar_entries(subdomains):
        value = tree.resolve(entry.value)
        if isinstance(value, Mapping):
            value = tree.resolve(value.value("patterns"))
        items = value.items if isinstance(value, Sequence) else (value,)
        found[entry.name or ""] = tuple(
            item.value for item in items if isinstance(item, Scalar) and not yaml11.is_null(item)
        )
    return found


def _scalar_entries(mapping: Mapping | None) -> Iterable[Entry]:
    return (entry for entry in mapping.entries if entry.name is not None) if mapping else ()


def _text(tree: SyntaxTree, node: Node | None) -> str | None:
    """The text of a scalar as written; None where it is missing, null, empty or no scalar."""
    node = tree.resolve(node)
    if not isinstance(node, Scalar) or yaml11.is_null(node):
        return None
    return node.value or None


def _boolean(tree: SyntaxTree, node: Node | None) -> bool:
    """A flag: by YAML 1.1 where the scalar is plain; numbers and quoted words as their writer meant them."""
    node = tree.resolve(node)
    if not isinstance(node, Scalar):
        return False
    value = yaml11.boolean(node)
    if value is not None:
        return value
    return bool(yaml11.integer(node.value)) or node.value.lower() in TRUE_TEXTS
