"""Holds what a registry holds after changes against what the changes should have made of it. Pure.

A trigger or a rule in the database can swallow a change or make another one of it without any error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from specql_lsp.language import table_code as codes
from specql_lsp.registry.consistency.changes import Add, Change, Move, Remove, Replace
from specql_lsp.registry.model import Domain, Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.snapshot import Snapshot


def refuse_unkept(changes: Sequence[Change], written: Snapshot) -> None:
    """Refuses changes that the registry does not hold; what it holds beside them does not matter.

    Args:
        changes: what was written.
        written: the registry as it was read after that, in the same transaction.

    Raises:
        Refused: kind ``conflict``, with a sentence about the first difference.
    """
    for path, difference in unkept(changes, written):
        raise Refused(RefusalKind.CONFLICT, not_kept(path, difference))


def not_kept(path: RegistryPath, difference: str) -> str:
    """What ``unkept`` found, as a sentence for a user."""
    return (
        f"PostgreSQL reported no error and {difference.format(path)}: a trigger or a rule on the tables of "
        "specql_registry changes what is written. Nothing was changed; that trigger or rule has to let it through."
    )


def unkept(changes: Iterable[Change], written: Snapshot) -> Iterator[tuple[RegistryPath, str]]:
    """The paths that do not hold what was written there, each with what was found; ``{}`` is for the path."""
    nodes = _Things(written)
    made = list(changes)
    again = {_path(change.node, change.parent) for change in made if isinstance(change, Add)}
    for change in made:
        match change:
            case Remove(path=path) if path in again:
                pass  # it was taken out to be put in again
            case Add(node=node, parent=parent):
                yield from _differences(nodes, _path(node, parent), node)
            case Replace(path=path, node=node):
                kept = path._replace(entity=node.name) if isinstance(node, Entity) else path
                yield from _differences(nodes, kept, node, with_content=False)
                if kept != path and nodes.get(path) is not None:
                    yield path, "kept {}"
            case Move(path=path, entity=entity, parent=parent):
                yield from _differences(nodes, _path(entity, parent), entity)
                if nodes.get(path) is not None:
                    yield path, "kept {}"
            case Remove(path=path):
                if nodes.get(path) is not None:
                    yield path, "kept {}"


class _Things:
    """What a registry holds, by paths as written; a subdomain's entities are looked up once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._domains = {domain.number: domain for domain in snapshot.domains}
        self._subdomains: dict[RegistryPath, dict[str, Entity]] = {}

    def get(self, path: RegistryPath) -> RegistryNode | None:
        domain = self._domains.get(path.domain)
        if domain is None or path.subdomain is None:
            return domain
        subdomain = next((s for s in domain.subdomains if s.number == path.subdomain), None)
        if subdomain is None or path.entity is None:
            return subdomain
        key = RegistryPath(path.domain, path.subdomain)
        if key not in self._subdomains:
            self._subdomains[key] = {entity.name: entity for entity in subdomain.entities}
        return self._subdomains[key].get(path.entity)


def _path(node: RegistryNode, parent: RegistryPath | None) -> RegistryPath:
    match node:
        case Domain():
            return RegistryPath(node.number)
        case Subdomain() if parent is not None:
            return RegistryPath(parent.domain, node.number)
        case Entity() if parent is not None:
            return parent._replace(entity=node.name)
        case _:
            raise ValueError("a subdomain or an entity can only be added to a parent")


def _differences(
    nodes: _Things, path: RegistryPath, wanted: RegistryNode, *, with_content: bool = True
) -> Iterator[tuple[RegistryPath, str]]:
    found = nodes.get(path)
    if found is None:
        yield path, "stored no {}"
    elif _stored(found) != _stored(wanted):
        yield path, "stored something else than what was written for {}"
    if with_content and isinstance(wanted, Domain):
        for subdomain in wanted.subdomains:
            yield from _differences(nodes, RegistryPath(path.domain, subdomain.number), subdomain)
    elif with_content and isinstance(wanted, Subdomain):
        for entity in wanted.entities:
            yield from _differences(nodes, path._replace(entity=entity.name), entity)


def _stored(node: RegistryNode) -> RegistryNode:
    """A node as far as its own row in the database goes, its values as registries are compared (``changes``)."""
    match node:
        case Domain():
            description, aliases = node.description or None, tuple(sorted(node.aliases))
            return node._replace(description=description, aliases=aliases, subdomains=())
        case Subdomain():
            return node._replace(description=node.description or None, entities=())
        case _:
            return node._replace(table_code=codes.normalize(node.table_code), entity_code=None, assigned_at=None)
