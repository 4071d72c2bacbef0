"""Texts of a database as sentences may show them."""

from __future__ import annotations

from specql_lsp.redaction import redact

LONGEST_TEXT = 300
"""Characters of a text that are shown."""


def shown(text: str) -> str:
    """A text of a database on one line: escaped, shortened, without what looks like a password."""
    text = redact(" ".join(text.split()))
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
