"""Real YAML files, mutated at random: what people and editors do to a text, and what is odd in YAML."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.support.corpus import FOLDERS

ROOT = Path(__file__).parents[2]
_FOLDERS = (ROOT / "fixtures", *FOLDERS[1:])
_MOST_LINES = 40
_PIECES = (
    *"\n\n\n  -?:,[]{}#&*!|>'\"%@`\\\t~=<.\r\x85\u2028\u2029\ufeff\x07é😀0",
    *(
        ": ",
        "- ",
        " #",
        "? ",
        "{a: b}",
        "[a, b]",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\n---\n",
        "\n...\n",
        "---",
        "\n- ",
        "\n  ",
    ),
    *(
        "&a ",
        "*a",
        "&x.y ",
        "&é ",
        "&a-b ",
        "*a ",
        " : *a",
        "<<: *a",
        "<<: {x: y}",
        "<<: [*a]",
        "<<: x",
        "<<",
        "=",
        " = ",
    ),
    *("!", "! ", "!x ", "!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!set ", "!!omap ", "!!map ", "!!seq "),
    *("!!binary ", "!!timestamp ", "!<tag:yaml.org,2002:str> ", "!e!x ", "!!python/name:x ", "!%41 ", "!%zz "),
    *("%YAML 1.1\n---\n", "%YAML 2.0\n", "%TAG ! tag:a,2000:\n", "%TAG !e! tag:yaml.org,2002:\n---\n", "%x\n", "\n%"),
    *(
        "|",
        ">",
        "|-\n",
        ">+\n",
        "|2\n",
        "|0",
        "|\n      \n  a\n",
        "> # c\n",
        "''",
        '""',
        "'a''b'",
        '"\\x41"',
        '"\\q"',
        '"\\\n  "',
    ),
    *(
        "2024-02-30",
        "2024-02-29",
        "2024-1-1 25:00:00",
        "2001-12-14t21:59:43.10-05:00",
        "0b_",
        "0x1",
        "0x_",
        "0o7",
        "012",
    ),
    *(
        "1_000",
        "1:60",
        "190:20:30.15",
        "1.5e+3",
        ".inf",
        ".nan",
        "+.",
        "0b",
        "yes",
        "Off",
        "null",
        "12e3",
        "1__",
        "-0x_",
    ),
    *(
        "? [a]\n: b",
        "? {a: b}\n: c",
        "[a]: b",
        "{a: b}: c",
        ": a",
        "[c?d]",
        "[:id]",
        "[a: b]",
        "{a, b: c}",
        "[? a : b]",
    ),
    *(
        "x" * 1030 + ": a",
        "k" * 1020 + "   : a",
        "'" + "q" * 1030 + "': a",
        "[" * 12 + "]" * 12,
        "\n\n",
        "   ",
        "\n# c\n",
    ),
)


def real_files() -> tuple[str, ...]:
    """The YAML files of the fixtures, and those of the corpus where it is there, long ones in parts."""
    paths = sorted(path for folder in _FOLDERS for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
    parts: list[str] = []
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        parts.extend("".join(lines[at : at + _MOST_LINES]) for at in range(0, len(lines), _MOST_LINES))
    return tuple(part for part in parts if part.strip())


def mutated(texts: tuple[str, ...], count: int, seed: int) -> Iterator[str]:
    """``count`` texts, each one of ``texts`` after one to three changes; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(texts)
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            text = mutated_once(text, texts, chance)
        yield text


def mutated_once(text: str, texts: tuple[str, ...], chance: random.Random) -> str:
    """The text after one change."""
    at = _place(text, chance)
    lines = text.split("\n")
    row = chance.randrange(len(lines))
    match chance.randrange(9):
        case 0 | 1 | 2:
            return text[:at] + chance.choice(_PIECES) + text[at:]
        case 3:
            return text[:at] + text[at + chance.choice((1, 1, 1, 2, 5, 20)) :]
        case 4:
            return text[:at] + chance.choice(_PIECES) + text[at + chance.randrange(1, 8) :]
        case 5:
            lines[row] = " " * chance.randrange(9) + lines[row].lstrip(" ")
        case 6:
            lines.insert(chance.randrange(len(lines) + 1), lines[row])
        case 7:
            other = chance.choice(texts).split("\n")
            lines[row:row] = other[: chance.randrange(1, 6)]
        case _:
            key, colon, value = lines[row].partition(": ")
            lines[row] = key + colon + chance.choice(_PIECES) + (value if chance.random() < 0.5 else "")
    return "\n".join(lines)


def _place(text: str, chance: random.Random) -> int:
    """A place to change: anywhere, or where something begins or ends."""
    if chance.random() < 0.4:
        return chance.randrange(len(text) + 1)
    places = [at for at in range(1, len(text)) if text[at - 1] in " \n:-" or text[at] in " \n:"] or [0]
    return chance.choice(places)
