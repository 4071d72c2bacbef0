"""A home directory or a file system as workspace: the search for entities has an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.config import FilesSettings
from specql_lsp.workspace.discovery import (
    MAX_PATHS,
    TooManyFilesError,
    distinct,
    entity_paths,
    found_entity_paths,
)
from tests.cli.support import run
from tests.e2e.editor import Editor


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_the_search_ends_at_a_number_of_paths(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml", "d.txt"):
        (tmp_path / name).touch()
    settings = FilesSettings()
    assert len(list(entity_paths(tmp_path, settings, max_paths=3))) == 3
    found, notice = found_entity_paths(entity_paths(tmp_path, settings, max_paths=2))
    assert names(found) == ["a.yaml", "b.yaml"]
    assert notice == (
        f"{tmp_path} holds more than 2 YAML files, so that not all are searched for entities: open the project's own "
        "folder, or leave folders out with files.exclude."
    )


def test_the_search_ends_at_a_number_of_names(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for number in range(10):
            (tmp_path / folder / f"{number}.txt").touch()
    (tmp_path / "a.yaml").touch()
    settings = FilesSettings()
    assert names(list(entity_paths(tmp_path, settings, max_names=23))) == ["a.yaml"]
    with pytest.raises(TooManyFilesError, match="more than 22 files and folders"):
        list(entity_paths(tmp_path, settings, max_names=22))
    # What is left out is not counted.
    assert list(entity_paths(tmp_path, FilesSettings(exclude=("two/**",)), max_names=13))


@pytest.mark.slow
async def test_the_server_and_check_say_so(tmp_path: Path) -> None:
    for number in range(MAX_PATHS + 1):
        (tmp_path / f"{number}.yaml").touch()
    (tmp_path / "0.yaml").write_text("entity: A\nentity: A\n")
    done = run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds more than 50,000 YAML files" in done.stderr
    async with Editor(tmp_path) as editor:
        await editor.codes("0.yaml", "duplicate-key")
        await editor.until(
            lambda: any("holds more than 50,000 YAML files" in m.message for m in editor.messages), "a message"
        )


@pytest.mark.parametrize(
    ("beneath", "found"),
    [
        (".", ["a.yaml", "x/b.yaml", "x/y/c.yaml"]),
        ("x", ["x/b.yaml", "x/y/c.yaml"]),
        ("x/y", ["x/y/c.yaml"]),
        ("x/b.yaml", ["x/b.yaml"]),
        ("x/b.txt", []),
        ("x/none.yaml", []),
        ("none", []),
        ("build", []),
        ("build/deep", []),
        ("build/deep/d.yaml", []),
        ("inner", []),
        ("inner/e.yaml", []),
        ("link", []),
        ("a-link.yaml", ["a-link.yaml"]),
    ],
)
def test_a_part_of_a_folder(tmp_path: Path, beneath: str, found: list[str]) -> None:
    for name in ("a.yaml", "x/b.yaml", "x/b.txt", "x/y/c.yaml", "build/deep/d.yaml", "inner/e.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("x", target_is_directory=True)
    if beneath == "a-link.yaml":
        (tmp_path / "a-link.yaml").symlink_to("a.yaml")
    paths = entity_paths(tmp_path, FilesSettings(), beneath=tmp_path / beneath, without=[tmp_path / "inner"])
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == found


def test_distinct(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("x")
    (tmp_path / "c.yaml").hardlink_to(tmp_path / "b.yaml")
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "d.yaml").write_text("x")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    paths = sorted(tmp_path.iterdir())
    assert names(distinct([*paths, *paths])) == ["b.yaml", "d.yaml"]
