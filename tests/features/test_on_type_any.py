"""Enter and ``-`` typed anywhere in real and broken files: only the cursor's line changes, no valid file breaks."""

from __future__ import annotations

import random

from specql_lsp.features.on_type_formatting import DASH, ENTER, on_type_formatting
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.documents import Document
from tests.support.effort import SEED, times
from tests.syntax.mutations import mutated_once, real_files
from tests.syntax.test_broken_as_pyyaml import refuses

COUNT = times(1500)


def test_typing_in_real_files() -> None:
    chance = random.Random(SEED)
    texts = tuple(text for text in real_files() if "entity:" in text)
    changed = 0
    for _ in range(COUNT):
        text = chance.choice(texts)
        for _ in range(chance.choice((0, 0, 0, 1, 2))):
            text = mutated_once(text, texts, chance)
        rows = text.split("\n")
        row = chance.randrange(len(rows))
        column = chance.choice((0, 2, 4, 6, len(rows[row]) - len(rows[row].lstrip(" "))))
        character = chance.choice((ENTER, DASH))
        rows.insert(row + 1, " " * column + (DASH if character == DASH else ""))
        before = "\n".join(rows)
        offset = len("\n".join(rows[: row + 2]))
        after = apply(before, on_type_formatting(Document("file:///a.yaml", before, 1), offset, character))
        lines = after.split("\n")
        assert lines[: row + 1] + lines[row + 2 :] == rows[: row + 1] + rows[row + 2 :], before
        changed += after != before
        assert not refuses(after) or refuses(before), (before, after)
    assert changed > COUNT / 20
