"""Where an answer comes from, in one line: "PostgreSQL, 12 s ago"."""

from __future__ import annotations

from datetime import datetime, timedelta

from specql_lsp.registry.history import Origin
from specql_lsp.registry.state import Provenance, Source


def describe(provenance: Provenance, now: datetime) -> str:
    """The source, how old its answer is, and why no better source answers. Plain text, without secrets.

    Args:
        provenance: where the registry in use was read.
        now: the time of the request (aware, as the provenance's are).
    """
    if provenance.source is Source.NONE:
        return _with_reason("No registry", provenance.reason)
    text = provenance.source.label
    text = text[:1].upper() + text[1:]
    if provenance.file is not None:
        text += f" {provenance.file.in_words}, {_age(now - provenance.file.taken_at)} ago"
    if provenance.stale:
        text += " (stale)"
    # A file's age says nothing of how true it is; a database's answer can have been overtaken.
    if provenance.loaded_at is not None and (provenance.source is Source.POSTGRESQL or provenance.stale):
        text += f", {_age(now - provenance.loaded_at)} ago"
    if not provenance.writable and not provenance.stale:
        text += ", read-only"
    return _with_reason(text, provenance.reason)


def allocated(origin: Origin, now: datetime) -> str:
    """Who gave a code, such as ``allocated 3 days ago by role crm_writer, from specql-lsp``. Plain text.

    Args:
        origin: as the history has it.
        now: the time of the request.
    """
    who = f"{origin.author} (role {origin.role})" if origin.author else f"role {origin.role}"
    program = f", from {origin.application}" if origin.application else ""
    return f"allocated {_age(now - origin.at)} ago by {who}{program}"


def _with_reason(text: str, reason: str) -> str:
    return f"{text}: {reason}" if reason else text


def _age(age: timedelta) -> str:
    seconds = max(int(age.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"
