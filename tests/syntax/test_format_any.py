"""The formatting of random YAML: real files in other layouts, and mutated ones, keep their value to PyYAML."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import yaml

from specql_lsp.syntax.editing.format import FormatOptions, LineRange, format_edits, layout_edits, understood
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.text import LineIndex
from tests.support.effort import SEED, times
from tests.syntax.layouts import layouts
from tests.syntax.mutations import mutated, real_files

COUNT = times(1200)
ODD = (
    "a: &x\n    - b\n    - c: *x\n",
    "? a\n: - b\n  - c\n?   d\n:   e: f\n    g: h\n",
    "- - - a\n    - b\n-\n  - c\n",
    "a: |2-\n     x\n    y\nb: >+\n   z\n\nc: 1\n",
    "a:\n    &k b: 1\n    !!str c: 2\nd:\n - e\n - f: g\n   h: [1,\n 2]\n",
    "'a': {b : [c,\"d\" , {e: f}],\n g: h}\n",
    "a: 'x\n\n   y\n  z'\nb:\n  \"q\n r\"\nc:\n    plain\n  goes\n      on\n",
    "---\na:   b\n...\n---\n-   c\n",
    "a: !!set\n    ? b\n    ? c\nd: !t &e\n      f:  g\n",
    "a:\n- b:\n    - c\n    -   d\n  e:\n  - f\n# x\n  # y\ng:\n   # z\n   h: i\n",
)
"""What real files have not."""


def value_of(text: str) -> Any:
    """What PyYAML makes of a text, with the types of what compares equal; an exception's type where it refuses it."""
    try:
        return typed(list(yaml.safe_load_all(text)))
    except Exception as error:  # whatever it is: some values end in a ValueError or a KeyError
        return type(error)


def typed(value: Any) -> Any:
    if isinstance(value, dict):
        return [(typed(key), typed(each)) for key, each in value.items()]
    if isinstance(value, list | tuple):
        return [typed(each) for each in value]
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return (type(value).__name__, value)


def complaint(text: str, within: LineRange | None = None) -> str | None:
    """What is wrong with the edits of a text, made without the look at the value; None if nothing is."""
    parsed = understood(text)
    if parsed is None:
        return f"changed though it is broken: {text!r}" if format_edits(text, LineIndex(text)) else None
    edits = layout_edits(text, LineIndex(text), parsed.tokens, within=within)
    after = apply(text, edits)
    before = value_of(text)
    if value_of(after) != before and not isinstance(before, type):
        return f"another value: {text!r}\n  -> {after!r}"
    if edits and not format_edits(text, LineIndex(text), within=within):
        return f"held back: {text!r}\n -> {after!r}"
    if any(one.span.end > two.span.start or one.span == two.span for one, two in pairwise(edits)):
        return f"edits overlap: {edits} {text!r}"
    if any(text[edit.span.start : edit.span.end] == edit.new_text for edit in edits):
        return f"an edit changes nothing: {text!r}"
    again = apply(after, format_edits(after, LineIndex(after), within=within))
    if within is None and again != after:
        return f"not the same again: {text!r}\n  -> {after!r}\n  -> {again!r}"
    return None


def nothing(found: Iterable[str | None]) -> None:
    """Fails with the first of what was found."""
    complaints = list(filter(None, found))
    assert not complaints, f"{len(complaints)}:\n" + "\n".join(complaints[:8])


def test_mutated_real_files_keep_their_value() -> None:
    nothing(complaint(text) for text in mutated(real_files(), COUNT, SEED))


def test_real_files_in_other_layouts_keep_their_value() -> None:
    nothing(complaint(text) for text in layouts((*real_files(), *ODD * 20), COUNT, SEED))


def test_parts_of_real_files_keep_their_value() -> None:
    chance = random.Random(SEED)

    def of_a_part(text: str) -> str | None:
        rows = LineIndex(text).line_count
        first = chance.randrange(rows)
        within = LineRange(first, min(first + chance.randrange(8), rows - 1))
        problem = complaint(text, within)
        return problem and f"{within} {problem}"

    nothing(map(of_a_part, layouts(real_files(), COUNT // 2, SEED + 1)))


def test_what_an_editor_forbids_changes_no_value() -> None:
    chance = random.Random(SEED)

    def with_options(text: str) -> str | None:
        options = FormatOptions(chance.choice((2, 4)), *(chance.random() < 0.5 for _ in range(3)))
        parsed = understood(text)
        if parsed is None:
            return None
        after = apply(text, layout_edits(text, LineIndex(text), parsed.tokens, options))
        before = value_of(text)
        is_another = value_of(after) != before and not isinstance(before, type)
        return f"{options} {text!r}\n -> {after!r}" if is_another else None

    nothing(map(with_options, layouts((*real_files(), *ODD * 20), COUNT // 2, SEED + 2)))
