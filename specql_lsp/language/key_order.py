"""The order in which the keys of a mapping are usually written: that of SpecQL's own files and of its exports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from specql_lsp.language.keys import Level

REGISTRY_ORDER = (
    "name", "description", "aliases", "multi_tenant", "next_entity_sequence", "table_code", "entity_code",
    "assigned_at", "sequence", "subdomains", "entities", "read_entities",
)  # fmt: skip
"""The order in domains, subdomains and registrations of a registry YAML."""

_ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "entity file": (
            "entity", "schema", "description", "tier", "hierarchical", "extends", "import", "organization",
            "identifier", "fields", "translations", "table_views", "patterns", "actions", "agents",
        ),
        "field": ("type", "nullable", "default", "description"),
        "action": ("name", "description", "pattern", "config", "params", "parameters", "requires", "steps"),
        "registry": (
            "version", "last_updated", "schema_layers", "domains", "reserved_codes", "validation",
            "subdomain_inference",
        ),
        **dict.fromkeys(("domain", "subdomain", "registration"), REGISTRY_ORDER),
    }
)  # fmt: skip
"""The levels whose usual order is not that of how often their keys are used."""


def usual_rank(level: Level, name: str) -> int:
    """The place of a key of a level in the usual order, from 0; unknown keys come last."""
    order = _ORDERS.get(level.name)
    if order is None:
        return level.rank(name)
    return order.index(name) if name in order else len(order)
