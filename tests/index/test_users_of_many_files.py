"""The users of a name stay in order, however many files are put at once among how many."""

from __future__ import annotations

import pytest

from specql_lsp.index.symbols import entity_key, schema_key
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.documents import Document


def _document(number: int, schema: str) -> Document:
    text = f"entity: E{number}\nschema: {schema}\nfields:\n  company: ref(Company)\n"
    return Document(f"file:///workspace/{number:04d}.yaml", text)


@pytest.mark.parametrize("at_once", [1, 2, 7, 40, 200])
def test_users_are_those_of_an_index_made_of_all_files(at_once: int) -> None:
    order = [number * 73 % 400 for number in range(400)]
    index = WorkspaceIndex()
    for start in range(0, len(order), at_once):
        chunk = [_document(number, "crm") for number in order[start : start + at_once]]
        index = index.put_all({document.uri: document.summary for document in chunk})
    # Some go, some use other names, some come.
    moved = [_document(number, "sales") for number in range(0, 400, 9)]
    more = [_document(number, "crm") for number in range(400, 405)]
    gone = {f"file:///workspace/{number:04d}.yaml": None for number in range(1, 400, 9)}
    index = index.put_all({**{each.uri: each.summary for each in (*moved, *more)}, **gone})

    kept = [_document(number, "sales" if number % 9 == 0 and number < 400 else "crm") for number in range(405)]
    whole = WorkspaceIndex([summary for each in kept if each.uri not in gone and (summary := each.summary) is not None])
    for key in (entity_key("Company"), schema_key("crm"), schema_key("sales")):
        assert index.users(key) == whole.users(key) != ()
        assert list(index.users(key)) == sorted(index.users(key))
