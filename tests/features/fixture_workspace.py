"""The fixture's workspace without a process: what is completed and hovered in a text at one of its paths.

Its registry is that of its YAML. That features are given the same by PostgreSQL is shown in
``tests/registry/test_contract.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from specql_lsp.features.completion import complete
from specql_lsp.features.hover import hover
from specql_lsp.features.model import CompletionItem, CompletionList
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.source import YamlSource
from specql_lsp.registry.state import RegistryState
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import CURSOR, FRESH, NOW, split_cursor
from tests.support.workspaces import FIXTURE, REGISTRY

PROVENANCE = "\n\n---\nPostgreSQL, 12 s ago"
"""How every hover ends that tells of the registry."""


def uri(path: str) -> str:
    return f"file:///workspace/{path}"


def at(path: str, before: str, after: str) -> str:
    """A fixture's text with the cursor where ``before`` and ``after`` meet, which is one place only."""
    text = _texts()[path]
    assert text.count(before + after) == 1, before + after
    return text.replace(before + after, f"{before}{CURSOR}{after}")


def workspace(files: Mapping[str, str] | None = None) -> Analysis:
    """What is known of the fixture's workspace, with further or other files (path → text)."""
    documents = [document(path, text) for path, text in {**_texts(), **(files or {})}.items() if path != REGISTRY]
    return Analysis(
        registry=RegistryState(FRESH, _snapshot()),
        index=WorkspaceIndex([facts for facts in map(summarize, documents) if facts]),
        registry_document=document(REGISTRY, _texts()[REGISTRY]),
    )


def document(path: str, text: str) -> Document:
    return Document(uri(path), text, is_registry=path == REGISTRY)


def completed(text: str, path: str, files: Mapping[str, str] | None = None) -> CompletionList:
    """What is proposed at ``$0`` of a text that a file of the workspace has in the editor."""
    source, offset = split_cursor(text)
    return complete(workspace(files), document(path, source), offset, NOW)


def accepted(text: str, proposal: CompletionItem) -> str:
    """A text with ``$0`` after a proposal was accepted there."""
    source, _ = split_cursor(text)
    return source[: proposal.replace.start] + proposal.new_text + source[proposal.replace.end :]


def hovered(path: str, text: str) -> tuple[str, str] | None:
    """What is hovered at ``$0``: the Markdown without its provenance, and the text under the range."""
    source, offset = split_cursor(text)
    found = hover(workspace(), document(path, source), offset, NOW)
    if found is None:
        return None
    assert found.markdown.endswith(PROVENANCE)
    under = source[found.span.start : found.span.end]
    assert found.span.contains(offset)
    assert "\n" not in under
    return found.markdown.removesuffix(PROVENANCE), under


@functools.cache
def _texts() -> dict[str, str]:
    found = sorted(FIXTURE.rglob("*.yaml"))
    return {path.relative_to(FIXTURE).as_posix(): path.read_text(encoding="utf-8") for path in found}


@functools.cache
def _snapshot() -> Snapshot:
    return YamlSource(FIXTURE / REGISTRY).load()
