"""The history as people read it, and as JSON in the words of the interface. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from specql_lsp.language import table_code as codes
from specql_lsp.registry.history import History, HistoryEvent, Row
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.snapshot import Snapshot


def history_to_json(history: History, snapshot: Snapshot | None = None) -> dict[str, Any]:
    """The result of ``specql.history``.

    Args:
        history: the events.
        snapshot: the registry as it is, for the names of domains in ``summary``.
    """
    return {
        "available": history.unavailable is None,
        "reason": history.unavailable,
        "events": [event_to_json(event, snapshot) for event in history.events],
    }


def event_to_json(event: HistoryEvent, snapshot: Snapshot | None = None) -> dict[str, Any]:
    """One event of ``specql.history``. ``summary`` is what was done, in words; ``by`` the role that acted."""
    return {
        "id": event.id,
        "at": timestamp(event.at),
        "by": event.role,
        "sessionRole": event.session_role,
        "application": event.application,
        "author": event.author,
        "workspace": event.workspace,
        "action": event.action,
        "summary": summary(event, snapshot),
        "domain": event.domain,
        "subdomain": event.subdomain,
        "entity": event.entity,
        "tableCode": event.table_code and codes.normalize(event.table_code),
        "before": _node(event.before),
        "after": _node(event.after),
        "lease": _node(event.lease),
    }


def summary(event: HistoryEvent, snapshot: Snapshot | None = None) -> str:
    """What was done, in words, such as ``registered Contact with 012031 in domain 2 (crm), subdomain 03``."""
    subject, _, verb = event.action.partition("-")
    if verb == "truncated":
        return f"removed all {subject}"
    if event.action == "history-pruned":
        after = event.after or {}
        count = after.get("events")
        events = f"{count} {'event' if count == 1 else 'events'}"
        return f"pruned the history: {events} before {_minute(after.get('before'))}"
    before, after = _node(event.before) or {}, _node(event.after) or {}
    match subject:
        case "entity":
            return _entity_summary(event, verb, before, after, snapshot)
        case "code" | "lease":
            return _lease_summary(event, verb, before, after, snapshot)
        case "subdomain":
            what = f"subdomain {event.subdomain} ({(after or before).get('name')})"
            where = f" of {_place(event.domain, None, snapshot)}"
        case _:
            what, where = f"domain {event.domain} ({(after or before).get('name')})", ""
    if verb == "renamed":
        number = event.subdomain if subject == "subdomain" else event.domain
        return f"renamed {subject} {number}{where} from {before.get('name')} to {after.get('name')}" + _also(
            before, after, {"name"}
        )
    if verb == "moved":
        return f"moved {what} from domain {before.get('domain')} to {_place(event.domain, None, snapshot)}"
    return f"{verb} {what}{where}" + (_differences(before, after, set()) if verb == "changed" else "")


def _entity_summary(event: HistoryEvent, verb: str, before: Row, after: Row, snapshot: Snapshot | None) -> str:
    code = codes.normalize(event.table_code or "")
    place = _place(event.domain, event.subdomain, snapshot)
    match verb:
        case "registered":
            lease = _node(event.lease)
            origin = f", from a lease of {lease.get('holder')}" if lease is not None else ""
            return f"registered {event.entity} with {code} in {place}{origin}"
        case "removed":
            return f"removed {event.entity} with {code} from {place}"
        case "renamed":
            rest = _also(before, after, {"name"})
            return f"renamed {before.get('name')} to {after.get('name')} ({code})" + rest
        case "moved":
            old = _place(before.get("domain"), before.get("subdomain"), snapshot)
            name = "" if before.get("name") == after.get("name") else f", now {after.get('name')},"
            return (
                f"moved {before.get('name')}{name} from {before.get('tableCode')} in {old} to "
                f"{after.get('tableCode')} in {place}"
            )
    return f"changed {event.entity} ({code})" + _differences(before, after, set())


def _lease_summary(event: HistoryEvent, verb: str, before: Row, after: Row, snapshot: Snapshot | None) -> str:
    code, holder = event.table_code, (after or before).get("holder")
    match verb:
        case "leased":
            place = _place(event.domain, event.subdomain, snapshot)
            return f"leased {code} to {holder} until {_minute(after.get('expiresAt'))} in {place}"
        case "extended":
            return f"extended the lease of {code} to {holder} until {_minute(after.get('expiresAt'))}"
        case "ended":
            return f"gave back {code}, which was leased to {holder}"
        case "expired":
            return f"removed the lease of {code} to {holder}, which had ended at {_minute(before.get('expiresAt'))}"
    return f"changed the lease of {code} to {holder}: until {_minute(after.get('expiresAt'))}"


def _minute(moment: Any) -> str:
    """A moment as PostgreSQL writes it in JSON, in UTC; the text itself where it is none."""
    try:
        return f"{datetime.fromisoformat(str(moment)).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return str(moment)


def _place(domain: str | None, subdomain: str | None, snapshot: Snapshot | None) -> str:
    """Domain and subdomain with their names as they are now, as far as they are known."""
    if domain is None:
        return "a place that is not known" if subdomain is None else f"subdomain {subdomain}"
    found = snapshot.domain_numbered(domain) if snapshot else None
    text = f"domain {domain}" + (f" ({found.name})" if found else "")
    if subdomain is None:
        return text
    inner = next((s for s in found.subdomains if s.number == subdomain), None) if found else None
    return f"{text}, subdomain {subdomain}" + (f" ({inner.name})" if inner else "")


_WORDS = {
    "name": "name",
    "number": "number",
    "description": "description",
    "multiTenant": "multi-tenant",
    "aliases": "aliases",
    "nextEntitySequence": "counter",
    "tableCode": "table code",
    "sequence": "sequence",
}


def _differences(before: Row, after: Row, without: set[str]) -> str:
    parts = [
        f"{words} {_value(before.get(key))} → {_value(after.get(key))}"
        for key, words in _WORDS.items()
        if key not in without and before.get(key) != after.get(key)
    ]
    return f": {', '.join(parts)}" if parts else ""


def _also(before: Row, after: Row, without: set[str]) -> str:
    text = _differences(before, after, without)
    return f" and changed{text}" if text else ""


def _value(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return f"'{value}'"
        case list():
            return "[" + ", ".join(str(each) for each in value) + "]"
    return str(value)


_COLUMNS = {
    "domain_name": "name",
    "subdomain_name": "name",
    "entity_name": "name",
    "description": "description",
    "multi_tenant": "multiTenant",
    "aliases": "aliases",
    "next_entity_sequence": "nextEntitySequence",
    "entity_sequence": "sequence",
}


_LEASE_COLUMNS = {
    "table_code": "tableCode",
    "domain_number": "domain",
    "subdomain_number": "subdomain",
    "holder": "holder",
    "session_role": "role",
    "leased_at": "leasedAt",
    "expires_at": "expiresAt",
}


def _node(row: Row | None) -> dict[str, Any] | None:
    """A row in the words of the interface; columns that are not SpecQL's are left out."""
    if row is None:
        return None
    if "pk_domain" in row:
        keys: Iterable[tuple[str, str]] = (("domain_number", "number"),)
    elif "pk_subdomain" in row:
        keys = (("domain_number", "domain"), ("subdomain_number", "number"))
    elif "pk_entity_registration" in row:
        keys = (("domain_number", "domain"), ("subdomain_number", "subdomain"))
    elif "expires_at" in row:
        return {name: row.get(column) for column, name in _LEASE_COLUMNS.items()}
    else:
        return dict(row)
    node = {name: row.get(column) for column, name in keys}
    node |= {name: row[column] for column, name in _COLUMNS.items() if column in row}
    if row.get("table_code") is not None:
        node["tableCode"] = codes.normalize(str(row["table_code"]))
    return node
