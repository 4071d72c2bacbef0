"""Words of messages."""

from __future__ import annotations


def shortened(text: str, most: int = 60) -> str:
    """A text of a file, cut to what a message has room for: ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
