"""Words of messages."""

from __future__ import annotations

from collections.abc import Sequence

_JOINERS = "\u200c\u200d"
"""What joins letters and emoji, or keeps them apart."""


def shortened(text: str, most: int = 60) -> str:
    """A text of a file, cut to what a message has room for: ``most`` characters, on one line."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return cut if cut.isprintable() else "".join(map(_printable, cut))


def _printable(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else "\ufffd"


def plain(markdown: str) -> str:
    """Markdown as a text for messages, which editors show as it is: without the signs around code."""
    return markdown.replace("`", "")


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """Words as they are listed in a sentence: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
