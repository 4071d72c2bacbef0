"""The two ways to resolve a discrepancy, in words: titles of code actions, and of the buttons of clients."""

from __future__ import annotations

from specql_lsp.registry.model import Discrepancy, DiscrepancyType, Value


def keep_postgresql_title(discrepancy: Discrepancy) -> str:
    """What making the YAML hold what PostgreSQL holds does, as the title of an action."""
    if discrepancy.attribute is not None:
        return f"Keep PostgreSQL's {discrepancy.attribute}: {_shown(discrepancy.postgresql_value)}"
    if discrepancy.type in _MISSING_IN_POSTGRESQL:
        return f"Keep PostgreSQL: remove {_thing(discrepancy)} from the YAML"
    return f"Keep PostgreSQL: add {_thing(discrepancy)} to the YAML"


def keep_yaml_title(discrepancy: Discrepancy) -> str:
    """What making PostgreSQL hold what the YAML holds does, as the title of an action."""
    if discrepancy.attribute is not None:
        return f"Keep the YAML's {discrepancy.attribute}: {_shown(discrepancy.yaml_value)}"
    if discrepancy.type in _MISSING_IN_POSTGRESQL:
        return f"Keep the YAML: add {_thing(discrepancy)} to PostgreSQL"
    return f"Keep the YAML: remove {_thing(discrepancy)} from PostgreSQL"


_MISSING_IN_POSTGRESQL = frozenset(
    {
        DiscrepancyType.MISSING_IN_POSTGRESQL,
        DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL,
        DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL,
    }
)


def _thing(discrepancy: Discrepancy) -> str:
    value = discrepancy.yaml_value if discrepancy.yaml_value is not None else discrepancy.postgresql_value
    said = f" ({_shown(value)})" if value not in (None, "") else ""
    if discrepancy.entity is not None:
        return f"{discrepancy.entity}{said}"
    if discrepancy.subdomain is not None:
        return f"subdomain {discrepancy.subdomain}{said}"
    return f"domain {discrepancy.domain}{said}"


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value) or "empty"
    text = "none" if value is None or value == "" else " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
