"""References among more entities than a list shows: what is near the file comes first, whatever was cut."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from specql_lsp.features.completion import complete
from specql_lsp.features.completion.builder import LIMIT
from specql_lsp.features.model import CompletionItem
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.support.registries import large_registry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "entity: Asking\nschema: domain_2\nfields:\n  x: ref("


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """A registry of 1,080 entities, and 150 files in each of two of its schemas."""
    files = [
        Document(f"file:///w/{schema}/{number}.yaml", f"entity: Local{schema}x{number}\nschema: domain_{schema}\n")
        for schema in (1, 2)
        for number in range(150)
    ]
    index = WorkspaceIndex().put_all({file.uri: summarize(file) for file in files})
    state = RegistryState(snapshot=large_registry(9, 10, 12), provenance=Provenance(Source.YAML))
    return Analysis(registry=state, index=index)


def offered(analysis: Analysis, typed: str) -> list[CompletionItem]:
    document = Document("file:///w/asking.yaml", TEXT + typed)
    return list(complete(analysis, document, len(document.text), NOW).items)


def many_offered(analysis: Analysis, typed: str) -> list[CompletionItem]:
    found = offered(analysis, typed)
    assert len(found) == LIMIT
    return found


def test_registrations_of_the_own_schema_come_before_others(analysis: Analysis) -> None:
    """Also where the schema has more files than are shown, none of which matches."""
    assert {item.detail.split(" / ")[0] for item in many_offered(analysis, "Ent")} == {"domain_2"}


def test_files_of_the_own_schema_come_before_others(analysis: Analysis) -> None:
    assert {item.detail for item in many_offered(analysis, "loc")} == {"domain_2"}


def test_a_better_match_of_another_schema_comes_before_one_of_the_own(analysis: Analysis) -> None:
    """The letters of ``1x`` are in names of every schema; those that begin with what is typed are of one."""
    assert {item.detail.split(" / ")[0] for item in many_offered(analysis, "entity1x")} == {"domain_1"}


def test_a_name_that_is_typed_in_full_is_not_cut(analysis: Analysis) -> None:
    assert offered(analysis, "Entity1x1x1")[0].label == "Entity1x1x1"
