"""Sessions in which random ones (``test_session_fuzzing.py``) found the server wrong."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.fuzz_client import FuzzClient, Kind
from tests.features.support import REGISTRY

TEXT = "entity: A{}\nschema: nowhere\n"
MANY = 120
"""More files than are read at once."""


def made(folder: Path, count: int) -> Path:
    """A workspace folder of so many files with a finding each."""
    (folder / "registry").mkdir(parents=True)
    (folder / "registry" / "domain_registry.yaml").write_text(REGISTRY, encoding="utf-8")
    for number in range(count):
        (folder / f"f{number}.yaml").write_text(TEXT.format(number), encoding="utf-8")
    return folder


def test_a_folder_that_is_opened_and_closed_again_while_the_one_around_it_is_read(tmp_path: Path) -> None:
    outer = made(tmp_path / "outer", MANY)
    inner = made(outer / "inner", MANY)
    folder = {"uri": inner.as_uri(), "name": "inner"}
    with FuzzClient(Kind.PUSH, [outer], tmp_path / "errors.txt", {}) as client:
        client.later("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
        client.settle()
        client.later("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
        client.settle()
        assert len([uri for uri in client.shown() if "/f" in uri]) == 2 * MANY
        client.end()


def test_a_large_document_whose_folder_is_opened_again_while_it_is_parsed(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one", 1), made(tmp_path / "other", 1)
    uri = (other / "large.yaml").as_uri()
    text = TEXT.format("Large") + "fields:\n" + "".join(f"  field_{number}: text\n" for number in range(5_500))
    folder = {"uri": other.as_uri(), "name": "other"}
    with FuzzClient(Kind.PULLS_DOCUMENTS, [one, other], tmp_path / "errors.txt", {}) as client:
        client.settle()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        client.later("textDocument/didOpen", {"textDocument": document})
        client.opened(uri, text)
        for event in ({"added": [], "removed": [folder]}, {"added": [folder], "removed": []}):
            client.deliver_all()
            client.later("workspace/didChangeWorkspaceFolders", {"event": event})
        client.settle()
        assert uri in client.shown()
        client.end()
