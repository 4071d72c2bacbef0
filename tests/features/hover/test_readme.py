"""README's example of a hover says what the hover says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from specql_lsp.features.markdown import to_plaintext
from tests.features.hover.support import check
from tests.features.workspace_snippets import workspace

README = Path(__file__).parents[3] / "README.md"
_HEADING = "## What a hover shows"
_SECOND = 43
"""The column at which the second example begins."""


def examples() -> list[str]:
    """The two examples, each a text."""
    text = README.read_text(encoding="utf-8").partition(_HEADING)[2]
    block = re.search(r"```text\n(.*?)\n```", text, re.DOTALL)
    assert block is not None
    lines = block[1].split("\n")
    return ["\n".join(line[:_SECOND].rstrip() for line in lines), "\n".join(line[_SECOND:] for line in lines)]


@pytest.mark.parametrize("number", [0, 1])
def test_the_example(number: int) -> None:
    field, _, rest = examples()[number].partition("\n")
    it = workspace(f"entity: Contact\nschema: crm\nfields:\n  {field}\n")
    name = field.partition(":")[0]
    shown = to_plaintext(check(it, "a.yaml", f"¦{name}: ", name))
    for part in re.split(r"\n{2,}", rest.strip()):
        assert " ".join(part.split()) in " ".join(shown.split())
