"""Real entity files: every reference leads to the entity that is meant, also where a second project has them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.index.symbols import SymbolKind, UseKind
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.semantics.resolve import resolve_use
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.corpus import FOLDERS

pytestmark = pytest.mark.parametrize("corpus", FOLDERS, ids=lambda folder: folder.parent.name)
NOWHERE = {"contractitem"}
"""What real files name and no file of theirs defines."""


def summaries(corpus: Path, project: str) -> list[FileSummary]:
    """The real files in the folders that they come from: a file's name holds its path."""
    found: list[FileSummary] = []
    for path in sorted((corpus / "entities").glob("*.yaml")):
        uri = f"file:///{project}/{path.name.replace('-', '/')}"
        summary = summarize(Document(uri, path.read_text(encoding="utf-8")))
        assert summary is not None, path
        found.append(summary)
    return found


def check_references(own: list[FileSummary], others: list[FileSummary]) -> None:
    state = RegistryState(Provenance(Source.YAML), Snapshot(()))
    analysis = Analysis(registry=state, index=WorkspaceIndex([*own, *others]))
    uris = {summary.uri for summary in own}
    across = total = 0
    for summary in own:
        for use in summary.uses:
            if use.symbol is not SymbolKind.ENTITY or use.kind is UseKind.MENTION:
                continue
            total += 1
            files = resolve_use(analysis, summary, use).files
            if use.name in NOWHERE:
                assert not files
                continue
            assert [facts.uri in uris for facts in files] == [True], (summary.uri, use.name)
            across += files[0].schema != summary.schema
    assert total >= 20
    assert across >= 8  # such are right


def test_every_reference_has_one_definition(corpus: Path) -> None:
    check_references(summaries(corpus, "project"), [])


def test_the_definition_is_the_nearest_of_several(corpus: Path) -> None:
    own, inner = summaries(corpus, "project"), summaries(corpus, "project/examples/one")
    check_references(own, [*summaries(corpus, "copy"), *inner])
    check_references(inner, own)
