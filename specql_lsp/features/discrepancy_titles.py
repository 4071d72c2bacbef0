"""The two ways to resolve a discrepancy, in words: titles of actions and buttons, and the question before a write."""

from __future__ import annotations

from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy, DiscrepancyType, Value


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


def keep_yaml_question(discrepancy: Discrepancy, snapshot: Snapshot, server: str | None) -> str | None:
    """What a user is asked before the shared database takes over the YAML's side: it names what is written.

    Args:
        discrepancy: what differs.
        snapshot: what PostgreSQL holds.
        server: host, port and database, without a password.

    Returns:
        The question; None where the resolution only adds to the database, which takes nothing from anybody.
    """
    if discrepancy.type in _MISSING_IN_POSTGRESQL:
        return None
    where = f"the shared registry{f' at {server}' if server else ''}"
    if discrepancy.attribute is not None:
        held, wanted = _shown(discrepancy.postgresql_value), _shown(discrepancy.yaml_value)
        return f"Change {discrepancy.attribute} of {_place(discrepancy)} in {where} from {held} to {wanted}?"
    return f"Remove {_place(discrepancy)}{_contents(discrepancy, snapshot)} from {where}?"


def keep_yaml_answer(discrepancy: Discrepancy) -> str:
    """The button that answers ``keep_yaml_question`` with yes: the verb of what is done."""
    return "Change" if discrepancy.attribute is not None else "Remove"


def _place(discrepancy: Discrepancy) -> str:
    parts = [f"domain {discrepancy.domain}"]
    if discrepancy.subdomain is not None:
        parts.insert(0, f"subdomain {discrepancy.subdomain}")
    if discrepancy.entity is not None:
        parts.insert(0, discrepancy.entity)
    value = discrepancy.postgresql_value
    if discrepancy.attribute is None and value not in (None, ""):
        parts[0] += f" ({_shown(value)})"
    return " of ".join(parts)


def _contents(discrepancy: Discrepancy, snapshot: Snapshot) -> str:
    """What goes with the thing that is removed."""
    domain = snapshot.domain_numbered(discrepancy.domain)
    if domain is None or discrepancy.entity is not None:
        return ""
    if discrepancy.subdomain is None:
        return _with(len(domain.subdomains), "subdomain", domain.entity_count)
    subdomain = next((s for s in domain.subdomains if s.number == discrepancy.subdomain), None)
    return _with(0, "", len(subdomain.entities)) if subdomain else ""


def _with(things: int, name: str, entities: int) -> str:
    counts = [_count(things, name)] if things else []
    counts += [_count(entities, "registered entity")] if entities else []
    return f" with {' and '.join(counts)}" if counts else ""


def _count(number: int, name: str) -> str:
    if number == 1:
        return f"1 {name}"
    return f"{number} {name[:-1]}ies" if name.endswith("y") else f"{number} {name}s"


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
