"""What is shown is cut to what a person reads, however long the file's texts are."""

from __future__ import annotations

import pytest

from tests.features.hover.support import hover_in
from tests.features.workspace_snippets import workspace

VALUES = ", ".join(f"value_{number}" for number in range(2000))
LONG = "x" * 50_000


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (f"entity: A\nfields:\n  a: enum({VALUES})\n", "¦a: enum("),
        (f"entity: A\nfields:\n  a: enum({VALUES})\n", "enum(va¦lue_0"),
        (f"entity: A\nfields:\n  a: {LONG}\n", "¦a: x"),
        (f"entity: A\nfields:\n  a: {LONG}\n", "a: ¦x"),
        (f"entity: A\nfields:\n  a: ref({LONG})?\n", "¦a: ref("),
        (f"entity: A\nfields:\n  a: text = {LONG}\n", "¦a: text"),
        (f"entity: A\nfields:\n  a: {{type: text, description: {LONG}}}\n", "¦a: {type"),
        (f"entity: A\nfields:\n  a: text # {LONG}\n", "¦a: text"),
        (f"entity: A\ndescription: {LONG}\n", "entity: ¦A"),
        (f"entity: A\nactions:\n  - name: b\n    description: {LONG}\n    steps: [{{validate: {LONG}}}]\n", "name: ¦b"),
        (f"entity: A\nactions:\n  - name: b\n    steps: [{{validate: {LONG}}}]\n", "¦validate"),
        (f"entity: A\nbase: &b {LONG}\nmore: *b\n", "*¦b"),
        ("entity: A\nbase: &b\n" + "".join(f"  key_{n}: {n}\n" for n in range(500)) + "more: *b\n", "*¦b"),
        ("entity: A\nfields:\n" + "".join(f"  f_{n}: text\n" for n in range(500)), "entity: ¦A"),
        ("entity: A\nactions:\n  - name: b\n    steps:\n" + "      - {reject: no}\n" * 500, "name: ¦b"),
    ],
)
def test_a_long_text(text: str, marked: str) -> None:
    found = hover_in(workspace(text), "a.yaml", marked)
    assert found is not None
    assert len(found.markdown) < 3500
