"""The situations of ``shared/specql/cases.yaml`` that ask for completion, where that file is beside the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from specql_lsp.features.completion import complete
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.syntax.text import Position
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.benchmarks.completion_quality import as_shown
from tests.features.completion_support import NOW
from tests.support.corpus import REAL

PATH = REAL.parent / "specql" / "cases.yaml"
FOLDER = "file:///workspace/"


def cases(path: Path) -> list[dict[str, Any]]:
    """The cases about completion; none where there is no such file."""
    if not path.exists():
        return []
    return [c for c in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"] if c["kind"] == "completion"]


def offered(case: dict[str, Any]) -> list[str]:
    """The labels at the case's position, in a client's order."""
    document = Document(FOLDER + case["file"], case["text"])
    others = [Document(FOLDER + path, text) for path, text in case.get("other_files", {}).items()]
    summaries = [summary for each in (document, *others) if (summary := summarize(each)) is not None]
    state = RegistryState(Provenance(Source.YAML), Snapshot(()))
    analysis = Analysis(registry=state, index=WorkspaceIndex(summaries))
    position = case["position"]
    offset = document.lines.offset(Position(position["line"], position["character"]))
    return [i.label for i in as_shown(document, offset, complete(analysis, document, offset, NOW).items)]


@pytest.mark.skipif(not PATH.exists(), reason="there is no shared/specql/cases.yaml beside the project")
@pytest.mark.parametrize("case", cases(PATH), ids=lambda case: case["id"])
def test_a_case(case: dict[str, Any]) -> None:
    labels = offered(case)
    expected = case["expect"]
    assert set(expected.get("includes", ())) <= set(labels)
    assert set(expected.get("excludes", ())).isdisjoint(labels)
    if "exactly" in expected:
        assert labels == expected["exactly"]
    if "first" in expected:
        assert labels[0] == expected["first"]
    if "first_any_of" in expected:
        assert labels[0] in expected["first_any_of"]
