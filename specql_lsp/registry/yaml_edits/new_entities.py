"""What PostgreSQL cannot hold of an entity, and a registry YAML has to: its short code and when it was assigned."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.registry.model import Domain, Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.short_codes import ShortCodes
from specql_lsp.registry.yaml_edits.comparison import RegistrySides
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.tree import SyntaxTree


class NewEntities:
    """Completes what goes into one document.

    An entity that PostgreSQL has elsewhere now keeps what the YAML says of it in its old path. Every other one gets a
    short code that is unique within the document, and the time of its allocation if that is known, else now.
    """

    def __init__(self, tree: SyntaxTree, sides: RegistrySides, now: datetime) -> None:
        self._tree = tree
        self._sides = sides
        self._now = timestamp(now)
        self._codes = ShortCodes(sides.registry, tree)
        self._moved: dict[str, Entity] | None = None

    def complete(self, registered: RegistryNode) -> RegistryNode:
        """A domain, subdomain or entity, each of whose entities has a short code and a time of assignment."""
        match registered:
            case Domain():
                return registered._replace(subdomains=tuple(self._subdomain(each) for each in registered.subdomains))
            case Subdomain():
                return self._subdomain(registered)
            case _:
                return self._entity(registered)

    def _subdomain(self, subdomain: Subdomain) -> Subdomain:
        return subdomain._replace(entities=tuple(self._entity(each) for each in subdomain.entities))

    def _entity(self, entity: Entity) -> Entity:
        moved = self._moved_entities().pop(entity.name.lower(), None)
        code = moved.entity_code if moved is not None else None
        return entity._replace(
            entity_code=code or self._codes.give(entity.name, entity.entity_code),
            assigned_at=entity.assigned_at or (moved.assigned_at if moved is not None else None) or self._now,
        )

    def _moved_entities(self) -> dict[str, Entity]:
        """What the YAML holds at paths where PostgreSQL has nothing, by the entity's name in lower case."""
        if self._moved is None:
            self._moved = {}
            for domain, subdomain, node in self._sides.registry.entities():
                path = RegistryPath(domain.number.value, subdomain.number.value, node.name.value)
                if node.body is not None and self._sides.postgresql_nodes.get(path) is None:
                    values = [self._tree.resolve(node.body.value(key)) for key in ("entity_code", "assigned_at")]
                    code, assigned_at = (value.value if isinstance(value, Scalar) else None for value in values)
                    entity = Entity(node.name.value, "", None, code or None, assigned_at or None)
                    self._moved.setdefault(node.name.value.lower(), entity)
        return self._moved
