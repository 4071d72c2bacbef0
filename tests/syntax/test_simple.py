"""Where all lines are simple, tree-sitter and PyYAML agree on whether a text is YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.syntax.pyyaml.simple_text import has_simple_lines_only
from tests.support.corpus import REGISTRIES, name_of
from tests.support.effort import times

ROOT = Path(__file__).parents[2]
REAL = [
    *REGISTRIES,
    ROOT / "fixtures" / "workspace" / "registry" / "domain_registry.yaml",
]
FIXTURE = REAL[-1].read_text(encoding="utf-8").split("\n")[:40]


@pytest.mark.parametrize("path", REAL, ids=name_of)
def test_real_registries_are_simple(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert has_simple_lines_only(text)
    assert has_simple_lines_only(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "line",
    [
        "a: &x b",
        "a: *x",
        "a: !!str b",
        "a:\tb",
        "a: 'b",
        "a: 'b'c",
        "a: [b",
        "a: b: c",
        "a: |",
        "? a",
        "a: {b: {c: d}}",
        "a",
    ],
)
def test_what_is_not_simple(line: str) -> None:
    assert not has_simple_lines_only(f"x: y\n{line}\n")
    assert not has_simple_lines_only(f"x:\n  {line}")


LINES = st.sampled_from(
    [
        *FIXTURE,
        "- a",
        "- a: b",
        "a:",
        "a: b",
        "  c: d",
        "    - e",
        "# f",
        "",
        "  ",
        "a: []",
        "{}: b",
        "a: 'b''c'",
        "a: b#c",
    ]
)


@settings(max_examples=times(300))
@given(st.lists(st.tuples(LINES, st.integers(-1, 8)), min_size=1, max_size=8))
def test_simple_lines_are_yaml_to_both_or_to_none(lines: list[tuple[str, int]]) -> None:
    """Each line with an indentation of its own; -1 leaves it as it is."""
    text = "\n".join(line if indent < 0 else " " * indent + line.lstrip(" ") for line, indent in lines)
    assume(has_simple_lines_only(text))
    tree = parse(text)
    if not tree.has_problems and not tree.broken:
        yaml.compose(text, Loader=yaml.SafeLoader)
