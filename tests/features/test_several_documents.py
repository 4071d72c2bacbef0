"""A file with several YAML documents: refused by SpecQL, and its entities' codes count all the same."""

from __future__ import annotations

from specql_lsp.features import diagnostics
from specql_lsp.features.model import Severity
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from tests.features.support import REGISTRY, analysis, document

BOTH = """\
entity: First
schema: crm
organization: {table_code: '01203A'}
---
entity: Second
schema: crm
organization: {table_code: '01203B'}
"""


def codes(text: str, *others: str) -> list[tuple[str, str]]:
    files = [document(other, f"file:///workspace/entities/{number}.yaml") for number, other in enumerate(others)]
    it = document(text)
    found = diagnostics.check(analysis(it, *files, registry=REGISTRY), it)
    return [(finding.code, finding.message) for finding in found]


def test_the_second_document_is_an_error_at_its_beginning() -> None:
    it = document(BOTH)
    (found,) = [f for f in diagnostics.check(analysis(it), it) if f.code == "several-documents"]
    assert found.severity is Severity.ERROR
    assert BOTH[found.span.start : found.span.end] == "---"
    assert "SpecQL reads one document a file" in found.message


def test_what_is_to_be_parted_is_named() -> None:
    assert "Put each entity into a file" in dict(codes(BOTH))["several-documents"]
    pattern = document("pattern: a\nsteps: []\n---\npattern: b\n", "file:///workspace/stdlib/actions/a.yaml")
    (found,) = [f for f in diagnostics.check(analysis(pattern), pattern) if f.code == "several-documents"]
    assert "Put each document into a file" in found.message


def test_a_lone_mark_at_the_end_is_one_too() -> None:
    assert "several-documents" in dict(codes("entity: A\nschema: crm\n---\n"))
    assert "several-documents" not in dict(codes("---\nentity: A\nschema: crm\n...\n"))


def test_an_entity_behind_the_first_document_is_one() -> None:
    assert "several-documents" in dict(codes("version: 1\n---\nentity: A\n"))
    summary = summarize(document("version: 1\n---\nentity: A\nschema: crm\n"))
    assert summary is not None
    assert [facts.name for facts in summary.entities] == ["A"]


def test_codes_behind_the_first_document_are_taken() -> None:
    found = dict(codes("entity: Third\nschema: crm\norganization: {table_code: '01203B'}\n", BOTH))
    assert "used by Second in another file" in found["table-code-taken"]


def test_all_entities_are_indexed_and_forgotten() -> None:
    index = WorkspaceIndex()
    it = document(BOTH)
    index = index.put(it.uri, summarize(it))
    assert [facts.name for facts in index.all()] == ["First", "Second"]
    assert [facts.uri for facts in index.using_code("01203B")] == [it.uri]
    assert [facts.name for facts in index.named("second")] == ["Second"]
    assert index.names_text == "\nfirst\nsecond\n"
    index = index.put(it.uri, summarize(document(BOTH.partition("---")[0])))
    assert not index.using_code("01203B")
    assert not index.named("Second")
    index = index.put(it.uri, None)
    assert not list(index.all())
    assert index.names_text == "\n"


def test_a_broken_text_keeps_its_documents_apart() -> None:
    it = document("entity: First\n\tx: y\n---\nentity: Second\n")
    assert [entity.name.value for entity in it.entities if entity.name] == ["First", "Second"]


def test_the_codes_of_a_file_are_those_of_all_its_entities() -> None:
    summary = summarize(document(BOTH))
    assert summary is not None
    assert summary.codes == ("01203A", "01203B")
