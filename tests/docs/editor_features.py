"""README's table of what works in which editor, from the tests in the real editors.

``make features`` (``python -m tests.docs.editor_features``) writes it; ``test_editor_features.py`` fails where it is
not up to date. The rows are in ``tests/editors/features.toml``. The tests are read, not run: they fail by themselves.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.docs.blocks import README, with_block

ROOT = Path(__file__).parents[2]
EDITORS = {"vscode": "VS Code", "neovim": "Neovim", "emacs": "Emacs", "kate": "Kate"}
"""The editors that tests drive, by their folders, and as the table's head has them."""
OTHERS = "Helix, Sublime Text, Zed, JetBrains"
VSCODE = ROOT / "editors" / "vscode" / "test" / "e2e"
_MARKED = re.compile(r'^[ ]*// drives: (?P<names>.*)\n[ ]*(?:check|test)\("(?P<title>[^"]+)"', re.MULTILINE)


class Feature(NamedTuple):
    """A row.

    Attributes:
        name: what tests call it.
        row: what README calls it.
        how: what is added to a ✓, by editor.
        without: what is said of an editor that has no such thing.
        others: what is said of the editors that no test drives.
    """

    name: str
    row: str
    how: dict[str, str]
    without: dict[str, str]
    others: str


class Driven(NamedTuple):
    """A test that drives a feature in an editor."""

    feature: str
    editor: str
    test: str


def features() -> list[Feature]:
    """Every row, in the table's order."""
    data = tomllib.loads((ROOT / "tests" / "editors" / "features.toml").read_text(encoding="utf-8"))
    return [
        Feature(row["name"], row["row"], row.get("how", {}), row.get("without", {}), row["others"])
        for row in data["feature"]
    ]


def driven() -> list[Driven]:
    """What the tests say that they drive."""
    return [*_in_python(), *_in_vscode()]


def table() -> str:
    """The table, as Markdown."""
    tested = {(each.feature, each.editor) for each in driven()}
    head = ["", *EDITORS.values(), OTHERS]
    lines = [head, ["---"] * len(head)]
    for feature in features():
        cells = [_cell(feature, editor, tested=(feature.name, editor) in tested) for editor in EDITORS]
        lines.append([feature.row, *cells, feature.others])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def readme() -> str:
    """README, with the table as it has to be."""
    return with_block(README.read_text(encoding="utf-8"), "editors", "make features", table())


def _cell(feature: Feature, editor: str, *, tested: bool) -> str:
    if not tested:
        return feature.without.get(editor, "not tried")
    how = feature.how.get(editor)
    return f"✓ {how}" if how else "✓"


def _in_python() -> Iterator[Driven]:
    for editor in EDITORS:
        for path in sorted((ROOT / "tests" / "editors" / editor).glob("test_*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    for name in _marked(node):
                        yield Driven(name, editor, f"{path.name}::{node.name}")


def _marked(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.drives":
            for argument in decorator.args:
                yield ast.literal_eval(argument)


def _in_vscode() -> Iterator[Driven]:
    for path in sorted(VSCODE.glob("*.test.ts")):
        text = path.read_text(encoding="utf-8")
        found = list(_MARKED.finditer(text))
        assert len(found) == text.count("// drives:"), f"{path.name}: a mark is not right above its test"
        for match in found:
            for name in match["names"].split(", "):
                yield Driven(name, "vscode", f"{path.name}: {match['title']}")


if __name__ == "__main__":
    README.write_text(readme(), encoding="utf-8")
