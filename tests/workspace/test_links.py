"""Which of several links to a file counts, as files come and go."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from specql_lsp.workspace.discovery import RecentDocuments
from tests.support.effort import times

NAMES = ("a", "b", "c", "d")


def read(recent: RecentDocuments, *paths: Path) -> list[str]:
    """The names under which an entity was read; those that take the place of others are read, too."""
    found: list[str] = []
    pending = list(paths)
    while pending:
        found.extend(uri for uri, document in recent.read([(p, p.name) for p in pending]) if document is not None)
        pending = recent.released()
    return found


def test_the_first_counts_and_the_next_follows(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    a.write_text("entity: A\n")
    b.hardlink_to(a)
    c.symlink_to("a")
    recent = RecentDocuments()
    assert read(recent, a, b, c) == ["a"]
    assert read(recent, b) == []
    a.unlink()
    assert read(recent, a) == ["b"]  # c leads nowhere now
    assert recent.released() == []


def test_a_file_saved_by_way_of_another_is_no_link_any_more(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("entity: A\n")
    b.hardlink_to(a)
    recent = RecentDocuments()
    assert read(recent, a, b) == ["a"]
    (tmp_path / "new").write_text("entity: B\n")
    (tmp_path / "new").replace(a)
    assert sorted(read(recent, a)) == ["a", "b"]


def test_what_is_open_counts(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("entity: A\n")
    b.hardlink_to(a)
    recent = RecentDocuments()
    read(recent, a, b)
    assert recent.claim(b) == a
    assert recent.claim(b) is None
    assert read(recent, a) == []
    assert read(recent, b) == ["b"]
    assert recent.claim(tmp_path / "none") is None


def test_what_has_changed(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    a, b = tmp_path / "x" / "a", tmp_path / "b"
    a.write_text("entity: A\n")
    b.write_text("entity: B\n")
    recent = RecentDocuments()
    read(recent, a, b)
    assert recent.changed([a, b], [tmp_path]) == []
    assert recent.changed([a], [a]) == [a]  # a file that was named is read in any case
    b.write_text("entity: C\n")
    assert recent.changed([a, b], [tmp_path]) == [b]
    assert recent.changed([], [tmp_path / "x"]) == [a]
    assert recent.changed([], [tmp_path / "x-y", tmp_path / "xa"]) == []
    recent.leave(tmp_path / "x")
    assert recent.changed([], [tmp_path]) == [b]


_ACTIONS = ("write", "link", "symlink", "remove", "replace")
_STEP = st.tuples(st.sampled_from(_ACTIONS), st.sampled_from(NAMES), st.sampled_from(NAMES))


@settings(max_examples=times(150), deadline=None)
@given(steps=st.lists(_STEP, max_size=12))
def test_each_file_counts_once_whatever_happens(tmp_path_factory, steps) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("links")
    recent = RecentDocuments()
    counting: set[str] = set()
    for action, name, other in steps:
        path, target = folder / name, folder / other
        if action == "write" and not path.is_symlink():
            path.write_text("entity: A\n")
        elif action == "replace":
            (folder / "new").write_text("entity: A\n")
            (folder / "new").replace(path)
        elif action == "remove":
            path.unlink(missing_ok=True)
        elif action == "link" and not os.path.lexists(path) and target.is_file() and not target.is_symlink():
            path.hardlink_to(target)
        elif action == "symlink" and not os.path.lexists(path) and name != other:
            path.symlink_to(other)
        # What the server does: it looks through the folder, and reads what has changed.
        pending = recent.changed([p for p in (folder / n for n in NAMES) if p.exists()], [folder])
        while pending:
            for uri, document in recent.read([(p, p.name) for p in pending]):
                (counting.discard if document is None else counting.add)(uri)
            pending = recent.released()
        files = {(s.st_dev, s.st_ino) for p in (folder / n for n in NAMES) if p.exists() for s in [p.stat()]}
        counted = [(s.st_dev, s.st_ino) for n in counting for s in [(folder / n).stat()]]
        assert sorted(counted) == sorted(files)
