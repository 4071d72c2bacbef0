"""Which paths a workspace folder holds: as pathlib says it, which takes five times as long."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.config import Settings
from specql_lsp.workspace.folder import WorkspaceFolder
from specql_lsp.workspace.uris import uri_of

FOLDERS = ("/", "/w", "/w/a", "/w/a b", "/w/ä", "/w/a.b")
PATHS = (
    *("/", "/w", "/w/a", "/w/a/", "/w/a/b.yaml", "/w/a/b/c.yaml", "/w/ab", "/w/ab/c.yaml", "/w/a b/c", "/w/ä/c"),
    *("/w/a.b/c", "/w/a/../b", "/W/a/b", "/x", "/wa/b", "/w/a\n/b"),
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_folder_holds(folder: str) -> None:
    path = Path(folder)
    workspace = WorkspaceFolder(uri_of(path), path, Settings())
    held = [each for each in PATHS if workspace.holds(Path(each))]
    assert held == [each for each in PATHS if Path(each).is_relative_to(path)]
    assert held


def test_what_a_nested_folder_holds_is_not_its_own() -> None:
    outer, inner = Path("/w"), Path("/w/a")
    workspace = WorkspaceFolder(uri_of(outer), outer, Settings()).among([outer, inner])
    assert [each for each in PATHS if workspace.holds(Path(each))] == [
        each for each in PATHS if Path(each).is_relative_to(outer) and not Path(each).is_relative_to(inner)
    ]


def test_a_folder_without_a_path_holds_nothing() -> None:
    assert not WorkspaceFolder("", None, Settings()).holds(Path("/w"))
