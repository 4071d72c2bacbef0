"""What is read without tree-sitter is what tree-sitter gives, for any text; and most entity files are read so."""

from __future__ import annotations

import random

import pytest

from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.parsing.parse_piece import parse_any
from specql_lsp.syntax.parsing.simple_blocks import read_simple
from specql_lsp.syntax.pyyaml.errors import review_syntax
from tests.benchmarks.data import faulty_entity, long_entity
from tests.support.effort import SEED, times
from tests.syntax.random_edits import MADE, edits, real_texts
from tests.syntax.test_broken_as_pyyaml import refuses

COUNT = times(2000)
_BASE = 7


def is_read(text: str) -> bool:
    """Whether a text is simple; then its nodes have to be tree-sitter's."""
    root = read_simple(text, _BASE)
    if root is None:
        return False
    piece = parse_any(text, _BASE)
    assert piece.problems == (), repr(text)
    assert piece.root == root, repr(text)
    assert (piece.anchored, piece.document_count, piece.lost, piece.further_roots) == ((), 1, False, ()), repr(text)
    assert not piece.is_partial
    tree = parse(text)
    assert tree.is_simple
    review = review_syntax(tree)
    assert bool(review.errors) == (refuses(text) is not None), repr(text)
    assert review.second_document is None
    return True


def test_most_real_files_are_read() -> None:
    texts = [text for text in real_texts()[2 * len(MADE) :] if "entity:" in text]
    assert sum(map(is_read, texts)) > len(texts) * 0.6
    assert is_read(faulty_entity(3))
    assert is_read(long_entity(300))


def test_random_edits() -> None:
    chance = random.Random(SEED)
    texts = [text for text in real_texts() if len(text) < 20_000]
    done = read = 0
    while done < COUNT:
        text = chance.choice(texts)
        for edited in edits(text.replace("\n", "\r\n") if chance.random() < 0.2 else text, 10, chance, tuple(texts)):
            done += 1
            read += is_read(edited)
    assert read > COUNT // 20


_PARTS = (
    *("a", "b:", "c: ", "'d'", '"e"', "''", "f g", "h#i", "j: k", "l:m", "#", " #", "# n", "[o, p]", "{q: r}"),
    *("[]", "{}", "|", ">-", "|+", "|2", "- ", "-", "- - ", "  ", " ", "    ", ":", "? ", "\n", "\n", "\n", "\n"),
    *("\r\n", "\t", "é", "😀", "~", "null", "1", "-1", ".5", "<<", "&x ", "*x", "!t ", "%", "@", "`", "\\", "'s''s'"),
    *('"\\n"', "[t", "]", "u,", "\xa0", "---", "...", "\u2028", "\ufeff", "\x7f", "$", "/v", "(w", "[x y, 'z']"),
    *("{aa: 'bb', cc: dd}", "[,]", "[a,]", "{a}"),
)


def test_random_texts() -> None:
    chance = random.Random(SEED + 1)
    read = 0
    for _ in range(5 * COUNT):
        parts = _PARTS[: chance.choice((20, 40, len(_PARTS)))]
        read += is_read("".join(chance.choice(parts) for _ in range(chance.randrange(1, 14))))
    assert read > COUNT // 20


_KEYS = ("a", "b", "k" * 900, f"'{'k' * 1100}'", "2024-02-30", "0x_", "'c'", '"d"', "e.f", "g-h", "größe", "1", "null")
_VALUES = (
    *("text", "text!", "ref(crm.Contact)", "decimal(10, 2) = 0", "a = 'b' # c", "'x'", "'it''s'", '"x y"', "''"),
    *("[a, b]", "{a: b, 'c': d}", "[ a , 'b' ]", "[]", "{}", "12", "x  # behind", "a:b", "a#b", "größer 😀", "$x"),
    *("(a)", "a [b] {c}", "0x_", "0b_1", "2024-02-30", "2024-02-03", "1:2", ".5", ".5_", "1e5", "0o7", "9" * 400),
)


def _block(chance: random.Random, indent: int, depth: int) -> str:
    """Lines of a mapping or sequence that is nearly always well-formed."""
    lines: list[str] = []
    is_sequence = chance.random() < 0.35
    for _ in range(chance.randrange(1, 4)):
        if chance.random() < 0.15:
            lines.append(chance.choice(("", "# c", "   # c", "  ")))
        own = indent + (chance.random() < 0.01)
        margin = " " * own + ("- " if is_sequence else "")
        key = chance.choice(_KEYS)
        kind = chance.random()
        if kind < 0.3 and depth:
            deeper = own + (2 if is_sequence else 0) + chance.choice((0, 2, 2, 2, 4))
            lines += [f"{margin}{key}:{chance.choice(('', ' ', ' # c'))}", _block(chance, deeper, depth - 1)]
        elif kind < 0.4:
            text = chance.choice(("x\n", "x  \n\n y\n", "\nx\n", "# x\n", "x\n\n\n", "a: b\n- c\n"))
            inner = " " * (own + chance.choice((1, 2, 4, 0)))
            body = "".join(inner + line if line.strip() else line for line in text.splitlines(keepends=True))
            lines += [f"{margin}{key}: {chance.choice('|>')}{chance.choice(('', '-', '+'))}", body.removesuffix("\n")]
        elif kind < 0.5:
            lines.append(f"{margin}{key}:")
        elif kind < 0.6 and is_sequence:
            lines.append(margin + chance.choice(_VALUES))
        else:
            lines.append(f"{margin}{key}: {chance.choice(_VALUES)}{chance.choice(('', '', ' ', ' # c'))}")
    return "\n".join(lines)


def test_random_blocks() -> None:
    chance = random.Random(SEED + 2)
    read = 0
    for _ in range(COUNT):
        text = _block(chance, chance.choice((0, 0, 0, 2)), 3) + chance.choice(("", "\n", "\n\n", "\n# c", "\n  \n"))
        read += is_read(text.replace("\n", "\r\n") if chance.random() < 0.2 else text)
    assert read > COUNT // 4


@pytest.mark.parametrize("text", ["a: |\n  b\n", "a: >-\n  b\n\n\n", "a:\n  - b: |\n      c\n# d\n"])
def test_a_block_scalar_at_the_end_of_a_text_is_read(text: str) -> None:
    assert is_read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "text",
        "a: b\n  c: d\n",
        "a: b\n  c\n",
        "a: b\n- c\n",
        "- a\nb: c\n",
        "a:\n    b: c\n  d: e\n",
        "a: 'b\n  c'\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !t b\n",
        "---\na: b\n",
        "a:\tb\n",
        "a: |2\n   b\nc: d\n",
        "? a\n: b\n",
        "a: [b,\n  c]\n",
        'a: "\\n"\n',
        "a: b: c\n",
        "a: b:\n",
        "\ufeffa: b\n",
        "a: b\x85c\n",
    ],
)
def test_what_is_left_to_tree_sitter(text: str) -> None:
    assert read_simple(text, 0) is None
