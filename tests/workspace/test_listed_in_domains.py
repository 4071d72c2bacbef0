"""Which changes of files are changes of the trees of the domains."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.workspace.changes import DocumentChanged, FilesRead
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import uri_of
from tests.workspace.host_support import ROOT, Workspace

CONTACT = ROOT / "entities" / "contact.yaml"
TEXT = "entity: Contact\nschema: crm\norganization:\n  table_code: '012034'\nfields:\n  name: text\n"
CONFLICT = TEXT.replace(
    "  table_code: '012034'\n",
    "<<<<<<< ours\n  table_code: '012034'\n=======\n  table_code: '012035'\n>>>>>>> theirs\n",
)


@pytest.fixture
def workspace() -> Workspace:
    it = Workspace()
    it.disk = {CONTACT: TEXT}
    it.read(it.open_folder(), ROOT)
    return it


def changes(workspace: Workspace, text: str, path: Path = CONTACT) -> bool:
    return workspace.host.apply(DocumentChanged(Document(uri_of(path), text))).domains


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TEXT, False, id="nothing"),
        pytest.param(TEXT.replace("name: text", "name: email\n  age: integer"), False, id="a field"),
        pytest.param(TEXT.replace("012034", "012035"), True, id="the code"),
        pytest.param(TEXT.replace("Contact", "Person"), True, id="the name"),
        pytest.param(TEXT.replace("crm", "sales"), True, id="the schema"),
        pytest.param("# A contact\n" + TEXT, True, id="the place"),
        pytest.param(CONFLICT, True, id="a code of one side of a merge conflict"),
        pytest.param("", True, id="no entity any more"),
    ],
)
def test_what_of_a_file_is_listed(workspace: Workspace, text: str, expected: bool) -> None:
    assert changes(workspace, text) is expected


def test_a_file_that_comes_and_goes(workspace: Workspace) -> None:
    new = uri_of(ROOT / "entities" / "new.yaml")
    document = Document(new, TEXT.replace("Contact", "New"))
    for read, expected in [(document, True), (document, False), (None, True), (None, False)]:
        assert workspace.host.apply(FilesRead(uri_of(ROOT), {new: read})).domains is expected
