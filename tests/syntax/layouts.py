"""YAML texts that are laid out otherwise at random: what people who do not format write."""

from __future__ import annotations

import random
from collections.abc import Iterator


def layouts(texts: tuple[str, ...], count: int, seed: int) -> Iterator[str]:
    """``count`` texts that are laid out otherwise at random: columns, blanks, quotes, line breaks."""
    chance = random.Random(seed)
    for _ in range(count):
        lines = chance.choice(texts).split("\n")
        factor = chance.choice((1, 1, 2, 3))
        first = chance.randrange(len(lines))
        last = chance.choice((len(lines), first + chance.randrange(1, 12)))
        extra = chance.choice((0, 0, 1, 2, 3))
        for row, line in enumerate(lines):
            bare = line.lstrip(" ")
            column = (len(line) - len(bare)) * factor + (extra if first <= row < last else 0)
            if chance.random() < 0.1:
                bare = bare.replace(": ", ":" + " " * chance.randrange(1, 4), 1)
            if chance.random() < 0.1:
                bare = bare.replace("- ", "-" + " " * chance.randrange(1, 4), 1)
            if chance.random() < 0.1:
                bare = bare.replace(", ", chance.choice((",", " ,", ",  ")))
            if chance.random() < 0.05:
                bare += " " * chance.randrange(1, 4)
            if chance.random() < 0.03:
                bare = bare.replace(
                    ": ", chance.choice((": |\n", ": >\n", ": |+\n", ": |2\n", ":\n", ": &x ")) + " " * (column + 2), 1
                )
            if chance.random() < 0.05:
                bare = "# " + bare
            lines[row] = " " * column + bare
        yield chance.choice(("\n", "\n", "\n", "\r\n", "\r")).join(lines)
