"""The editor situations of ``shared/specql/cases.yaml``, where that file is beside the project."""

from __future__ import annotations

from typing import Any

import yaml

from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.corpus import REAL

PATH = REAL.parent / "specql" / "cases.yaml"
FOLDER = "file:///workspace/"
REGISTRY_PATH = "registry/domain_registry.yaml"


def situations(kind: str) -> list[dict[str, Any]]:
    """The situations of a kind: ``completion``, ``diagnostic``, ``hover``, ``symbols``; none without the file."""
    if not PATH.exists():
        return []
    return [case for case in yaml.safe_load(PATH.read_text(encoding="utf-8"))["cases"] if case["kind"] == kind]


def opened(case: dict[str, Any]) -> tuple[Analysis, Document]:
    """What is known of the workspace of a situation, and the file that it is about."""
    document = Document(FOLDER + case["file"], case["text"], 1)
    others = {path: Document(FOLDER + path, text) for path, text in case.get("other_files", {}).items()}
    snapshot = Snapshot(())
    if REGISTRY_PATH in others:
        registry = Document(FOLDER + REGISTRY_PATH, others.pop(REGISTRY_PATH).text, is_registry=True)
        assert registry.registry is not None
        snapshot = snapshot_of(registry.registry, registry.tree)
    summaries = [summary for each in (document, *others.values()) if (summary := summarize(each)) is not None]
    state = RegistryState(Provenance(Source.YAML), snapshot)
    return Analysis(registry=state, index=WorkspaceIndex(summaries)), document
