"""The generated blocks of README: what is between a comment that names the block and ``<!-- end -->``."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def with_block(text: str, name: str, command: str, block: str) -> str:
    """A text with one of its blocks replaced.

    Args:
        text: a text that has the block once.
        name: the block's name.
        command: what writes the block.
        block: what it has to hold.
    """
    begin = f"<!-- {name}: generated, {command} -->\n"
    end = "<!-- end -->\n"
    pattern = rf"{re.escape(begin)}.*?{re.escape(end)}"
    changed, count = re.subn(pattern, lambda _: f"{begin}{block}{end}", text, flags=re.DOTALL)
    assert count == 1, name
    return changed
