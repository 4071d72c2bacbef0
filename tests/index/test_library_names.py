"""Patterns and services by name: those of several files, and of thousands, without a look at each for each name."""

from __future__ import annotations

from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.documents import Document


def index_of(**texts: str) -> WorkspaceIndex:
    documents = [Document(f"file:///{path.replace('__', '/')}.yaml", text) for path, text in texts.items()]
    return WorkspaceIndex(each.summary for each in documents if each.summary is not None)


def pattern(name: str) -> str:
    return f"pattern: {name}\nparameters: [{{name: {name}}}]\ntemplate: x\n"


def test_the_first_file_that_has_a_pattern_and_the_last_service_of_a_name() -> None:
    index = index_of(
        b__stdlib__actions__move=pattern("second"),
        a__stdlib__actions__move=pattern("first"),
        a__registry__service_registry=(
            "services:\n- {name: mail, operations: [{name: one}]}\n- {name: MAIL, operations: [{name: two}]}\n"
        ),
        b__registry__service_registry="services:\n- {name: mail, operations: [{name: three}]}\n- {name: other}\n",
    )
    found, service = index.pattern("move"), index.service("Mail")
    assert found is not None and [each.name for each in found.parameters] == ["first"]
    assert service is not None and (service.name, service.operations) == ("MAIL", ("two",))
    assert (index.pattern_names(), index.service_names()) == (("move",), ("MAIL", "other"))


def test_a_file_that_changes_is_seen_and_another_one_changes_nothing() -> None:
    index = index_of(stdlib__actions__move=pattern("x"), a="entity: A\n")
    assert index.pattern_names() == ("move",)
    more = Document("file:///stdlib/actions/other.yaml", pattern("y"))
    after = index.put(more.uri, more.summary)
    assert (after.pattern_names(), index.pattern_names()) == (("move", "other"), ("move",))
    entity = Document("file:///b.yaml", "entity: B\n")
    # What is known of the library is handed on: nothing is worked out again.
    assert after.put(entity.uri, entity.summary).pattern_names() is after.pattern_names()
    assert after.put(more.uri, None).pattern_names() == ("move",)
