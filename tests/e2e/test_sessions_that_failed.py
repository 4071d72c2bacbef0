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
