"""The text of a new registry YAML, as SpecQL 0.9.2 writes one."""

from __future__ import annotations

from datetime import datetime

from specql_lsp.items.registry_file import read_registry
from specql_lsp.registry.model import Domain, Rules
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.new_text import new_yaml
from specql_lsp.registry.yaml_edits.comparison import RegistrySides
from specql_lsp.registry.yaml_edits.new_entities import NewEntities
from specql_lsp.registry.yaml_edits.style import RegistryStyle
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.values import ListValue, MapValue, Quotes, RawScalar, TextScalar, YamlValue
from specql_lsp.syntax.parsing.parse import parse


def new_registry(postgresql: Snapshot, now: datetime) -> str:
    """The text of a registry YAML that holds what PostgreSQL holds, with line feeds.

    Args:
        postgresql: PostgreSQL's registry.
        now: what ``assigned_at`` says of an entity whose time of allocation is not known.
    """
    tree = parse("")
    registry = read_registry(tree)
    style = RegistryStyle(registry, YamlWriter(tree))
    new_entities = NewEntities(tree, RegistrySides(tree, registry, postgresql), now)
    domains: list[tuple[TextScalar, YamlValue]] = []
    for domain in postgresql.domains:
        complete = new_entities.complete(domain)
        if isinstance(complete, Domain):
            domains.append((_quoted(domain.number), style.domain_block(complete)))
    rules = postgresql.rules
    entries: dict[str, YamlValue] = {
        "version": TextScalar("1.0.0"),
        "schema_layers": _layers(rules),
        "domains": MapValue(tuple(domains)),
        "reserved_codes": ListValue(tuple(_quoted(code) for code in sorted(rules.reserved_codes))),
        "validation": MapValue(tuple((TextScalar(name), RawScalar(value)) for name, value in _VALIDATION)),
    }
    return new_yaml(MapValue(tuple((TextScalar(name), value) for name, value in entries.items())))


_VALIDATION = (
    ("enforce_uniqueness", "true"),
    ("allow_manual_override", "true"),
    ("require_subdomain", "false"),
    ("warn_on_inference", "true"),
)
"""What SpecQL writes into a new registry."""


def _layers(rules: Rules) -> MapValue:
    return MapValue(tuple((_quoted(layer), TextScalar(name)) for layer, name in rules.schema_layers.items()))


def _quoted(text: str) -> TextScalar:
    return TextScalar(text, Quotes.SINGLE)
