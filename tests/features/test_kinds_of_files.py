"""What is said about entity files as people write them: everything that is wrong, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.features.diagnostics import check
from specql_lsp.severity import Severity
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.corpus import KINDS

EXPECTED = KINDS[0].with_name("expected.txt")
"""A line for each finding but hints: ``file:line code text``; written by running this module."""


def findings_of(path: Path) -> list[str]:
    """The findings of a file, a line each."""
    document = Document("file:///workspace/it.yaml", path.read_text(encoding="utf-8"))
    lines: list[str] = []
    for finding in check(Analysis(), document):
        if finding.severity is not Severity.HINT:
            number = document.tree.lines.line_of(finding.span.start) + 1
            text = document.text[finding.span.start : finding.span.end].partition("\n")[0]
            lines.append(f"{path.stem}:{number} {finding.code} {text}")
    return lines


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.stem)
def test_what_is_said(path: Path) -> None:
    expected = EXPECTED.read_text(encoding="utf-8").splitlines()
    assert findings_of(path) == [line for line in expected if line.startswith(f"{path.stem}:")]


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(line for path in KINDS for line in findings_of(path)) + "\n", encoding="utf-8")
