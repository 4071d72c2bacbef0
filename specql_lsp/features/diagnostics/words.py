"""Words of messages."""

from __future__ import annotations

_LONGEST_NAME = 60


def shortened(name: str) -> str:
    """A name of a file, cut to what a message has room for."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
