"""The package's files as Emacs's own tools judge them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.editors.emacs.emacs import PACKAGE, environment, load_path, program

FILES = ["specql.el", "specql-server.el", "specql-commands.el"]


def _batch(*arguments: str, folder: Path, yaml_mode: bool = True) -> str:
    done = subprocess.run(
        [program(), "-Q", "--batch", *load_path(yaml_mode=yaml_mode), "--directory=.", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment({"HOME": str(folder)}),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_files_are_all_there() -> None:
    assert sorted(path.name for path in PACKAGE.glob("*.el")) == sorted(FILES)


@pytest.mark.parametrize("yaml_mode", [True, False], ids=["yaml-mode", "no yaml-mode"])
def test_they_compile_without_a_warning(tmp_path: Path, yaml_mode: bool) -> None:
    for name in FILES:
        shutil.copy(PACKAGE / name, tmp_path)
    out = _batch(
        "--eval",
        "(setq byte-compile-error-on-warn t)",
        "-f",
        "batch-byte-compile",
        *FILES,
        folder=tmp_path,
        yaml_mode=yaml_mode,
    )
    assert "Warning" not in out
    assert all((tmp_path / f"{name}c").is_file() for name in FILES)


def test_checkdoc_finds_nothing(tmp_path: Path) -> None:
    names = " ".join(f'"{PACKAGE / name}"' for name in FILES)
    assert "el:" not in _batch("--eval", f"(dolist (file '({names})) (checkdoc-file file))", folder=tmp_path)


def test_checkdoc_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "bad.el").write_text("(defun bad ())\n", encoding="utf-8")
    assert "bad.el:" in _batch("--eval", '(checkdoc-file "bad.el")', folder=tmp_path)
