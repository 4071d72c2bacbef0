"""The two ways to resolve a discrepancy, in words: titles of actions and buttons, and the question before a write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from specql_lsp.registry.consistency.comparison import discrepancy_to_json
from specql_lsp.registry.consistency.labels import Side, label_of, side_of, value_text
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Discrepancy

MOST_NAMED = 8
"""How many changes a question names one by one."""


def keep_title(discrepancy: Discrepancy, keep: str) -> str:
    """What keeping one side does, as the title of an action: it says which side is written, and with what.

    Args:
        discrepancy: what differs.
        keep: the side that is kept: ``postgresql`` or ``yaml``.
    """
    kept, written = ("PostgreSQL", "the YAML") if keep == "postgresql" else ("the YAML", "PostgreSQL")
    if discrepancy.attribute is not None:
        value = discrepancy.postgresql_value if keep == "postgresql" else discrepancy.yaml_value
        return f"Keep {kept}'s {discrepancy.attribute}: write {value_text(value)} to {written}"
    if side_of(discrepancy).value == keep:
        return f"Keep {kept}: add {_thing(discrepancy)} to {written}"
    return f"Keep {kept}: remove {_thing(discrepancy)} from {written}"


def keep_line(discrepancy: Discrepancy, keep: str, sides: Iterable[Snapshot | None]) -> str:
    """What keeping one side does, as a line of a list that says elsewhere which side is written.

    Args:
        discrepancy: what differs.
        keep: the side that is kept: ``postgresql`` or ``yaml``.
        sides: both registries: they know the names of things.
    """
    label = label_of(discrepancy, sides)
    if discrepancy.attribute is None:
        return f"{label.name}  {label.place} · {'added' if label.side.value == keep else 'removed'}"
    ours, theirs = value_text(discrepancy.postgresql_value), value_text(discrepancy.yaml_value)
    before, after = (theirs, ours) if keep == "postgresql" else (ours, theirs)
    return f"{label.name}  {label.place} · {discrepancy.attribute} from {before} to {after}"


def changes_to_json(
    discrepancies: Iterable[Discrepancy], keep: str, sides: Sequence[Snapshot | None]
) -> list[dict[str, Any]]:
    """Each discrepancy with what is done for it in words: as a ``title`` of its own, and as a ``line`` of a list."""
    return [
        {
            "discrepancy": discrepancy_to_json(each),
            "title": keep_title(each, keep),
            "line": keep_line(each, keep, sides),
        }
        for each in discrepancies
    ]


def keep_yaml_question(discrepancies: Sequence[Discrepancy], snapshot: Snapshot, server: str | None) -> str | None:
    """What a user is asked before the shared database takes over the YAML's side: it names what is written.

    Args:
        discrepancies: what differs.
        snapshot: what PostgreSQL holds.
        server: host, port and database, without a password.

    Returns:
        The question; None where the resolution only adds to the database, which takes nothing from anybody.
    """
    where = f"the shared registry{f' at {server}' if server else ''}"
    removed = [each for each in discrepancies if side_of(each) is Side.POSTGRESQL]
    changed = [each for each in discrepancies if side_of(each) is Side.BOTH]
    if not removed and not changed:
        return None
    if len(discrepancies) == 1:
        return _question(discrepancies[0], snapshot, where)
    added = len(discrepancies) - len(removed) - len(changed)
    counts = [f"adds {added}"] * (added > 0) + [f"changes {len(changed)}"] * (len(changed) > 0)
    counts += [f"removes {len(removed)}"] * (len(removed) > 0)
    named = [f"remove {_place(each)}{_contents(each, snapshot)}" for each in removed[:MOST_NAMED]]
    named += [_change(each) for each in changed[: MOST_NAMED - len(named)]]
    left = len(removed) + len(changed) - len(named)
    more = f"; and {left} more" if left else ""
    return f"Keep the YAML in {len(discrepancies)} places? That {_listed(counts)} in {where}: {'; '.join(named)}{more}."


def keep_yaml_answer(discrepancies: Sequence[Discrepancy]) -> str:
    """The button that answers ``keep_yaml_question`` with yes: what is done, and which side is written."""
    if len(discrepancies) > 1:
        return "Write to PostgreSQL"
    return "Change PostgreSQL" if discrepancies[0].attribute is not None else "Remove from PostgreSQL"


def _question(discrepancy: Discrepancy, snapshot: Snapshot, where: str) -> str:
    if discrepancy.attribute is not None:
        held, wanted = value_text(discrepancy.postgresql_value), value_text(discrepancy.yaml_value)
        return f"Change {discrepancy.attribute} of {_place(discrepancy)} in {where} from {held} to {wanted}?"
    return f"Remove {_place(discrepancy)}{_contents(discrepancy, snapshot)} from {where}?"


def _change(discrepancy: Discrepancy) -> str:
    held, wanted = value_text(discrepancy.postgresql_value), value_text(discrepancy.yaml_value)
    return f"{discrepancy.attribute} of {_place(discrepancy)} from {held} to {wanted}"


def _place(discrepancy: Discrepancy) -> str:
    parts = [f"domain {discrepancy.domain}"]
    if discrepancy.subdomain is not None:
        parts.insert(0, f"subdomain {discrepancy.subdomain}")
    if discrepancy.entity is not None:
        parts.insert(0, discrepancy.entity)
    value = discrepancy.postgresql_value
    if discrepancy.attribute is None and value not in (None, ""):
        parts[0] += f" ({value})"
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


def _listed(parts: Sequence[str]) -> str:
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def _thing(discrepancy: Discrepancy) -> str:
    value = discrepancy.yaml_value if discrepancy.yaml_value is not None else discrepancy.postgresql_value
    said = f" ({value})" if value not in (None, "") else ""
    if discrepancy.entity is not None:
        return f"{discrepancy.entity}{said}"
    if discrepancy.subdomain is not None:
        return f"subdomain {discrepancy.subdomain}{said}"
    return f"domain {discrepancy.domain}{said}"
