"""URIs of files, as different clients write them, and what is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.workspace.uris import canonical, path_of, uri_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="paths of other systems")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.yaml", "/a/b.yaml"),
        ("file://localhost/a/b.yaml", "/a/b.yaml"),
        ("file://LOCALHOST/a/b.yaml", "/a/b.yaml"),
        ("FILE:///a/b.yaml", "/a/b.yaml"),
        ("file:/a/b.yaml", "/a/b.yaml"),
        ("file:///a%20b/%C3%BC%23%3F%25.yaml", "/a b/ü#?%.yaml"),
        ("file:///a;b.yaml", "/a;b.yaml"),
        ("file:///a%3Bb.yaml", "/a;b.yaml"),
        ("file:///ü.yaml", "/ü.yaml"),
        ("file:///c%3A/b.yaml", "/c:/b.yaml"),
    ],
)
def test_paths(uri: str, path: str) -> None:
    assert path_of(uri) == Path(path)
    assert canonical(uri) == uri_of(Path(path))


@pytest.mark.parametrize(
    "uri",
    [
        *("", "/a/b.yaml", "untitled:a", "untitled:/a.yaml", "vscode-vfs://github/a/b", "git:/a.yaml?{}", "file"),
        *("file:", "file://", "file:a.yaml", "file://server/share/a.yaml", "file://[x", "file://[::1/a", "http://[a/b"),
        *("file:///a%00b", "file:///\ud800", "x://\u2100/a"),
    ],
)
def test_what_is_no_path_here(uri: str) -> None:
    assert path_of(uri) is None
    assert canonical(uri) == uri


@given(st.lists(st.binary(min_size=1).filter(lambda name: not set(name) & {0, 47} and name not in {b".", b".."})))
def test_every_name_of_a_file_comes_back(names: list[bytes]) -> None:
    """Also one that is no UTF-8; a folder with such a file was not read at all."""
    path = Path("/", *(os.fsdecode(name) for name in names))
    assert path_of(uri_of(path)) == path
    assert uri_of(path).isascii()
