"""Random edits of YAML texts: sequences of what people and editors do, and of what is odd, on real files."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.support.corpus import FOLDERS
from tests.syntax.mutations import ROOT, mutated_once

_FOLDERS = (ROOT / "fixtures", *FOLDERS[1:])
MADE = (
    """\
---
# A file with all that YAML has.
entity: Contact  # the name
defaults: &defaults
  nullable: false
  type: &type text
schema: 'crm'

fields:
  # the first field
  email: *type
  company:
    <<: *defaults
    type: ref(Company)
    # inside
  'quoted key': "two
    lines"
  folded: >-
    one
    two

  literal: |
    # no comment
    a: b

  list: [a, 'b', {c: d}]  # behind
  ? complex
  : value
  !tag tagged: !!str x
actions:
- name: one
  steps:
  - validate: a = 'b'
  -
  - update: Contact SET a = 1

- name: two
  steps: []
- &third name: three
plain: text over
  two lines
last: |+
  kept

""",
    """\
domains:
  '1':
    name: core
    subdomains:
      '01':
        name: one
        entities:
          A: {table_code: '010101'}
          B:
            table_code: '010102'
      '02':
        name: two
schema_layers:
  '01': write
""",
    "a: 1\r\nfields:\r\n  x: text\r\n  y: |\r\n    z\r\n\r\nb: 2\r\n",
    "größe: 1\nfelder:\n  'ü😀': x\n  b: \"\\u00e4\"\nactions:\n  - a\n  - b\n",
    "a: 1\nb:\n  c: d\n---\ne: f\n",
    "%YAML 1.1\n---\na: 1\nb:\n  c: 2\n...\n",
    "",
)
_LINES = (
    *(
        "new: value\n",
        "  new: value\n",
        "    deep: x\n",
        "- item\n",
        "  - item\n",
        "# comment\n",
        "  # comment\n",
        "\n",
    ),
    *("key:\n", "  key:\n", "text: |\n", "  text: >\n", "open: 'x\n", '  open: "x\n', "flow: [a,\n", "  flow: {a: b\n"),
    *(
        "---\n",
        "...\n",
        "%TAG ! x\n",
        "x: &a y\n",
        "  x: *a\n",
        "  <<: *a\n",
        "fields:\n",
        "\t\n",
        "\ttab: x\n",
        "a: b\r\n",
    ),
    *(
        "a: b\r",
        "\x00\n",
        "\ufeff",
        "a: \u2028\n",
        "x: \ud83d\n",
        "? k\n",
        ": v\n",
        "   odd: x\n",
        " odd: x\n",
        "  - - a\n",
    ),
    *(
        "[\n",
        "]\n",
        "}\n",
        "'\n",
        '"\n',
        "    x: {}#c\n",
        "-\n",
        "  -\n",
        "k: v # c\n",
        "a: b: c\n",
        "plain\n",
        "  plain\n",
    ),
)


def real_texts() -> tuple[str, ...]:
    """The YAML files of the fixtures and, where it is there, of the corpus; and those made up here."""
    paths = sorted(path for folder in _FOLDERS for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
    return (*MADE, *MADE, *(path.read_text(encoding="utf-8") for path in paths))


def edits(text: str, count: int, chance: random.Random, texts: tuple[str, ...]) -> Iterator[str]:
    """``count`` texts, each one an edit of the one before; now and then one is taken back."""
    for _ in range(count):
        before = text
        text = _edited(text, chance, texts)
        yield text
        if chance.random() < 0.6:  # what breaks a text is mostly put right again
            text = before
            yield text


def _edited(text: str, chance: random.Random, texts: tuple[str, ...]) -> str:
    lines = text.splitlines(keepends=True) or [""]
    row = chance.randrange(len(lines))
    match chance.randrange(14):
        case 0 | 1 | 2:  # a key typed
            at = chance.randrange(len(text) + 1)
            return text[:at] + chance.choice("abc'\" :#-&*\n[]{},|>é😀") + text[at:]
        case 3:  # a key deleted
            at = chance.randrange(len(text) + 1)
            return text[: max(at - 1, 0)] + text[at:]
        case 4 | 5:
            lines.insert(row, chance.choice(_LINES))
        case 6:
            del lines[row : row + chance.choice((1, 1, 2, 5))]
        case 7:
            lines[row] = " " * chance.randrange(7) + lines[row].lstrip(" ")
        case 8:  # several lines moved to the right or left
            for index in range(row, min(row + chance.randrange(1, 6), len(lines))):
                lines[index] = "  " + lines[index] if chance.random() < 0.5 else lines[index].removeprefix("  ")
        case 9:
            lines[row] = "# " + lines[row]
        case 10:
            other = chance.choice(texts).splitlines(keepends=True) or [""]
            start = chance.randrange(len(other))
            lines[row:row] = other[start : start + chance.randrange(1, 8)]
        case 11:  # lines moved elsewhere
            moved = lines[row : row + 3]
            del lines[row : row + 3]
            to = chance.randrange(len(lines) + 1)
            lines[to:to] = moved
        case 12:
            return text.rstrip("\n") if text.endswith("\n") else text + "\n"
        case _:
            return mutated_once(text, texts, chance)
    return "".join(lines)
