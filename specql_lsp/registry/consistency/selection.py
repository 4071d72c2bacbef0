"""Discrepancies chosen by what a user calls them: a domain, a subdomain, an entity, a table code. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy


class Chosen(NamedTuple):
    """What was chosen by names."""

    discrepancies: tuple[Discrepancy, ...]
    unknown: tuple[str, ...]
    """The names of which neither registry has anything."""


def chosen_by_names(discrepancies: Sequence[Discrepancy], names: Sequence[str], sides: Sequence[Snapshot]) -> Chosen:
    """The discrepancies of what is named, and of all beneath it, in their order.

    Args:
        discrepancies: what differs.
        names: each a domain (number or name), a subdomain (``crm/customer``, or ``2/03``), an entity or a table code.
        sides: both registries.
    """
    targets = {name: frozenset(path.folded for side in sides for path in _named(side, name)) for name in names}
    wanted = frozenset[RegistryPath]().union(*targets.values())
    return Chosen(
        tuple(each for each in discrepancies if not wanted.isdisjoint(_way(each))),
        tuple(name for name, paths in targets.items() if not paths),
    )


def _named(side: Snapshot, name: str) -> Iterator[RegistryPath]:
    domain_name, is_path, subdomain_name = name.partition("/")
    domain = side.domain(domain_name)
    if domain is not None and is_path:
        for each in domain.subdomains:
            if subdomain_name == each.name or subdomain_name.upper() == each.number.upper():
                yield RegistryPath(domain.number, each.number)
    elif domain is not None:
        yield RegistryPath(domain.number)
    for found in (*side.by_entity(name), *side.by_code(name)):
        yield RegistryPath(found.domain.number, found.subdomain.number, found.entity.name)


def _way(discrepancy: Discrepancy) -> tuple[RegistryPath, ...]:
    """The path of a discrepancy, and those above it."""
    path = RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity).folded
    return path, RegistryPath(path.domain, path.subdomain), RegistryPath(path.domain)
