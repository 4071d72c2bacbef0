"""What the name at a place of a registry YAML is."""

from __future__ import annotations

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language.keys import Meaning, registry_keys
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax.nodes import NodePath, Scalar, path_at


def in_registry(registry: RegistryFile, offset: int) -> Symbol | None:
    """The symbol at an offset of a registry file."""
    path = path_at(registry.root, offset)
    node = path.node
    if not isinstance(node, Scalar) or not node.value.strip():
        return None
    place = registry_keys().walk(path.names)
    key_meaning = place.key.meaning if place.key is not None else None
    number = place.name(Meaning.DOMAIN_NUMBER)
    match key_meaning if path.on_key else place.meaning:
        case Meaning.DOMAIN_NUMBER | Meaning.ALIAS:
            return _symbol(SymbolKind.SCHEMA, Role.DEFINITION, node, path, number or "")
        case Meaning.DOMAIN if number is not None:
            return _symbol(SymbolKind.SCHEMA, Role.DEFINITION, node, path, number)
        case Meaning.DOMAIN:
            return _symbol(SymbolKind.SCHEMA, Role.REFERENCE, node, path)
        case Meaning.SUBDOMAIN_NUMBER:
            return _symbol(SymbolKind.SUBDOMAIN, Role.DEFINITION, node, path, number or "")
        case Meaning.SUBDOMAIN if number is not None:
            return _symbol(SymbolKind.SUBDOMAIN, Role.DEFINITION, node, path, number)
        case Meaning.SUBDOMAIN:
            return _symbol(SymbolKind.SUBDOMAIN, Role.REFERENCE, node, path, place.name(Meaning.DOMAIN) or "")
        case Meaning.REGISTERED_ENTITY:
            return _symbol(SymbolKind.ENTITY, Role.REFERENCE, node, path, number or "")
        case Meaning.TABLE_CODE:
            entity_name = place.name(Meaning.REGISTERED_ENTITY) or ""
            return _symbol(SymbolKind.CODE, Role.DEFINITION, node, path, entity_name)
        case Meaning.RESERVED_CODE:
            return _symbol(SymbolKind.CODE, Role.REFERENCE, node, path)
    if key_meaning is Meaning.LAYER:
        layer = place.name(Meaning.LAYER) or ""
        return Symbol(
            SymbolKind.LAYER, Role.DEFINITION, layer, node.text_span, "", path.names, path.on_key, place=place
        )
    return _symbol(SymbolKind.KEY, Role.REFERENCE, node, path) if path.on_key else None


def _symbol(kind: SymbolKind, role: Role, node: Scalar, path: NodePath, owner: str = "") -> Symbol:
    place = registry_keys().walk(path.names)
    return Symbol(kind, role, node.value, node.text_span, owner, path.names, path.on_key, None, place)
