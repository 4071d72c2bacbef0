"""What an export changes in a YAML, and snapshots that differ in one thing."""

from __future__ import annotations

import difflib
from typing import Any

from specql_lsp.registry.snapshot import Snapshot


def changes(before: str, after: str) -> list[str]:
    """The lines taken out and put in."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def edited(snapshot: Snapshot, domain: str, subdomain: str | None = None, **values: Any) -> Snapshot:
    """A snapshot with other attributes of one domain or subdomain."""
    return Snapshot(
        (
            d
            if d.number != domain
            else d._replace(**values)
            if subdomain is None
            else d._replace(
                subdomains=tuple(s._replace(**values) if s.number == subdomain else s for s in d.subdomains)
            )
        )
        for d in snapshot.domains
    )
